#include "daemon/notice/errand.hpp"

#include "daemon/core/codec.hpp"

namespace penstock::notice {

using nlohmann::json;

journal::OutboxRow row_of(const Errand& errand, const core::Notify& command, const journal::OutboxRow& notice) {
  auto document = json::parse(core::encode(command));
  document["errand"] = {{"endpoint", errand.endpoint}, {"came_up", core::to_text(errand.came_up)}};
  journal::OutboxRow row;
  row.key = core::key_of(command) + "@" + errand.endpoint;
  row.kind = "notify/" + errand.endpoint;
  row.lane = notice.lane;
  row.promotion = notice.promotion;
  row.due = notice.due;
  row.document = document.dump();
  return row;
}

std::optional<Errand> errand_of(const journal::OutboxRow& row) {
  const auto document = json::parse(row.document, nullptr, false);
  if (!document.is_object() || !document.contains("errand")) return std::nullopt;
  const auto& errand = document["errand"];
  const auto came_up = core::parse_time(errand.value("came_up", ""));
  return Errand{errand.value("endpoint", ""), came_up.value_or(row.due)};
}

}  // namespace penstock::notice
