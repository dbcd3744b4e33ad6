// Changes of what is live, and spans, as tests write them.
#pragma once

#include "tests/journal/rows.hpp"

namespace penstock::journal::testing {

inline LiveChange began(std::string promotion, std::uint64_t candidate, std::int64_t time) {
  return {std::move(promotion), digest(candidate), "7", at(time), std::nullopt};
}

inline LiveChange ended(std::string promotion, std::int64_t time) {
  return {std::move(promotion), {}, "", std::nullopt, at(time)};
}

// A decision of nothing else.
inline Write changing(std::vector<LiveChange> changes, std::int64_t version, const core::LaneKey& lane = fraud) {
  Write write;
  write.lane = lane;
  write.expected_version = version;
  write.live_changes = std::move(changes);
  return write;
}

// prm_1 to prm_3 with the candidates 1 to 3; the lane is at version 3 then.
template <class Given>
void open_three(Given& given) {
  for (std::uint64_t i = 1; i <= 3; ++i)
    given.kept(opening("prm_" + std::to_string(i), i, static_cast<std::int64_t>(i - 1)));
}

// "prm_2[200,) prm_1[100,200) "
inline std::string text(const std::vector<LiveSpan>& spans) {
  const auto since_start = [](Time time) { return std::to_string((time - at(0)).count()); };
  std::string said;
  for (const auto& span : spans)
    said += span.promotion + "[" + since_start(span.since) + "," + (span.until ? since_start(*span.until) : "") + ") ";
  return said;
}
inline std::string text(const core::Result<std::vector<LiveSpan>>& spans) { return text(spans.value()); }

}  // namespace penstock::journal::testing
