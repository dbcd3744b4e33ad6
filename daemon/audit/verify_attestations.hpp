// Whether the attestations that a log keeps are what its key has sealed, each about the promotion that its name says,
// and about the entry that decided it; and whether some are missing. Internal to verify().
#pragma once

#include <filesystem>
#include <map>
#include <set>

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
  // Behind the last entry. `newest`: how many the log's checkpoint covers by now. Nothing is attested before its entry
  // is covered, so an attestation beyond that is a fault.
  void finish(std::uint64_t newest);

 private:
  std::filesystem::path folder_;
  const Verifier& verifier_;
  Report& report_;
  Faults& faults_;
  void compare(const Attested& attested, std::uint64_t index, const nlohmann::json& entry);

  std::multimap<std::uint64_t, Attested> by_entry_;  // that were not compared yet
  std::set<core::PromotionId> attested_;
  std::set<core::PromotionId> unattested_;  // decided
  std::string first_unattested_;
};

}  // namespace penstock::audit
