// What a policy would have done to the newest promotions that the journal has: each is decided again by the core.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/engine/policy_shelf.hpp"
#include "daemon/engine/replay.hpp"
#include "daemon/journal/journal.hpp"

namespace penstock::engine {

// One promotion that is told of.
struct Redecided {
  core::PromotionId promotion;
  core::LaneKey lane;
  std::string version;
  CameTo was{};
  std::string was_why;          // as the promotion says it; may be empty
  std::optional<CameTo> would;  // nothing: nobody can tell
  std::string why;
  core::Time at{};  // when it would have come to that
};

struct Simulated {
  int looked_at = 0;  // promotions that had come to something
  int same = 0;
  int different = 0;
  int untold = 0;     // nobody can tell
  int later = 0;      // of the same: delivered all the same, but later, because of a window
  int under_way = 0;  // passed over
  // The newest of them, at most `most_told` each.
  std::vector<Redecided> differing, unknown, postponed;
  // The journal has more, but as many promotions as one simulation reads were read.
  bool stopped_early = false;

  static constexpr std::size_t most_told = 200;
};

class Simulation {
 public:
  struct Parts {
    journal::Journal& journal;
    const core::TimeZones* zones = nullptr;
    std::shared_ptr<const core::People> people{};
    std::shared_ptr<const core::Policy> policy;
    // Whether the policy would be the one that covers this model in its environment.
    std::function<bool(const std::string& model)> covers;
    int last = 0;  // how many promotions are decided again at most, newest first
  };
  explicit Simulation(Parts parts);

  // Decides one page of promotions; blocks for some tens of milliseconds. False when there are no more.
  core::Result<bool> step();
  const Simulated& result() const { return result_; }

 private:
  void redecide(const core::Promotion& stored);
  const GateMatches& matches_of(const core::Promotion& stored, const core::Policy& policy);

  Parts parts_;
  std::shared_ptr<const core::Policy> forward_, back_;
  PolicyShelf shelf_;
  std::map<core::Digest, GateMatches> forward_matches_, back_matches_;
  std::string after_;
  int read_ = 0;
  Simulated result_;
};

}  // namespace penstock::engine
