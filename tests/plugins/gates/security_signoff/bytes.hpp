// Pickles, archives and headers made byte by byte, as an attacker would.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

namespace penstock::tests {

using namespace std::string_literals;

inline std::string little(std::uint64_t value, unsigned width) {
  std::string bytes;
  for (unsigned i = 0; i < width; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

// Opcodes, protocol 4.
inline std::string proto(int version) { return "\x80"s + static_cast<char>(version); }
inline std::string text(const std::string& value) { return "\x8c"s + little(value.size(), 1) + value; }
inline std::string stack_global(const std::string& module, const std::string& name) {
  return text(module) + text(name) + "\x93";
}
inline std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string framed(const std::string& body) { return "\x95"s + little(body.size(), 8) + body; }
// os.system("id"), as every tutorial writes it.
inline std::string payload() { return global("os", "system") + "(S'id'\ntR"; }

struct ZipEntry {
  std::string name;
  std::string content;
  bool is_compressed = false;
  // What the two headers say when they are to lie; empty: the truth.
  std::string central_name{};
  std::uint32_t flags = 0;
  std::uint32_t central_flags = 0xffffffff;
  std::uint32_t crc_change = 0;
  std::int64_t central_size_change = 0;
  std::uint32_t method = 0xffffffff;
  std::uint32_t attributes = 0;
  std::string extra{};
};

struct ZipShape {
  std::string before{};   // in front of the first member
  std::string between{};  // between the last member and the directory
  std::string after{};    // behind the end record
  std::string comment{};
  int count_change = 0;
};

inline std::string deflated(const std::string& content) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::string zip(const std::vector<ZipEntry>& entries, const ZipShape& shape = {}) {
  std::string bytes = shape.before, directory;
  for (const auto& entry : entries) {
    const auto data = entry.is_compressed ? deflated(entry.content) : entry.content;
    const auto crc = static_cast<std::uint32_t>(
                         crc32_z(0, reinterpret_cast<const Bytef*>(entry.content.data()), entry.content.size())) +
                     entry.crc_change;
    const auto method = entry.method != 0xffffffff ? entry.method : entry.is_compressed ? 8U : 0U;
    const auto fields = [&](std::uint32_t flags, std::int64_t size_change, std::size_t name_size) {
      return little(flags, 2) + little(method, 2) + little(0, 4) + little(crc, 4) + little(data.size(), 4) +
             little(entry.content.size() + static_cast<std::uint64_t>(size_change), 4) + little(name_size, 2) +
             little(entry.extra.size(), 2);
    };
    const auto& central_name = entry.central_name.empty() ? entry.name : entry.central_name;
    const auto central_flags = entry.central_flags != 0xffffffff ? entry.central_flags : entry.flags;
    directory += "PK\x01\x02"s + little(20, 2) + little(20, 2) +
                 fields(central_flags, entry.central_size_change, central_name.size()) + little(0, 2) + little(0, 2) +
                 little(0, 2) + little(entry.attributes, 4) + little(bytes.size(), 4) + central_name + entry.extra;
    bytes +=
        "PK\x03\x04"s + little(20, 2) + fields(entry.flags, 0, entry.name.size()) + entry.name + entry.extra + data;
    if ((entry.flags & 8) != 0)
      bytes += "PK\x07\x08"s + little(crc, 4) + little(data.size(), 4) + little(entry.content.size(), 4);
  }
  bytes += shape.between;
  const auto count = entries.size() + static_cast<std::size_t>(shape.count_change);
  const auto offset = bytes.size();
  return bytes + directory + "PK\x05\x06"s + little(0, 4) + little(count, 2) + little(count, 2) +
         little(directory.size(), 4) + little(offset, 4) + little(shape.comment.size(), 2) + shape.comment +
         shape.after;
}

inline std::string npy(const std::string& header, const std::string& data) {
  return "\x93NUMPY\x01\x00"s + little(header.size(), 2) + header + data;
}
inline std::string npy(const std::string& data = std::string(8, '\0')) {
  return npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n", data);
}

inline std::string safetensors(const std::string& header, const std::string& data) {
  return little(header.size(), 8) + header + data;
}

}  // namespace penstock::tests
