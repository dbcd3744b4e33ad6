// A zip archive whose every byte is explained: local headers and the central directory must agree, follow one another
// without gaps, and cover the file. Readers differ in what they believe when the two disagree; here disagreement is the
// answer. Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::gates::security {

struct ZipMember {
  std::string name;            // relative, "/"-separated, unique, without "." and ".."; a folder's ends with "/"
  bool is_compressed = false;  // deflate; otherwise stored
  std::uint32_t crc = 0;
  std::uint64_t size = 0;
  std::string_view data;     // as stored in the archive
  std::uint64_t offset = 0;  // of its local header
};

struct ZipFault {
  std::string rule;  // "zip/disagreement"
  std::string observed;
  std::uint64_t offset = 0;
};

struct ZipArchive {
  std::vector<ZipMember> members;  // in the order of their bytes
};

// An archive, or why it is none that can be trusted. `bytes` must outlive the members.
struct ZipReading {
  ZipArchive archive;
  std::optional<ZipFault> fault;
};
ZipReading read_zip(std::string_view bytes);

// True when the bytes end with a directory of a zip archive, whatever they begin with: zip readers look from the end.
bool ends_as_zip(std::string_view bytes);

struct Unpacked {
  std::string kept;        // the first bytes, at most `keep`
  std::uint64_t size = 0;  // of the whole content
  std::uint32_t crc = 0;
  // The stream is well-formed, ends exactly with the member's data, and gives exactly the member's size.
  bool is_sound = false;
};
// Inflates in bounded memory; stops as soon as the content exceeds the size that the member declares.
Unpacked unpack(const ZipMember& member, std::size_t keep);
std::uint32_t crc_of(std::string_view bytes);

}  // namespace penstock::gates::security
