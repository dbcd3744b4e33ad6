#include "plugins/gates/security_signoff/zip_headers.hpp"

#include "plugins/gates/security_signoff/report.hpp"

namespace penstock::gates::security {
namespace {

// Bits 1 and 2 tell how hard deflate tried, 3 that a descriptor follows, 11 that the name is UTF-8.
constexpr std::uint64_t known_flags = 0x0002 | 0x0004 | 0x0008 | 0x0800;

// Fields are id, length, data; sizes at their maximum are in field 1, in this order: size, compressed, offset.
bool read_extra(std::string_view extra, ZipHeader& header, bool is_central) {
  std::uint64_t position = 0;
  while (position < extra.size()) {
    if (extra.size() - position < 4) return false;
    const auto id = little(extra, position, 2);
    const auto length = little(extra, position + 2, 2);
    if (length > extra.size() - position - 4) return false;
    const auto field = extra.substr(position + 4, length);
    position += 4 + length;
    if (id == 0x7075 || id == 0x6375) return false;  // another name, another comment
    if (id != 1) continue;
    if (header.is_wide) return false;
    header.is_wide = true;
    std::uint64_t at = 0;
    const auto widen = [&](std::uint64_t& value) {
      if (value != 0xffffffff) return true;
      if (field.size() < at + 8) return false;
      value = little(field, at, 8);
      at += 8;
      return true;
    };
    if (!widen(header.size) || !widen(header.compressed) || (is_central && !widen(header.offset))) return false;
  }
  return true;
}

std::string unsupported(const ZipHeader& header, std::uint64_t version_needed) {
  if ((header.flags & 0x41) != 0) return "a member is encrypted";
  if ((header.flags & ~known_flags) != 0) return "a member has flags " + std::to_string(header.flags);
  if (header.method != 0 && header.method != 8) return "a member is packed by method " + std::to_string(header.method);
  if ((version_needed & 0xff) > 45) return "a member needs version " + std::to_string(version_needed);
  return {};
}

constexpr const char* extra_fault = "a member has an extra field that is malformed or gives it another name";
constexpr const char* cut_off = "a member's header is missing or cut off";

// Flags, method, time, checksum, sizes and lengths lie side by side in both headers.
struct Lengths {
  std::uint64_t name = 0;
  std::uint64_t extra = 0;
};
Lengths read_shared(std::string_view bytes, std::uint64_t at, ZipHeader& header) {
  header.flags = little(bytes, at, 2);
  header.method = little(bytes, at + 2, 2);
  header.crc = static_cast<std::uint32_t>(little(bytes, at + 8, 4));
  header.compressed = little(bytes, at + 12, 4);
  header.size = little(bytes, at + 16, 4);
  return {little(bytes, at + 20, 2), little(bytes, at + 22, 2)};
}

bool is_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto byte = static_cast<unsigned char>(text[i++]);
    const int more = byte < 0x80                   ? 0
                     : byte >= 0xc2 && byte < 0xe0 ? 1
                     : byte >= 0xe0 && byte < 0xf0 ? 2
                     : byte >= 0xf0 && byte < 0xf5 ? 3
                                                   : -1;
    if (more < 0) return false;
    for (int k = 0; k < more; ++k)
      if (i >= text.size() || (text[i++] & 0xc0) != 0x80) return false;
  }
  return true;
}

}  // namespace

std::uint64_t little(std::string_view bytes, std::uint64_t offset, unsigned width) {
  if (offset > bytes.size() || bytes.size() - offset < width) return 0;
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) value |= std::uint64_t{static_cast<unsigned char>(bytes[offset + i])} << (8 * i);
  return value;
}

std::string read_central_header(std::string_view bytes, std::uint64_t& position, ZipHeader& header) {
  constexpr std::uint64_t fixed = 46;
  if (position > bytes.size() || bytes.size() - position < fixed || little(bytes, position, 4) != 0x02014b50)
    return cut_off;
  const auto lengths = read_shared(bytes, position + 8, header);
  const auto comment = little(bytes, position + 32, 2);
  const auto volume = little(bytes, position + 34, 2);
  const auto unix_type = little(bytes, position + 38, 4) >> 28;  // of the file's mode: 0 none, 4 folder, 8 regular
  header.offset = little(bytes, position + 42, 4);
  if (comment != 0) return "a member has a comment";
  if (volume != 0) return "a member lies in another volume";
  if (unix_type != 0 && unix_type != 4 && unix_type != 8) return "a member is a link or a device";
  if (auto reason = unsupported(header, little(bytes, position + 6, 2)); !reason.empty()) return reason;
  if (lengths.name + lengths.extra > bytes.size() - position - fixed) return cut_off;
  header.name = bytes.substr(position + fixed, lengths.name);
  if (!read_extra(bytes.substr(position + fixed + lengths.name, lengths.extra), header, true)) return extra_fault;
  position += fixed + lengths.name + lengths.extra;
  return {};
}

std::string read_local_header(std::string_view bytes, std::uint64_t& position, ZipHeader& header) {
  constexpr std::uint64_t fixed = 30;
  if (position > bytes.size() || bytes.size() - position < fixed || little(bytes, position, 4) != 0x04034b50)
    return cut_off;
  const auto lengths = read_shared(bytes, position + 6, header);
  if (auto reason = unsupported(header, little(bytes, position + 4, 2)); !reason.empty()) return reason;
  if (lengths.name + lengths.extra > bytes.size() - position - fixed) return cut_off;
  header.name = bytes.substr(position + fixed, lengths.name);
  if (!read_extra(bytes.substr(position + fixed + lengths.name, lengths.extra), header, false)) return extra_fault;
  position += fixed + lengths.name + lengths.extra;
  return {};
}

bool read_descriptor(std::string_view bytes, std::uint64_t& position, const ZipHeader& central) {
  for (const unsigned signature : {4U, 0U})
    for (const unsigned width : {4U, 8U}) {
      const auto length = signature + 4 + 2 * width;
      if (bytes.size() - position < length) continue;
      if (signature != 0 && little(bytes, position, 4) != 0x08074b50) continue;
      const auto at = position + signature;
      if (little(bytes, at, 4) != central.crc || little(bytes, at + 4, width) != central.compressed ||
          little(bytes, at + 4 + width, width) != central.size)
        continue;
      // The next header must follow, or the descriptor was taken for a narrower one than it is.
      const auto next = little(bytes, position + length, 4);
      if (position + length != bytes.size() && next != 0x04034b50) continue;
      position += length;
      return true;
    }
  return false;
}

std::string zip_disagreement(const ZipHeader& central, const ZipHeader& local) {
  if (central.name != local.name)
    return "the directory calls a member `" + printable(central.name) + "`, its own header `" + printable(local.name) +
           "`";
  if (central.flags != local.flags) return "directory and member have different flags";
  if (central.method != local.method) return "directory and member name different methods";
  // With a descriptor the local header may leave the three at zero.
  const auto differs = [&](std::uint64_t ours, std::uint64_t theirs) {
    return ours != theirs && !(central.has_descriptor() && theirs == 0);
  };
  if (differs(central.crc, local.crc)) return "directory and member have different checksums";
  if (differs(central.compressed, local.compressed) || differs(central.size, local.size))
    return "directory and member have different sizes";
  return {};
}

std::string unsafe_zip_name(std::string_view name) {
  const auto shown = "`" + printable(name) + "`";
  if (name.empty() || name.size() > 1024) return "a name of " + std::to_string(name.size()) + " bytes";
  if (!is_utf8(name)) return shown + " is not UTF-8";
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == '\\' || c == 0x7f)
      return shown + " has a control character or backslash";
  if (name.front() == '/' || (name.size() >= 2 && name[1] == ':')) return shown + " is absolute";
  auto rest = name.back() == '/' ? name.substr(0, name.size() - 1) : name;
  while (true) {
    const auto end = std::min(rest.find('/'), rest.size());
    const auto part = rest.substr(0, end);
    if (part.empty() || part == "." || part == "..") return shown + " has an empty, `.` or `..` part";
    if (end == rest.size()) return {};
    rest.remove_prefix(end + 1);
  }
}

}  // namespace penstock::gates::security
