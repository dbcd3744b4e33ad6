#include "daemon/intake/api_page.hpp"

#include <charconv>

#include "daemon/runtime/digest.hpp"

namespace penstock::intake {
namespace {

constexpr int most = 500;

core::Problem invalid_query(std::string message, std::string hint) {
  return {"invalid-request", std::move(message), "", std::move(hint), false};
}

std::string cursor_of(const std::string& list, const std::string& after) { return runtime::hex(list + ":" + after); }

}  // namespace

std::string query_value(const Request& request, const std::string& key) {
  const auto found = request.query.find(key);
  return found == request.query.end() ? std::string() : found->second;
}

core::Result<Page> read_page(const Request& request, const std::string& list) {
  Page page;
  if (const auto text = query_value(request, "limit"); !text.empty()) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), page.limit);
    if (error != std::errc() || end != text.data() + text.size() || page.limit < 1 || page.limit > most)
      return invalid_query("limit is `" + text.substr(0, 40) + "`, needed 1 to " + std::to_string(most), "");
  }
  if (const auto cursor = query_value(request, "cursor"); !cursor.empty()) {
    const auto text = cursor.size() > 2000 ? std::nullopt : runtime::from_hex(cursor);
    if (!text || !text->starts_with(list + ":"))
      return invalid_query("the cursor is not one of this list",
                           "use the `next` of the page before, or leave it out to start anew");
    page.after = text->substr(list.size() + 1);
  }
  return page;
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += digits[byte >> 4U];
      encoded += digits[byte & 15U];
    }
  }
  return encoded;
}

void add_next(Response& response, nlohmann::json& document, const Request& request, const std::string& list,
              const std::string& after) {
  const auto cursor = cursor_of(list, after);
  std::string query;
  for (const auto& [key, value] : request.query)
    if (key != "cursor") query += percent_encoded(key) + "=" + percent_encoded(value) + "&";
  response.headers.emplace_back("Link", "<" + request.path + "?" + query + "cursor=" + cursor + ">; rel=\"next\"");
  document["next"] = cursor;
}

QueryParameter limit_parameter() {
  return {"limit", "How many at most.", {{"type", "integer"}, {"minimum", 1}, {"maximum", most}, {"default", 50}}};
}
QueryParameter cursor_parameter() { return {"cursor", "The `next` of the page before."}; }

}  // namespace penstock::intake
