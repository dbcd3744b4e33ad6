#include "daemon/core/break_glass.hpp"

#include <nlohmann/json.hpp>

namespace penstock::core {
namespace {

using nlohmann::json;

Time time_at(const json& document, const char* key) { return parse_time(document.at(key).get<std::string>()).value(); }
Duration duration_at(const json& document, const char* key) {
  return parse_duration(document.at(key).get<std::string>()).value();
}

}  // namespace

json to_json(const BreakGlassSpec& spec) {
  auto skips = json::array();
  for (const auto skip : spec.skips) skips.push_back(name_of(skip));
  return {{"group", spec.group},        {"gates", spec.gates},         {"skip", std::move(skips)},
          {"for", to_text(spec.lasts)}, {"reviewers", spec.reviewers}, {"review_within", to_text(spec.review)}};
}

BreakGlassSpec break_glass_spec_from_json(const json& document) {
  BreakGlassSpec spec;
  spec.group = document.at("group");
  spec.gates = document.at("gates").get<std::vector<std::string>>();
  for (const auto& skip : document.at("skip"))
    spec.skips.push_back(value_of<Dispensable>(skip.get<std::string>()).value());
  spec.lasts = duration_at(document, "for");
  spec.reviewers = document.at("reviewers");
  spec.review = duration_at(document, "review_within");
  return spec;
}

json to_json(const BreakGlass& glass) {
  json document{{"asked_by", glass.asked_by},
                {"reason", glass.reason},
                {"asked_at", to_text(glass.asked_at)},
                {"until", to_text(glass.until)}};
  if (!glass.confirmed_by.empty()) document["confirmed_by"] = glass.confirmed_by;
  if (!glass.skipped.empty()) document["skipped"] = glass.skipped;
  return document;
}

BreakGlass break_glass_from_json(const json& document) {
  return {document.at("asked_by"),    document.value("confirmed_by", ""),
          document.at("reason"),      time_at(document, "asked_at"),
          time_at(document, "until"), document.value("skipped", std::vector<std::string>{})};
}

json to_json(const Review& review) {
  return {{"promotion", review.promotion}, {"version", review.version}, {"broken_by", review.broken_by},
          {"reason", review.reason},       {"group", review.group},     {"since", to_text(review.since)},
          {"due", to_text(review.due)}};
}

Review review_from_json(const json& document) {
  return {document.at("promotion"), document.at("version"), document.at("broken_by").get<std::vector<std::string>>(),
          document.at("reason"),    document.at("group"),   time_at(document, "since"),
          time_at(document, "due")};
}

}  // namespace penstock::core
