// What a case is made of: policies, people, and what happens, so that it can be played again with parts left out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/core/advance.hpp"

namespace penstock::property {

using namespace penstock::core;

// A person is in these groups from now on; nothing: is not known any more.
struct PersonMoved {
  std::string person;
  std::optional<std::vector<std::string>> groups;
};
// The lane is covered by this policy of the case from now on. Promotions keep theirs.
struct PolicyReloaded {
  std::size_t policy = 0;
};

// One thing that happens. Times are absolute, so that the others keep theirs when one is left out.
struct Step {
  Time at{};
  std::variant<Event, PersonMoved, PolicyReloaded> what;
  // The promotion that the decision itself may open.
  PromotionId fresh;
  // Of an approval: it is given for the findings as they stand at that moment.
  bool for_what_is_there = false;
};

struct Case {
  std::uint64_t seed = 0;
  std::vector<std::shared_ptr<const Policy>> policies;  // the first is in force at the beginning
  People people;
  bool people_are_known = true;  // whether the core is told who is in which group
  int places = 1;                // of the semaphore that some policies name
  Time begins{};
  std::vector<Step> steps;
  std::uint64_t salt = 0;  // decides what gates and receivers answer once the case is left to itself
};

inline const LaneKey the_lane{"fraud-eu", "production"};
inline constexpr const char* the_semaphore = "tier-1";

// Tells texts apart, which is all that the core asks of a digest.
Digest digest_of_text(std::string_view text);
// The digest of the candidate that is named by a letter.
Digest candidate_of(char letter);

// For people: one line each.
std::string told(const Step& step);
std::string told(const Lane& lane);

}  // namespace penstock::property
