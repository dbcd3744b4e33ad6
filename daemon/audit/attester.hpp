// Attests what was decided: one file `attestations/<promotion>.json` in the log's folder, written once. A thread of its
// own looks at the journalled entries one after another, so that nothing has to be asked for; nobody waits for it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "daemon/audit/dsse.hpp"
#include "daemon/audit/folder.hpp"
#include "daemon/audit/record.hpp"

namespace penstock::audit {

// Below the log's folder.
constexpr const char* attestations_folder = "attestations";

class Attester {
 public:
  struct Parts {
    journal::Journal& journal;
    std::filesystem::path folder;  // the log's
    Signer signer;
    // Between two rounds, so that the disk is left to those who decide; a round attests at most `at_once` promotions.
    std::chrono::milliseconds pause = std::chrono::milliseconds(100);
    int at_once = 16;
    // Looks after this long although nobody called: another daemon may write the same journal.
    std::chrono::milliseconds idle = std::chrono::milliseconds(1000);
    // How many entries the log's newest checkpoint covers: no attestation is kept that is about a later one, so that
    // one which is says that the log was cut short. Called from several threads. Without it all are covered.
    std::function<std::uint64_t()> published{};
  };
  // Makes the folder. Problems "audit-in-use", "audit-failed"; those of the journal.
  static core::Result<std::unique_ptr<Attester>> open(Parts parts);
  // Ends after the round that is under way; what is left is gone on with after the next start.
  ~Attester();

  // There may be more published entries. Safe from any thread, and never blocks for long.
  void wake();
  // The envelope of a promotion's attestation, byte for byte as it is kept; made when it was not yet, and kept where
  // the log's newest checkpoint covers the deciding entry. Blocks; safe from any thread. Problems: "unknown-promotion",
  // "not-decided", "not-in-log"; "audit-damaged" when what is kept is not what was signed; "audit-failed"; those of the
  // journal.
  core::Result<std::string> attestation(const core::PromotionId& promotion);
  // The envelope of another statement that this daemon makes.
  std::string sealed(const nlohmann::json& statement) const;
  const Verifier& verifier() const { return parts_.signer.verifier(); }
  // How many entries have been looked at.
  std::uint64_t looked_at() const;

 private:
  Attester(Parts parts, Folder folder);
  core::Result<std::optional<std::string>> kept(const core::PromotionId& promotion) const;
  core::Result<void> load();
  std::uint64_t published() const;
  core::Result<std::string> attest(const core::PromotionId& promotion);
  void serve();
  // One round; true when there is more.
  core::Result<bool> look();
  core::Result<void> tell(const core::Result<std::string>& attested, const core::PromotionId& promotion);

  Parts parts_;
  mutable std::mutex folder_mutex_;  // one writes at a time
  Folder folder_;
  mutable std::mutex mutex_;
  std::condition_variable called_;
  bool woken_ = true;
  bool stopping_ = false;
  std::uint64_t next_ = 0;
  std::thread thread_;
};

}  // namespace penstock::audit
