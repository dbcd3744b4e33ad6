#include "plugins/gates/data_contract/worker/date_format.hpp"

#include <map>

namespace penstock::gates::data_contract::worker {
namespace {

void add_literal(char c, DateFormat& format) {
  if (c == '%') format.strptime += '%';
  format.strptime += c;
  if (std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos) format.shape += '\\';
  format.shape += c;
}

}  // namespace

std::optional<DateFormat> translate_date_format(const std::string& pattern) {
  // The JDK reads as many digits as there are letters (one letter: as many as there are).
  static const std::map<std::string, DateFormat> fields{
      {"yyyy", {"%Y", "[0-9]{4}"}},  {"uuuu", {"%Y", "[0-9]{4}"}},   {"yy", {"%y", "[0-9]{2}"}},
      {"MM", {"%m", "[0-9]{2}"}},    {"M", {"%m", "[0-9]{1,2}"}},    {"MMM", {"%b", "[A-Za-z]{3}"}},
      {"MMMM", {"%B", "[A-Za-z]+"}}, {"dd", {"%d", "[0-9]{2}"}},     {"d", {"%d", "[0-9]{1,2}"}},
      {"HH", {"%H", "[0-9]{2}"}},    {"H", {"%H", "[0-9]{1,2}"}},    {"hh", {"%I", "[0-9]{2}"}},
      {"h", {"%I", "[0-9]{1,2}"}},   {"mm", {"%M", "[0-9]{2}"}},     {"ss", {"%S", "[0-9]{2}"}},
      {"SSS", {"%g", "[0-9]{3}"}},   {"SSSSSS", {"%f", "[0-9]{6}"}}, {"a", {"%p", "[AaPp][Mm]"}}};
  DateFormat format;
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c == '\'') {
      const auto end = pattern.find('\'', at + 1);
      if (end == std::string::npos) return std::nullopt;
      if (end == at + 1) add_literal('\'', format);
      for (auto i = at + 1; i < end; ++i) add_literal(pattern[i], format);
      at = end + 1;
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      auto end = pattern.find_first_not_of(c, at);
      if (end == std::string::npos) end = pattern.size();
      const auto field = fields.find(pattern.substr(at, end - at));
      if (field == fields.end()) return std::nullopt;
      format.strptime += field->second.strptime;
      format.shape += field->second.shape;
      at = end;
    } else if (std::string_view("[]{}#%").find(c) != std::string_view::npos || c < ' ' || c > '~') {
      return std::nullopt;  // optional sections and what the JDK keeps for itself
    } else {
      add_literal(c, format);
      ++at;
    }
  }
  if (format.strptime.find('%') == std::string::npos) return std::nullopt;
  return format;
}

}  // namespace penstock::gates::data_contract::worker
