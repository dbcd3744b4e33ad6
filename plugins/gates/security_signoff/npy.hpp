// numpy's array file: a header that is read as a literal, never evaluated, and exactly as many bytes as it announces.
// Source: numpy.lib.format, versions 1.0, 2.0 and 3.0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plugins/gates/security_signoff/scan.hpp"

namespace penstock::gates::security {

struct NpyHeader {
  std::uint64_t header_size = 0;  // bytes before the data
  std::uint64_t item_size = 0;
  std::uint64_t items = 0;
  bool has_objects = false;  // the data is a pickle
};
// Nothing when the header is not understood.
std::optional<NpyHeader> read_npy_header(std::string_view bytes);

void scan_npy(Scan& scan, const Content& content, const std::string& where);

// The dtype's part of it: "<f8", or a list of (name, dtype[, shape]) with at most 16 levels. Read from a Python literal
// at the beginning of `text`, which is then shortened by it.
struct DtypeSize {
  std::uint64_t bytes = 0;
  bool has_objects = false;
};
std::optional<DtypeSize> read_dtype(std::string_view& text, int depth);
std::optional<std::string_view> read_quoted(std::string_view& text);
// The product of a tuple of whole numbers, 1 for (); nothing on overflow.
std::optional<std::uint64_t> read_shape(std::string_view& text);
bool skip(std::string_view& text, std::string_view token);

}  // namespace penstock::gates::security
