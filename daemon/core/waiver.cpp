#include "daemon/core/waiver.hpp"

#include <algorithm>

namespace penstock::core {
namespace {

// A gate sets nothing aside: people do, by waivers.
bool is_open(const Detail& detail) { return detail.verdict != Verdict::passed; }

// Whether it lets this promotion's gate pass, as far as one rule is concerned; the whole gate for the empty rule.
bool covers(const Waiver& waiver, const Promotion& promotion, const Check& check, const std::string& rule, Time now) {
  if (waiver.granter.empty() || waiver.ends <= now || waiver.gate != check.gate) return false;
  if (!waiver.rule.empty() && waiver.rule != rule) return false;
  return waiver.versions.empty() ? waiver.candidate == promotion.candidate
                                 : glob_match(waiver.versions, promotion.version);
}

}  // namespace

std::vector<const Waiver*> waivers_of(const LaneState& state, const Promotion& promotion, const Check& check,
                                      Time now) {
  if (!check.finding || check.finding->verdict == Verdict::passed) return {};
  std::vector<const Detail*> open;
  for (const auto& detail : check.finding->details) {
    if (!is_open(detail)) continue;
    if (detail.never_waivable) return {};
    open.push_back(&detail);
  }
  const auto helps = [&](const Waiver& waiver, const std::string& rule) {
    return covers(waiver, promotion, check, rule, now);
  };
  const auto is_covered = [&](const std::string& rule) {
    return std::any_of(state.waivers.begin(), state.waivers.end(),
                       [&](const Waiver& waiver) { return helps(waiver, rule); });
  };
  const bool whole = is_covered("");
  if (!whole && (open.empty() || !std::all_of(open.begin(), open.end(),
                                              [&](const Detail* detail) { return is_covered(detail->rule); })))
    return {};
  std::vector<const Waiver*> helping;
  for (const auto& waiver : state.waivers)
    if (helps(waiver, "") ||
        std::any_of(open.begin(), open.end(), [&](const Detail* detail) { return helps(waiver, detail->rule); }))
      helping.push_back(&waiver);
  return helping;
}

}  // namespace penstock::core
