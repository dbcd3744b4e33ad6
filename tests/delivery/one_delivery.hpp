// A policy that delivers once, and what comes of it.
#pragma once

#include "tests/daemon/performing_world.hpp"

inline const penstock::core::Problem busy{"receiver-refused", "the receiver answered 503", "serving",
                                          "ask whoever runs it", true};

inline penstock::core::DeliverySpec delivery_spec(const std::string& name, const std::string& kind) {
  penstock::core::DeliverySpec spec;
  spec.name = name;
  spec.kind = kind;
  return spec;
}

inline void one_delivery(penstock::PerformingWorld& world, const std::string& kind = "one") {
  world.policy.deliveries = {delivery_spec("serving", kind)};
}

inline penstock::core::Deliver deliver(const penstock::core::PromotionId& id, penstock::core::Time deadline) {
  return {id, "serving", 1, deadline};
}

inline penstock::core::Held held(const penstock::core::Promotion& promotion) {
  return std::get<penstock::core::Held>(promotion.phase);
}
