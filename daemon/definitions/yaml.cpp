#include "daemon/definitions/yaml.hpp"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

#include "daemon/definitions/yaml_builder.hpp"
#include "daemon/definitions/yaml_text.hpp"

namespace penstock::definitions {
namespace {

// The parser's words, with what most likely happened.
std::string explain(const std::string& message, std::string_view line) {
  if (line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos)
    return "not YAML: " + message + " (a tab indents here; use spaces)";
  if (message == YAML::ErrorMsg::MAP_VALUE)
    return "not YAML: " + message + " (is the indentation right? a text that holds `: ` needs quotes)";
  if (message == YAML::ErrorMsg::UNKNOWN_TOKEN)
    return "not YAML: " + message + " (a text that begins with `@`, `%` or a backquote needs quotes)";
  if (message == YAML::ErrorMsg::DOC_IN_SCALAR) return "not YAML: a quotation is not closed";
  return "not YAML: " + message;
}

}  // namespace

std::vector<core::declared::Value> read_yaml(std::string_view text, core::declared::Faults& faults,
                                             const YamlLimits& limits) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const Positions positions(text.size() <= limits.bytes ? text : std::string_view());
  if (!check_text(text, limits.bytes, positions, faults)) return {};

  const auto before = faults.size();
  // The parser takes the end of the text for the end of an open quotation; the end of a document it does not.
  const auto guarded = std::string(text) + (text.ends_with('\n') ? "" : "\n") + "...\n";
  const auto guard_line = static_cast<int>(std::count(guarded.begin(), guarded.end(), '\n')) - 1;
  YamlBuilder builder(limits, positions, guard_line, faults);
  try {
    std::istringstream stream{guarded};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const StopReading&) {
    // The fault is recorded.
  } catch (const YAML::Exception& error) {
    // What was found before rests on guesses of the parser about a structure that is broken.
    faults.resize(before);
    faults.push_back({builder.mark_of(error.mark), "", explain(error.msg, positions.line(error.mark.line))});
  }
  return builder.take();
}

}  // namespace penstock::definitions
