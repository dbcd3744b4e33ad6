#include "plugins/gates/security_signoff/safetensors.hpp"

#include "plugins/gates/security_signoff/json_document.hpp"
#include "plugins/gates/security_signoff/zip_headers.hpp"

namespace penstock::gates::security {
namespace {

constexpr std::uint64_t max_header = 100'000'000;

// Bits of one element; 0 for a type that is not known.
std::uint64_t bits_of(const std::string& dtype) {
  static const std::pair<const char*, std::uint64_t> sizes[] = {
      {"BOOL", 8}, {"U8", 8},   {"I8", 8},   {"F8_E4M3", 8}, {"F8_E5M2", 8}, {"F8_E8M0", 8},
      {"I16", 16}, {"U16", 16}, {"F16", 16}, {"BF16", 16},   {"I32", 32},    {"U32", 32},
      {"F32", 32}, {"F64", 64}, {"I64", 64}, {"U64", 64},    {"C64", 64}};
  for (const auto& [name, bits] : sizes)
    if (dtype == name) return bits;
  return 0;
}

struct Extent {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// One tensor's place, or why its entry is wrong.
std::string read_tensor(const nlohmann::json& tensor, Extent& extent) {
  if (!tensor.is_object() || tensor.size() != 3 || !tensor.contains("dtype") || !tensor.contains("shape") ||
      !tensor.contains("data_offsets"))
    return "an entry with other keys than dtype, shape and data_offsets";
  const auto& offsets = tensor["data_offsets"];
  const auto& shape = tensor["shape"];
  if (!tensor["dtype"].is_string() || !shape.is_array() || !offsets.is_array() || offsets.size() != 2 ||
      !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
    return "an entry whose values have the wrong types";
  auto bits = bits_of(tensor["dtype"].get<std::string>());
  if (bits == 0) return "the unknown dtype " + printable(tensor["dtype"].get<std::string>());
  for (const auto& dimension : shape)
    if (!dimension.is_number_unsigned() || __builtin_mul_overflow(bits, dimension.get<std::uint64_t>(), &bits))
      return "a shape that is no list of whole numbers, or overflows";
  extent = {offsets[0].get<std::uint64_t>(), offsets[1].get<std::uint64_t>()};
  if (extent.end < extent.begin || extent.end - extent.begin != bits / 8)
    return "offsets that do not fit its shape and dtype";
  return {};
}

std::string check_header(const nlohmann::json& header, std::uint64_t data_size) {
  std::vector<Extent> extents;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") {
      const bool is_plain = entry.is_object() && std::all_of(entry.begin(), entry.end(),
                                                             [](const auto& value) { return value.is_string(); });
      if (!is_plain) return "__metadata__ is not a mapping of texts";
      continue;
    }
    Extent extent;
    if (const auto reason = read_tensor(entry, extent); !reason.empty()) return printable(name) + ": " + reason;
    extents.push_back(extent);
  }
  std::sort(extents.begin(), extents.end(),
            [](const auto& a, const auto& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::uint64_t position = 0;
  for (const auto& extent : extents) {
    if (extent.begin != position) return "tensors overlap or leave a hole at byte " + std::to_string(position);
    position = extent.end;
  }
  if (position != data_size)
    return "the tensors end at byte " + std::to_string(position) + " of " + std::to_string(data_size);
  return {};
}

}  // namespace

bool looks_like_safetensors(std::string_view bytes) {
  return bytes.size() > 9 && little(bytes, 0, 8) <= max_header && little(bytes, 0, 8) >= 2 && bytes[8] == '{';
}

void scan_safetensors(Scan& scan, const Content& content, const std::string& where) {
  const auto needed = "a header that describes every byte of the file, once";
  const auto length = little(content.bytes, 0, 8);
  if (length > content.size - 8 || length > content.bytes.size() - 8) {
    scan.remark(Level::unknown, "safetensors/header", where, "the header is longer than the file", needed);
    return;
  }
  const auto header = read_json(content.bytes.substr(8, length), 8);
  if (!header || !header->is_object()) {
    scan.remark(Level::unknown, "safetensors/header", where, "the header is not a JSON object, or has a key twice",
                needed);
    return;
  }
  if (auto reason = check_header(*header, content.size - 8 - length); !reason.empty())
    scan.remark(Level::unsafe, "safetensors/layout", where, std::move(reason), needed);
}

}  // namespace penstock::gates::security
