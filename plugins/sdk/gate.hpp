// What a gate is to Penstock: a question about one candidate in one lane, answered with a finding.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "daemon/core/candidate.hpp"
#include "daemon/core/verdict.hpp"
#include "plugins/sdk/tools.hpp"

namespace penstock::sdk {

// What is live in the lane now, for gates that compare or that prove the way back.
struct LiveCandidate {
  core::PromotionId promotion;
  core::CandidateId id;
  core::Candidate candidate;
  core::Time since{};
};

struct GateRequest {
  core::PromotionId promotion;
  core::LaneKey lane;
  core::CandidateId candidate_id;
  core::Candidate candidate;
  std::optional<LiveCandidate> live;
  std::string gate;  // its name in the policy
  int attempt = 1;
  core::Time deadline;  // tools stop by then; what the gate itself computes must be bounded too
};

// A document to keep with the finding. At most 8 MiB; a larger one is refused and the check is errored.
struct Evidence {
  std::string name;
  std::string media_type;
  std::string content;
};

// `finding.at` and `finding.evidence` are filled in by Penstock.
struct GateAnswer {
  core::Finding finding;
  std::vector<Evidence> evidence;
};

// A configured gate, made once per load of the definitions and called from many threads at once: it holds
// configuration only. check() blocks its thread; a Problem means "could not find out" and becomes `errored`.
class Gate {
 public:
  virtual ~Gate() = default;
  virtual core::Result<GateAnswer> check(const GateRequest& request, Tools& tools) const = 0;
};

}  // namespace penstock::sdk
