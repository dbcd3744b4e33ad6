#include "plugins/gates/security_signoff/npy.hpp"

#include "plugins/gates/security_signoff/pickle_scan.hpp"
#include "plugins/gates/security_signoff/zip_headers.hpp"

namespace penstock::gates::security {
namespace {

// {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }: these three keys, each once, in any order.
std::optional<NpyHeader> read_dictionary(std::string_view text) {
  NpyHeader header;
  bool has_descr = false, has_order = false, has_shape = false;
  if (!skip(text, "{")) return std::nullopt;
  while (!skip(text, "}")) {
    const auto key = read_quoted(text);
    if (!key || !skip(text, ":")) return std::nullopt;
    if (*key == "descr" && !has_descr) {
      const auto size = read_dtype(text, 0);
      if (!size) return std::nullopt;
      header.item_size = size->bytes, header.has_objects = size->has_objects, has_descr = true;
    } else if (*key == "fortran_order" && !has_order) {
      if (!skip(text, "False") && !skip(text, "True")) return std::nullopt;
      has_order = true;
    } else if (*key == "shape" && !has_shape) {
      const auto items = read_shape(text);
      if (!items) return std::nullopt;
      header.items = *items, has_shape = true;
    } else {
      return std::nullopt;
    }
    if (!skip(text, ",") && text.substr(0, 1) != "}") return std::nullopt;
  }
  const bool is_blank = text.find_first_not_of(" \n\t") == text.npos;
  if (!has_descr || !has_order || !has_shape || !is_blank) return std::nullopt;
  return header;
}

}  // namespace

std::optional<NpyHeader> read_npy_header(std::string_view bytes) {
  if (bytes.size() < 10 || bytes.substr(0, 6) != "\x93NUMPY") return std::nullopt;
  const auto version = static_cast<unsigned char>(bytes[6]);
  if (version < 1 || version > 3 || bytes[7] != '\0') return std::nullopt;
  const unsigned width = version == 1 ? 2 : 4;
  const auto length = little(bytes, 8, width);
  if (length > (1U << 20) || bytes.size() < 8 + width + length) return std::nullopt;
  auto header = read_dictionary(bytes.substr(8 + width, length));
  if (header) header->header_size = 8 + width + length;
  return header;
}

void scan_npy(Scan& scan, const Content& content, const std::string& where) {
  const auto header = read_npy_header(content.bytes);
  if (!header) {
    scan.remark(Level::unknown, "npy/header", where, "an array header that is not understood",
                "descr, fortran_order and shape as numpy writes them");
    return;
  }
  if (header->has_objects) {
    if (!content.is_whole()) {
      scan.remark(Level::unknown, "npy/objects", where, "a pickled array too large to be unpacked",
                  "an array of numbers");
      return;
    }
    // numpy.load reads the rest as a pickle when it is told to.
    scan.remark(Level::warn, "npy/objects", where, "the array holds Python objects: its data is a pickle",
                "an array of numbers");
    scan_pickle(scan, content.bytes.substr(header->header_size), where);
    return;
  }
  std::uint64_t needed = 0;
  const bool overflows = __builtin_mul_overflow(header->items, header->item_size, &needed);
  const auto held = content.size - header->header_size;
  if (overflows || needed != held)
    scan.remark(Level::unknown, "npy/size", where,
                std::to_string(held) + " bytes of data for " + std::to_string(header->items) + " items of " +
                    std::to_string(header->item_size) + " bytes",
                "exactly the bytes that the header announces");
}

}  // namespace penstock::gates::security
