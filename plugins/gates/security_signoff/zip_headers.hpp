// The headers of a zip archive's members, and what they must agree on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::gates::security {

constexpr std::size_t zip_end_size = 22;
constexpr std::uint64_t zip_end_signature = 0x06054b50;

// Little-endian; 0 when it lies outside.
std::uint64_t little(std::string_view bytes, std::uint64_t offset, unsigned width);

struct ZipHeader {
  std::string name;
  std::uint64_t flags = 0;
  std::uint64_t method = 0;
  std::uint32_t crc = 0;
  std::uint64_t compressed = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;  // of the local header; central only
  bool is_wide = false;      // sizes came from a zip64 extra field
  bool has_descriptor() const { return (flags & 8) != 0; }
};

// Both read at `position` and leave it behind the header. They answer why not when it is cut off, malformed, or of a
// feature that hides content: encryption, patches, other methods than stored and deflate, links, alternative names,
// comments.
std::string read_central_header(std::string_view bytes, std::uint64_t& position, ZipHeader& header);
std::string read_local_header(std::string_view bytes, std::uint64_t& position, ZipHeader& header);
// The sizes and checksum behind a member's data, with or without signature, narrow or wide; they must equal the central
// ones.
bool read_descriptor(std::string_view bytes, std::uint64_t& position, const ZipHeader& central);

// What the two headers differ in; empty when they agree.
std::string zip_disagreement(const ZipHeader& central, const ZipHeader& local);
// Why a name could leave the folder it is unpacked into, or be read differently elsewhere; empty when it is plain.
std::string unsafe_zip_name(std::string_view name);

}  // namespace penstock::gates::security
