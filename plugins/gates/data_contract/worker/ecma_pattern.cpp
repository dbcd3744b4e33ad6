#include "plugins/gates/data_contract/worker/ecma_pattern.hpp"

#include <optional>

namespace penstock::gates::data_contract::worker {
namespace {

// What `\s` and `.` stand for: WhiteSpace and LineTerminator of ECMA-262, sections 12.2 and 12.3.
constexpr const char* spaces = "\\t\\n\\v\\f\\r \\x{A0}\\x{FEFF}\\x{2028}\\x{2029}\\p{Zs}";
constexpr const char* not_line_end = "[^\\n\\r\\x{2028}\\x{2029}]";

struct Refusal {
  std::string why;
};

class Translator {
 public:
  explicit Translator(const std::string& pattern) : pattern_(pattern) {}

  std::string run() {
    while (at_ < pattern_.size()) {
      const char c = pattern_[at_];
      if (c == '\\')
        escape(false);
      else if (c == '[')
        char_class();
      else if (c == '(')
        group();
      else if (c == '.')
        put(not_line_end, 1);
      else if (c == '$')
        put("\\z", 1);
      else
        put(std::string(1, c), 1);
    }
    return result_;
  }

 private:
  void put(const std::string& text, std::size_t consumed) {
    result_ += text;
    at_ += consumed;
  }

  bool follows(const char* text) const { return pattern_.compare(at_, std::string(text).size(), text) == 0; }

  void group() {
    if (follows("(?=") || follows("(?!")) throw Refusal{"look-ahead"};
    if (follows("(?<=") || follows("(?<!")) throw Refusal{"look-behind"};
    if (follows("(?:")) return put("(?:", 3);
    if (follows("(?<")) return put("(?P<", 3);
    if (follows("(?")) throw Refusal{"a group that begins with `(?`"};
    put("(", 1);
  }

  void char_class() {
    if (follows("[^]")) return put("(?s:.)", 3);
    if (follows("[]")) throw Refusal{"an empty class"};
    put("[", 1);
    if (at_ < pattern_.size() && pattern_[at_] == '^') put("^", 1);
    while (at_ < pattern_.size() && pattern_[at_] != ']') {
      if (pattern_[at_] == '\\')
        escape(true);
      else if (pattern_[at_] == '[')
        put("\\[", 1);  // RE2 would look for a POSIX class
      else
        put(std::string(1, pattern_[at_]), 1);
    }
    if (at_ == pattern_.size()) throw Refusal{"a class that is not closed"};
    put("]", 1);
  }

  std::optional<unsigned> hex(std::size_t from, std::size_t count) const {
    if (from + count > pattern_.size()) return std::nullopt;
    unsigned value = 0;
    for (auto i = from; i < from + count; ++i) {
      const auto digit = std::string_view("0123456789abcdef").find(static_cast<char>(pattern_[i] | 0x20));
      if (digit == std::string_view::npos || (pattern_[i] < '0')) return std::nullopt;
      value = value * 16 + static_cast<unsigned>(digit);
    }
    return value;
  }

  void code_point(unsigned value, std::size_t consumed) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string text;
    for (; value > 0 || text.empty(); value /= 16) text.insert(text.begin(), digits[value % 16]);
    put("\\x{" + text + "}", consumed);
  }

  // \uXXXX, a pair of surrogates, or \u{X…}.
  void unicode_escape() {
    if (follows("\\u{")) {
      const auto end = pattern_.find('}', at_);
      if (end == std::string::npos || end - at_ - 3 > 6) throw Refusal{"an escape `\\u{` that is not closed"};
      const auto value = hex(at_ + 3, end - at_ - 3);
      if (!value) throw Refusal{"an escape `\\u{` without digits"};
      return code_point(*value, end - at_ + 1);
    }
    const auto value = hex(at_ + 2, 4);
    if (!value) throw Refusal{"an escape `\\u` without four digits"};
    if (*value < 0xD800 || *value > 0xDFFF) return code_point(*value, 6);
    const auto low =
        at_ + 8 <= pattern_.size() && pattern_.compare(at_ + 6, 2, "\\u") == 0 ? hex(at_ + 8, 4) : std::nullopt;
    if (*value > 0xDBFF || !low || *low < 0xDC00 || *low > 0xDFFF) throw Refusal{"half of a surrogate pair"};
    code_point(0x10000 + ((*value - 0xD800) << 10U) + (*low - 0xDC00), 12);
  }

  void escape(bool in_class) {
    if (at_ + 1 == pattern_.size()) throw Refusal{"a backslash at the end"};
    const char c = pattern_[at_ + 1];
    if (c == 'u') return unicode_escape();
    if (c == 'x') {
      const auto value = hex(at_ + 2, 2);
      if (!value) throw Refusal{"an escape `\\x` without two digits"};
      return code_point(*value, 4);
    }
    if (c == 's') return put(in_class ? spaces : "[" + std::string(spaces) + "]", 2);
    if (c == 'S' && !in_class) return put("[^" + std::string(spaces) + "]", 2);
    if (c == 'b' && in_class) return put("\\x{8}", 2);
    if ((c == 'b' || c == 'B') && !in_class) return put(std::string("\\") + c, 2);
    if (c == '0' && !(at_ + 2 < pattern_.size() && pattern_[at_ + 2] >= '0' && pattern_[at_ + 2] <= '9'))
      return code_point(0, 2);
    if (c >= '0' && c <= '9') throw Refusal{"a backreference or octal escape"};
    if (c == 'k') throw Refusal{"a backreference by name"};
    if (c == 'p' || c == 'P') return property(c);
    if (std::string_view("dDwWtnvfr").find(c) != std::string_view::npos) return put(std::string("\\") + c, 2);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || static_cast<unsigned char>(c) >= 0x80) throw Refusal{std::string("the escape `\\") + c + "`"};
    put(std::string("\\") + c, 2);
  }

  // General categories alone: \p{L}, \p{Lu}.
  void property(char c) {
    const auto end = pattern_.find('}', at_);
    if (!follows(c == 'p' ? "\\p{" : "\\P{") || end == std::string::npos || end - at_ - 3 > 2 || end - at_ == 3)
      throw Refusal{"a Unicode property other than a general category"};
    put(pattern_.substr(at_, end + 1 - at_), end + 1 - at_);
  }

  const std::string& pattern_;
  std::size_t at_ = 0;
  std::string result_;
};

}  // namespace

core::Result<std::string> translate_pattern(const std::string& pattern) {
  try {
    return Translator(pattern).run();
  } catch (const Refusal& refusal) {
    return core::Problem{"unsupported-pattern", "the pattern has " + refusal.why + ", which is not supported"};
  }
}

}  // namespace penstock::gates::data_contract::worker
