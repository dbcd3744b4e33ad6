// The few Python literals that an array file's header is made of.
#include <charconv>

#include "plugins/gates/security_signoff/npy.hpp"

namespace penstock::gates::security {
namespace {

constexpr int max_levels = 16;

void skip_spaces(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n' || text.front() == '\t')) text.remove_prefix(1);
}

std::optional<std::uint64_t> read_whole(std::string_view& text) {
  skip_spaces(text);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// "<f8", "|O", "|S10", "<M8[ns]", "|b1", "|V64".
std::optional<DtypeSize> size_of(std::string_view code) {
  if (!code.empty() && std::string_view("<>|=").find(code.front()) != std::string_view::npos) code.remove_prefix(1);
  if (code.empty()) return std::nullopt;
  const char kind = code.front();
  if (kind == 'O') return DtypeSize{8, true};
  if (std::string_view("biufcSaUVMm").find(kind) == std::string_view::npos) return std::nullopt;
  code.remove_prefix(1);
  const auto count = read_whole(code);
  if (!count || *count > (1U << 30)) return std::nullopt;
  const bool has_unit = (kind == 'M' || kind == 'm') && code.size() >= 3 && code.front() == '[' && code.back() == ']';
  if (!code.empty() && !has_unit) return std::nullopt;
  return DtypeSize{kind == 'U' ? *count * 4 : *count, false};
}

// A field is (name, dtype) or (name, dtype, shape); a name may be (title, name).
std::optional<DtypeSize> read_field(std::string_view& text, int depth) {
  if (!skip(text, "(")) return std::nullopt;
  if (skip(text, "(")) {
    if (!read_quoted(text) || !skip(text, ",") || !read_quoted(text) || !skip(text, ")")) return std::nullopt;
  } else if (!read_quoted(text)) {
    return std::nullopt;
  }
  if (!skip(text, ",")) return std::nullopt;
  auto size = read_dtype(text, depth + 1);
  if (!size) return std::nullopt;
  if (skip(text, ",")) {
    const auto count = read_shape(text);
    if (!count || __builtin_mul_overflow(size->bytes, *count, &size->bytes)) return std::nullopt;
  }
  return skip(text, ")") ? size : std::nullopt;
}

}  // namespace

bool skip(std::string_view& text, std::string_view token) {
  skip_spaces(text);
  if (text.substr(0, token.size()) != token) return false;
  text.remove_prefix(token.size());
  return true;
}

std::optional<std::string_view> read_quoted(std::string_view& text) {
  skip_spaces(text);
  if (text.empty() || (text.front() != '\'' && text.front() != '"')) return std::nullopt;
  const auto end = text.find(text.front(), 1);
  if (end == text.npos) return std::nullopt;
  const auto inner = text.substr(1, end - 1);
  if (inner.find('\\') != inner.npos) return std::nullopt;
  text.remove_prefix(end + 1);
  return inner;
}

std::optional<std::uint64_t> read_shape(std::string_view& text) {
  if (!skip(text, "(")) return std::nullopt;
  std::uint64_t product = 1;
  while (!skip(text, ")")) {
    const auto count = read_whole(text);
    if (!count || __builtin_mul_overflow(product, *count, &product)) return std::nullopt;
    if (!skip(text, ",")) return skip(text, ")") ? std::optional(product) : std::nullopt;
  }
  return product;
}

std::optional<DtypeSize> read_dtype(std::string_view& text, int depth) {
  if (depth > max_levels) return std::nullopt;
  if (!skip(text, "[")) {
    const auto code = read_quoted(text);
    return code ? size_of(*code) : std::nullopt;
  }
  DtypeSize total;
  while (!skip(text, "]")) {
    const auto field = read_field(text, depth);
    if (!field || __builtin_add_overflow(total.bytes, field->bytes, &total.bytes)) return std::nullopt;
    total.has_objects = total.has_objects || field->has_objects;
    if (!skip(text, ",")) return skip(text, "]") ? std::optional(total) : std::nullopt;
  }
  return total;
}

}  // namespace penstock::gates::security
