#include "daemon/intake/api_body.hpp"

#include "daemon/core/declared_value.hpp"
#include "daemon/core/json_text.hpp"

namespace penstock::intake {
namespace {

constexpr std::size_t longest_text = 4000;

}  // namespace

core::Problem invalid(std::string message, std::string hint) {
  return {"invalid-document", std::move(message), "", std::move(hint), false};
}

core::Result<nlohmann::json> read_json(std::string_view text) {
  auto document = core::read_json(text);
  if (!document)
    return core::Problem{"invalid-json", "the body cannot be read: " + document.error().message, "",
                         "send one JSON value in UTF-8", false};
  return document;
}

core::Result<nlohmann::json> read_object(std::string_view text, const std::set<std::string>& known) {
  if (text.empty()) return nlohmann::json::object();
  auto document = read_json(text);
  if (!document) return document.error();
  if (!document->is_object()) return invalid("the body must be a JSON object");
  for (const auto& [key, value] : document->items()) {
    if (known.contains(key)) continue;
    const auto meant = core::declared::nearest(key, {known.begin(), known.end()});
    return invalid("unknown key `" + key + "`" + (meant.empty() ? "" : ", did you mean `" + meant + "`?"));
  }
  return document;
}

core::Result<std::string> text_member(const nlohmann::json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::string();
  if (!found->is_string()) return invalid("`" + key + "` must be a text");
  if (found->get_ref<const std::string&>().size() > longest_text)
    return invalid("`" + key + "` is longer than " + std::to_string(longest_text) + " bytes");
  return found->get<std::string>();
}

core::Result<std::string> needed_text(const nlohmann::json& object, const std::string& key, const std::string& hint) {
  auto text = text_member(object, key);
  if (text && text->empty()) return invalid("`" + key + "` is missing", hint);
  return text;
}

core::Result<core::Time> end_of(const nlohmann::json& object, const std::string& what, core::Time now) {
  const auto ends = text_member(object, "ends");
  if (!ends) return ends.error();
  const auto length = text_member(object, "for");
  if (!length) return length.error();
  if (ends->empty() == length->empty())
    return invalid(what + " needs either `ends` or `for`", "say until when, or for how long (72h)");
  if (!ends->empty()) {
    const auto at = core::parse_time(*ends);
    if (!at)
      return invalid("`ends` is `" + ends->substr(0, 40) + "`, needed a time",
                     "write it as 2026-11-21T04:05:06Z (RFC 3339)");
    return *at;
  }
  const auto duration = core::parse_duration(*length);
  if (!duration || *duration > std::chrono::years(10))
    return invalid("`for` is `" + length->substr(0, 40) + "`, needed a duration such as 72h");
  return now + *duration;
}

}  // namespace penstock::intake
