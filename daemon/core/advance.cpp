#include "daemon/core/advance.hpp"

#include "daemon/core/deciding.hpp"

namespace penstock::core {

Decision advance(const Lane& lane, const Event& event, Time now) {
  Deciding deciding(lane, now);
  std::visit([&](const auto& fact) { deciding.on(fact); }, event);
  return std::move(deciding).take();
}

}  // namespace penstock::core
