// What must be true after everything that happens, whatever the policy and the order.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "tests/property/ledger.hpp"
#include "tests/property/outbox.hpp"

namespace penstock::property {

// One decision: what it was made of, and what came of it.
struct Instant {
  const Lane& before;
  const Event& event;
  Time now;
  const World& world;
  const Decision& decision;
  const Ledger& ledger;  // the decision is noted in it, and not followed yet
  const Outbox& outbox;  // after the decision
  bool is_sampled;       // what takes long is looked at as well
  const Lane& after() const { return decision.lane; }
};

struct Failure {
  std::string property;
  std::string seen;
};

struct Property {
  const char* name;
  // What was seen that must not be; nothing when all is well.
  std::optional<std::string> (*broken)(const Instant& instant);
};

std::span<const Property> properties_of_lanes();
std::span<const Property> properties_of_deliveries();
std::span<const Property> properties_of_people();
std::span<const Property> properties_of_waits();
std::span<const Property> properties_of_storage();
std::span<const Property> properties_of_acknowledgements();
// Of a lane and the lane of all lanes, after any decision of either.
std::optional<Failure> broken_places(const Lane& lane, const Lane& every, int limit);

}  // namespace penstock::property
