#include "daemon/audit/html.hpp"

#include "daemon/runtime/utf8.hpp"

namespace penstock::audit {
namespace {

constexpr std::string_view unknown = "\uFFFD";

std::string attribute(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return " " + std::string(name) + "=\"" + escaped_html(value) + "\"";
}

}  // namespace

std::string escaped_html(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  while (!text.empty()) {
    const auto [bytes, is_harmless] = runtime::first_character(text);
    text.remove_prefix(bytes.size());
    const char c = bytes.front();
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (c == '"')
      escaped += "&quot;";
    else if (c == '\'')
      escaped += "&#39;";
    else if (is_harmless || c == '\n' || c == '\t')
      escaped += bytes;
    else
      escaped += unknown;
  }
  return escaped;
}

Html& Html::text(std::string_view content) { return raw(escaped_html(content)); }

Html& Html::open(std::string_view name, std::string_view classes) {
  html_ += "<" + std::string(name) + attribute("class", classes) + ">";
  return *this;
}

Html& Html::close(std::string_view name) {
  html_ += "</" + std::string(name) + ">\n";
  return *this;
}

Html& Html::element(std::string_view name, std::string_view content, std::string_view classes) {
  return open(name, classes).text(content).close(name);
}

Html& Html::link(const std::string& path, std::string_view content) {
  html_ += "<a" + attribute("href", path) + ">" + escaped_html(content) + "</a>";
  return *this;
}

Html& Html::facts(const std::vector<Fact>& rows) {
  open("dl");
  for (const auto& row : rows) {
    if (row.value.empty()) continue;
    element("dt", row.name);
    element("dd", row.value, row.is_code ? "code" : "");
  }
  return close("dl");
}

Html& Html::table(std::initializer_list<std::string_view> headings, const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return *this;
  open("table").open("thead").open("tr");
  for (const auto heading : headings) element("th", heading);
  close("tr").close("thead").open("tbody");
  for (const auto& row : rows) {
    open("tr");
    for (const auto& cell : row) element("td", cell);
    close("tr");
  }
  return close("tbody").close("table");
}

Html& Html::raw(std::string_view html) {
  html_ += html;
  return *this;
}

}  // namespace penstock::audit
