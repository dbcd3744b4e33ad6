// One stored promotion decided again under another policy, by the core itself: what was found and given then is told to
// it in the order of time.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "daemon/core/advance.hpp"

namespace penstock::engine {

// How a promotion came out, as far as decisions go: what deliveries and watches did afterwards is not decided again.
enum class CameTo {
  delivered,          // its deliveries began
  rejected,           // by its gates, or by a person
  expired,            // a wait was over
  superseded,         // by another candidate
  withdrawn,          // by whoever wanted it
  vetoed,             // by a person, for good
  held,               // a person would have had to decide; only of what is decided again
  awaiting_approval,  // with all approvals that were given; only of what is decided again
};

}  // namespace penstock::engine

template <>
struct penstock::core::EnumNames<penstock::engine::CameTo> {
  using CameTo = penstock::engine::CameTo;
  static constexpr std::array<std::pair<CameTo, const char*>, 8> names{
      {{CameTo::delivered, "delivered"},
       {CameTo::rejected, "rejected"},
       {CameTo::expired, "expired"},
       {CameTo::superseded, "superseded"},
       {CameTo::withdrawn, "withdrawn"},
       {CameTo::vetoed, "vetoed"},
       {CameTo::held, "held"},
       {CameTo::awaiting_approval, "awaiting_approval"}}};
};

namespace penstock::engine {

// Nothing while it is under way.
std::optional<CameTo> came_to(const core::Promotion& promotion);

// Which stored answers are answers to a policy's gates: those of the gate of the same name, or of one that has another
// name now, but only where it was asked the very same: kind and settings.
class GateMatches {
 public:
  GateMatches(const core::Policy& stored, const core::Policy& now);
  // The name under which the gate was asked; nullptr when it was not.
  const std::string* asked_as(const std::string& gate) const;
  // "`scan` was never asked", "`scan` was asked with other settings".
  std::string why_not(const std::string& gate) const;

 private:
  std::map<std::string, std::string> asked_as_;
  std::map<std::string, std::string> why_not_;
};

struct ReplayRules {
  // Without reminders, which decide nothing.
  std::shared_ptr<const core::Policy> policy;
  const GateMatches& matches;  // of the stored promotion's policy and this one
  const core::TimeZones* zones = nullptr;
  // Who is in which group now: for the rejections and vetoes of people, of whom no groups are kept. Of whoever is not
  // in it, what they were allowed then is taken to be allowed.
  const core::People* people = nullptr;
};

struct Replayed {
  // Nothing: nobody can tell, see `why`.
  std::optional<CameTo> came_to;
  std::string why;
  core::Time at{};  // when it came to that
  bool waited_for_window = false;
};

// `stored` has come to something. Each is decided as if it were alone: what other promotions of its lane did to it
// (superseding, waiting for its turn) is taken as it was. Approvals are given as long after they are asked for as they
// were then; those that counted no more at the end are not given. A held promotion is retried when it was. The stored
// policy's windows and stops are forgotten, those of the new one hold.
Replayed replay(const core::Promotion& stored, const ReplayRules& rules);

}  // namespace penstock::engine
