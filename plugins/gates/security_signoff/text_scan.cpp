#include "plugins/gates/security_signoff/text_scan.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <stdexcept>

#include "plugins/gates/security_signoff/configuration_scan.hpp"
#include "plugins/gates/security_signoff/file_kinds.hpp"
#include "plugins/gates/security_signoff/mlmodel.hpp"

namespace penstock::gates::security {
namespace {

constexpr std::size_t window = std::size_t{16} << 20;
constexpr std::size_t overlap = 4096;
constexpr int max_secrets = 20;

bool is_plain_byte(unsigned char byte) {
  return byte >= 0x20 ? byte != 0x7f : byte == '\n' || byte == '\r' || byte == '\t' || byte == '\f';
}

// Bytes of the UTF-8 character at `text[i]`; 0 when it is none, overlong, a surrogate or above U+10FFFF.
std::size_t character_size(std::string_view text, std::size_t i) {
  const auto at = [&](std::size_t k) { return k < text.size() ? static_cast<unsigned char>(text[k]) : 0U; };
  const auto first = at(i), second = at(i + 1);
  const auto is_more = [&](std::size_t k) { return (at(k) & 0xc0) == 0x80; };
  if (first >= 0xc2 && first < 0xe0) return is_more(i + 1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    const bool is_valid = (first != 0xe0 || second >= 0xa0) && (first != 0xed || second < 0xa0);
    return is_valid && is_more(i + 1) && is_more(i + 2) ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5) {
    const bool is_valid = (first != 0xf0 || second >= 0x90) && (first != 0xf4 || second < 0x90);
    return is_valid && is_more(i + 1) && is_more(i + 2) && is_more(i + 3) ? 4 : 0;
  }
  return 0;
}

struct SecretKind {
  const char* name;
  const char* pattern;
};
constexpr SecretKind secret_kinds[] = {
    {"a private key", "-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY"},
    {"an AWS access key id", R"(\b(?:AKIA|ASIA)[0-9A-Z]{16}\b)"},
    {"a GitHub token", R"(\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{30}))"},
    {"a Hugging Face token", R"(\bhf_[A-Za-z0-9]{30})"},
    {"a GitLab token", R"(\bglpat-[A-Za-z0-9_-]{20})"},
    {"a Slack token", R"(\bxox[baprs]-[A-Za-z0-9-]{10})"},
    {"a Google API key", R"(\bAIza[0-9A-Za-z_-]{35})"},
    {"a signed token (JWT)", R"(\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10})"},
};

// All patterns at once; the group that matched tells the kind.
const RE2& secrets() {
  static const RE2 pattern([] {
    std::string text;
    for (const auto& kind : secret_kinds) text += std::string(text.empty() ? "(" : "|(") + kind.pattern + ")";
    return text;
  }());
  return pattern;
}

constexpr std::size_t kind_count = std::size(secret_kinds);

}  // namespace

bool is_text(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (byte < 0x80) {
      if (!is_plain_byte(byte)) return false;
      ++i;
      continue;
    }
    const auto size = character_size(bytes, i);
    if (size == 0) return false;
    i += size;
  }
  return true;
}

void scan_for_secrets(Scan& scan, std::string_view text, const std::string& where) {
  int found = 0;
  std::size_t reported_end = 0, line = 1, counted = 0;
  for (std::size_t begin = 0; begin < text.size(); begin += window) {
    re2::StringPiece groups[kind_count + 1];
    const auto part = text.substr(begin, window + overlap);
    const re2::StringPiece piece(part.data(), part.size());
    std::size_t from = 0;
    if (!secrets().ok()) throw std::logic_error("the pattern for secrets is malformed: " + secrets().error());
    while (from < part.size() && secrets().Match(piece, from, part.size(), RE2::UNANCHORED, groups, kind_count + 1)) {
      const auto at = static_cast<std::size_t>(groups[0].data() - part.data());
      from = at + std::max<std::size_t>(groups[0].size(), 1);
      if (begin + at < reported_end) continue;
      reported_end = begin + from;
      std::size_t kind = 0;
      while (kind + 1 < kind_count && groups[kind + 1].data() == nullptr) ++kind;
      line += static_cast<std::size_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(counted),
                                                  text.begin() + static_cast<std::ptrdiff_t>(begin + at), '\n'));
      counted = begin + at;
      scan.remark(Level::unsafe, "text/secret", where + ", line " + std::to_string(line),
                  std::string(secret_kinds[kind].name) + " (not shown)",
                  "no secrets in an artifact: revoke it, then remove it");
      if (++found >= max_secrets) return;
    }
  }
}

void scan_text(Scan& scan, std::string_view text, std::string_view name, const std::string& where) {
  scan_for_secrets(scan, text, where);
  const auto file = name.substr(name.rfind('/') + 1);
  const auto extension = extension_of(name);
  const bool is_configuration =
      extension == ".json" || extension == ".yaml" || extension == ".yml" || file == "MLmodel";
  if (is_configuration) scan_configuration(scan, text, where);
  if (file == "MLmodel") scan_mlmodel(scan, text, where);
  if (file == "requirements.txt" || file == "conda.yaml" || file == "python_env.yaml")
    scan_requirements(scan, text, where);
}

}  // namespace penstock::gates::security
