#include <zlib.h>

#include "plugins/gates/security_signoff/zip_reader.hpp"

namespace penstock::gates::security {
namespace {

constexpr std::size_t chunk = 256 << 10;

std::uint32_t crc_add(std::uint32_t crc, const char* data, std::size_t size) {
  return static_cast<std::uint32_t>(crc32_z(crc, reinterpret_cast<const Bytef*>(data), size));
}

struct Inflater {
  Inflater() { is_ready = inflateInit2(&stream, -MAX_WBITS) == Z_OK; }
  ~Inflater() {
    if (is_ready) inflateEnd(&stream);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream stream{};
  bool is_ready = false;
};

}  // namespace

std::uint32_t crc_of(std::string_view bytes) { return crc_add(0, bytes.data(), bytes.size()); }

Unpacked unpack(const ZipMember& member, std::size_t keep) {
  Unpacked result;
  Inflater inflater;
  if (!inflater.is_ready) return result;
  auto& stream = inflater.stream;
  auto input = member.data;
  std::vector<char> buffer(chunk);
  int state = Z_OK;
  while (state == Z_OK && result.size <= member.size) {
    if (stream.avail_in == 0 && !input.empty()) {
      const auto given = std::min(input.size(), chunk);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
      stream.avail_in = static_cast<uInt>(given);
      input.remove_prefix(given);
    }
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    state = inflate(&stream, Z_NO_FLUSH);
    const auto made = buffer.size() - stream.avail_out;
    result.crc = crc_add(result.crc, buffer.data(), made);
    result.size += made;
    if (result.kept.size() < keep) result.kept.append(buffer.data(), std::min(made, keep - result.kept.size()));
    if (state == Z_BUF_ERROR && made == 0) break;  // no more input, and no end
  }
  result.is_sound = state == Z_STREAM_END && stream.avail_in == 0 && input.empty() && result.size == member.size;
  return result;
}

}  // namespace penstock::gates::security
