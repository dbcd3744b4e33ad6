// Makes journalled entries into tiles and a fresh checkpoint, shortly after they were journalled. A thread of its own:
// nobody waits for it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "daemon/audit/log_writer.hpp"
#include "daemon/journal/journal.hpp"

namespace penstock::audit {

struct PublisherState {
  std::uint64_t published = 0;  // entries that the newest checkpoint covers
  // Why nothing is published at the moment; empty when all is well.
  core::Problem problem{};
  bool refused = false;  // for good: the files and the journal disagree
};

class Publisher {
 public:
  struct Parts {
    journal::Journal& journal;
    std::filesystem::path folder;
    Signer signer;
    // At least this much between two checkpoints, so that entries come in batches.
    std::chrono::milliseconds pause = std::chrono::milliseconds(100);
    // Looks after this long although nobody called: another daemon may write the same journal.
    std::chrono::milliseconds idle = std::chrono::milliseconds(1000);
    std::chrono::milliseconds between_kept = std::chrono::milliseconds(1000);
    // Called on the publisher's thread when there is a new checkpoint, and once at the beginning.
    std::function<void()> published{};
  };
  // Compares the files with the journal before anything is written, and publishes what is there. Problems of LogWriter,
  // "audit-differs" when the two disagree (nothing is changed then), journal problems. Blocks.
  static core::Result<std::unique_ptr<Publisher>> open(Parts parts);
  // Publishes what is journalled, keeps the last checkpoint, and ends.
  ~Publisher();

  // There may be new entries. Safe from any thread, and never blocks for long.
  void wake();
  // Keeps a cosignature that was verified, as LogWriter::keep_cosignature(), soon. Safe from any thread.
  struct Cosigned {
    std::string file, note, line;
  };
  void keep(Cosigned cosigned);
  PublisherState state() const;
  const std::filesystem::path& folder() const { return parts_.folder; }
  const Verifier& verifier() const { return verifier_; }

 private:
  Publisher(Parts parts, LogWriter writer);
  core::Result<void> compare();
  void serve();
  // Everything that is journalled by now.
  core::Result<void> publish_all();
  core::Result<void> keep_cosigned();
  void tell(const core::Result<void>& done);

  Parts parts_;
  Verifier verifier_;
  LogWriter writer_;
  std::chrono::steady_clock::time_point kept_at_{};
  mutable std::mutex mutex_;
  std::condition_variable called_;
  bool woken_ = true;
  bool stopping_ = false;
  std::vector<Cosigned> cosigned_;
  PublisherState state_;
  std::thread thread_;
};

}  // namespace penstock::audit
