// Whether a dossier is what was signed, and says what was signed: with nothing but its folder and the log's public key.
#pragma once

#include <filesystem>
#include <map>

#include "daemon/audit/dossier.hpp"
#include "daemon/audit/verify_faults.hpp"

namespace penstock::audit {

struct DossierReport {
  std::string promotion, result, phase, decided_at, written;
  std::size_t files = 0;
  std::size_t entries = 0;     // of the log, with a proof that holds
  std::uint64_t left_out = 0;  // entries about the promotion that it says it does not tell
  Checkpoint checkpoint;
  std::vector<Fault> faults;  // none: everything is as it was signed
  bool good() const { return faults.empty(); }
};

// Reads every file that has the length it should have. Of each fault it tells the file, inside a file with lines or
// entries which one, what was observed and what was needed. Never follows a link and never opens a socket. Keeps at
// most 128 MiB of the files, whatever the folder holds.
DossierReport verify_dossier(const std::filesystem::path& folder, const Verifier& verifier);

// What the files say, once they are those that were signed: the attestation fits candidate, policy and findings, every
// event has its entry, every entry is in the log, and all evidence is there. Internal to verify_dossier().
class DossierContent {
 public:
  DossierContent(const std::map<std::string, std::string>& texts, const Verifier& verifier, DossierReport& report,
                 Faults& faults)
      : texts_(texts), verifier_(verifier), report_(report), faults_(faults) {}
  void check();
  // The files whose texts are needed for that; of all others it is enough that they are listed.
  static bool reads(const std::string& path);
  // Those that are needed to tell where a change is.
  static bool locates_by(const std::string& path);
  // Where in these files the change is, as far as the others tell.
  void locate_in_events();
  void locate_in_proofs();

 private:
  void fault(std::string where, std::string what) { faults_.add(std::move(where), std::move(what)); }
  const std::string& text(const char* path) const;
  nlohmann::json document(const char* path);
  bool read_checkpoint();
  bool read_record();
  void check_attestation();
  void check_documents();
  void check_evidence(const nlohmann::json& findings);

  const std::map<std::string, std::string>& texts_;
  const Verifier& verifier_;
  DossierReport& report_;
  Faults& faults_;
  Record record_;
};

}  // namespace penstock::audit
