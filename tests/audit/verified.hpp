// What the verification says of a small log.
#pragma once

#include "daemon/audit/verify.hpp"
#include "tests/audit/log.hpp"

namespace penstock::audit::testing {

inline Report checked(const fs::path& folder) { return verify(folder, signer().verifier()); }

inline std::string told(const Report& report) {
  std::string text;
  for (const auto& fault : report.faults) text += fault.where + ": " + fault.what + "\n";
  return text;
}

}  // namespace penstock::audit::testing
