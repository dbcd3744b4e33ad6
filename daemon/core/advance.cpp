#include "daemon/core/advance.hpp"

#include "daemon/core/deciding.hpp"

namespace penstock::core {

Decision advance(const Lane& lane, const Event& event, Time now, const World& world) {
  Deciding deciding(lane, now, world);
  std::visit([&](const auto& fact) { deciding.on(fact); }, event);
  return std::move(deciding).take();
}

Digest findings_digest(const Promotion& promotion, const World& world) {
  return world.digest ? world.digest(findings_text(promotion)) : Digest();
}

}  // namespace penstock::core
