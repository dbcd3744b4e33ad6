#include "plugins/gates/security_signoff/json_document.hpp"

#include <set>
#include <vector>

namespace penstock::gates::security {

std::optional<nlohmann::json> read_json(std::string_view text, int max_depth) {
  std::vector<std::set<std::string>> open_objects;
  bool is_refused = false;
  // Once refused, everything is discarded, so that a hostile document costs no memory.
  const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > max_depth) is_refused = true;
    if (event == Event::object_start) open_objects.emplace_back();
    if (event == Event::object_end && !open_objects.empty()) open_objects.pop_back();
    if (event == Event::key && !is_refused && !open_objects.empty() &&
        !open_objects.back().insert(parsed.get<std::string>()).second)
      is_refused = true;
    return !is_refused;
  };
  auto document = nlohmann::json::parse(text.begin(), text.end(), watch, false);
  if (is_refused || document.is_discarded()) return std::nullopt;
  return document;
}

}  // namespace penstock::gates::security
