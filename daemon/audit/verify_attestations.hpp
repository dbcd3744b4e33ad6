// Whether the attestations that a log keeps are what its key has sealed, each about the promotion that its name says,
// and about the entry that decided it. Internal to verify().
#pragma once

#include <filesystem>
#include <map>

#include "daemon/audit/attestation.hpp"
#include "daemon/audit/verify_faults.hpp"

namespace penstock::audit {

class Attestations {
 public:
  // `report` knows the checkpoint before anything is read.
  Attestations(std::filesystem::path folder, const Verifier& verifier, Report& report, Faults& faults)
      : folder_(std::move(folder)), verifier_(verifier), report_(report), faults_(faults) {}

  // A file below `attestations`, by its path in the log's folder.
  void read(const std::string& path);
  // Those about this entry, which is as it was signed.
  void compare(std::uint64_t index, std::string_view entry);

 private:
  std::filesystem::path folder_;
  const Verifier& verifier_;
  Report& report_;
  Faults& faults_;
  std::multimap<std::uint64_t, Attested> by_entry_;
};

}  // namespace penstock::audit
