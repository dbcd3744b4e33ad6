// From a scan's report to the gate's answer: the verdict, the rules that were met or broken, and the evidence.
#pragma once

#include "plugins/gates/security_signoff/report.hpp"
#include "plugins/sdk/gate.hpp"

namespace penstock::gates::security {

// Under which terms the scan was made; they belong into the evidence.
struct SignoffTerms {
  struct Vouched {
    std::string module;
    std::string name;
    std::string reason;
  };
  core::Digest allow_list_digest;
  std::vector<Vouched> allowed;
  bool allow_code = false;
};

// Clean passes; warn is inconclusive: a person has to say whether it is meant; unknown and unsafe fail. An artifact
// without files, or with files that were not looked at, fails.
sdk::GateAnswer answer_of(const Report& report, const core::Candidate& candidate, const SignoffTerms& terms);
sdk::GateAnswer answer_without_artifact();
sdk::GateAnswer answer_of_mismatch(const core::Candidate& candidate, const core::Problem& mismatch);

}  // namespace penstock::gates::security
