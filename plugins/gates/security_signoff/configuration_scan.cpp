#include "plugins/gates/security_signoff/configuration_scan.hpp"

#include <re2/re2.h>

#include <stdexcept>

namespace penstock::gates::security {
namespace {

constexpr std::size_t window = std::size_t{16} << 20;
constexpr std::size_t overlap = 4096;

struct CodeSwitch {
  Level level;
  const char* rule;
  const char* pattern;
  const char* meaning;
};
// Keys are matched as text, not by parsing: whichever parser the loader uses, the key has to be there. A letter can be
// written as an escape, though, which no serialiser does.
constexpr CodeSwitch switches[] = {
    {Level::unsafe, "config/remote-code", R"(\b(?:auto_map|custom_pipelines)["']?\s*:)",
     "a key that makes the loader import code from the model"},
    {Level::unsafe, "config/remote-code", R"(\btrust_remote_code["']?\s*:\s*["']?[^fFnN0\s"'])",
     "`trust_remote_code` makes the loader run code from the model"},
    {Level::unsafe, "config/instantiate", R"(\b_target_["']?\s*:)", "`_target_` makes the loader call what it names"},
    {Level::unsafe, "yaml/python-tag", R"(!!python/|tag:yaml\.org,2002:python|!<?tag:)",
     "a tag that makes an unsafe YAML loader build Python objects"},
    {Level::warn, "config/escaped-letters", R"(\\(?:u00|x)(?:4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aA]))",
     "letters written as escapes: what the text says is hidden from readers"},
};

}  // namespace

void scan_configuration(Scan& scan, std::string_view text, const std::string& where) {
  for (const auto& entry : switches) {
    const RE2 pattern(entry.pattern);
    if (!pattern.ok()) throw std::logic_error("a pattern is malformed: " + pattern.error());
    for (std::size_t begin = 0; begin < text.size(); begin += window) {
      const auto part = text.substr(begin, window + overlap);
      re2::StringPiece found;
      if (!pattern.Match(re2::StringPiece(part.data(), part.size()), 0, part.size(), RE2::UNANCHORED, &found, 1))
        continue;
      scan.remark(entry.level, entry.rule, at_byte(where, begin + static_cast<std::size_t>(found.data() - part.data())),
                  entry.meaning, "configuration that only describes");
      break;
    }
  }
}

}  // namespace penstock::gates::security
