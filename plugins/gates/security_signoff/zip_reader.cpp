#include "plugins/gates/security_signoff/zip_reader.hpp"

#include <algorithm>
#include <set>

#include "plugins/gates/security_signoff/zip_headers.hpp"

namespace penstock::gates::security {
namespace {

constexpr std::size_t max_members = 200'000;

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t count = 0;
};

// Reads one archive; the first fault ends it.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  ZipReading read() {
    Directory directory;
    std::vector<ZipHeader> headers;
    if (find_directory(directory) && read_directory(directory, headers)) read_members(directory, headers);
    if (reading_.fault) reading_.archive.members.clear();
    return std::move(reading_);
  }

 private:
  bool fault(const char* rule, std::string observed, std::uint64_t offset) {
    reading_.fault = ZipFault{rule, std::move(observed), offset};
    return false;
  }

  bool find_directory(Directory& directory) {
    if (bytes_.size() < zip_end_size || little(bytes_, bytes_.size() - zip_end_size, 4) != zip_end_signature)
      return fault("zip/trailing-data", "the archive's end record is not the last thing in the file", bytes_.size());
    const auto end = bytes_.size() - zip_end_size;
    if (little(bytes_, end + 4, 2) != 0 || little(bytes_, end + 6, 2) != 0)
      return fault("zip/several-volumes", "the archive is one volume of several", end);
    if (little(bytes_, end + 20, 2) != 0) return fault("zip/comment", "the end record announces a comment", end);
    directory = {little(bytes_, end + 16, 4), little(bytes_, end + 12, 4), little(bytes_, end + 10, 2)};
    if (little(bytes_, end + 8, 2) != directory.count)
      return fault("zip/disagreement", "the end record counts members in two ways", end);
    auto directory_end = end;
    if (!read_wide_end(end, directory, directory_end)) return false;
    if (directory.offset > directory_end || directory.size != directory_end - directory.offset)
      return fault("zip/gap", "the central directory does not lie right before the end record", directory.offset);
    if (directory.count > max_members) return fault("zip/too-many", std::to_string(directory.count) + " members", end);
    return true;
  }

  // Zip64: used when a field is at its maximum, and then it must be there; when it is there, it must agree.
  bool read_wide_end(std::uint64_t end, Directory& directory, std::uint64_t& directory_end) {
    const bool is_needed = directory.offset == 0xffffffff || directory.size == 0xffffffff || directory.count == 0xffff;
    const bool has_locator = end >= 20 && little(bytes_, end - 20, 4) == 0x07064b50;
    if (!has_locator) return !is_needed || fault("zip/disagreement", "the zip64 end record is missing", end);
    const auto wide = little(bytes_, end - 12, 8);
    if (end < 20 + 56 || wide != end - 20 - 56 || little(bytes_, wide, 4) != 0x06064b50 ||
        little(bytes_, wide + 4, 8) != 44)
      return fault("zip/disagreement", "the zip64 end record is not where it belongs", end);
    if (little(bytes_, end - 16, 4) != 0 || little(bytes_, end - 4, 4) != 1 || little(bytes_, wide + 16, 8) != 0)
      return fault("zip/several-volumes", "the archive is one volume of several", wide);
    const Directory wider{little(bytes_, wide + 48, 8), little(bytes_, wide + 40, 8), little(bytes_, wide + 32, 8)};
    const auto agrees = [](std::uint64_t narrow, std::uint64_t maximum, std::uint64_t value) {
      return narrow == maximum || narrow == value;
    };
    if (little(bytes_, wide + 24, 8) != wider.count || !agrees(directory.offset, 0xffffffff, wider.offset) ||
        !agrees(directory.size, 0xffffffff, wider.size) || !agrees(directory.count, 0xffff, wider.count))
      return fault("zip/disagreement", "the end record and its zip64 form differ", wide);
    directory = wider;
    directory_end = wide;
    return true;
  }

  bool read_directory(const Directory& directory, std::vector<ZipHeader>& headers) {
    auto position = directory.offset;
    const auto directory_end = directory.offset + directory.size;
    for (std::uint64_t i = 0; i < directory.count; ++i) {
      ZipHeader header;
      if (auto reason = read_central_header(bytes_.substr(0, directory_end), position, header); !reason.empty())
        return fault("zip/header", std::move(reason), position);
      headers.push_back(std::move(header));
    }
    if (position != directory_end)
      return fault("zip/disagreement", "the central directory holds more than the end record counts", position);
    std::sort(headers.begin(), headers.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
    return true;
  }

  bool read_members(const Directory& directory, const std::vector<ZipHeader>& headers) {
    std::uint64_t position = 0;
    std::set<std::string> names;
    for (const auto& header : headers) {
      if (header.offset != position)
        return fault(header.offset < position ? "zip/overlap" : "zip/gap", "members do not follow one another",
                     position);
      if (const auto reason = unsafe_zip_name(header.name); !reason.empty()) return fault("zip/name", reason, position);
      auto folded = header.name;
      std::transform(folded.begin(), folded.end(), folded.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      if (!names.insert(folded).second) return fault("zip/duplicate", "two members have the same name", position);
      if (!read_member(header, directory.offset, position)) return false;
    }
    if (position != directory.offset)
      return fault("zip/gap", "there are bytes between the last member and the central directory", position);
    return true;
  }

  bool read_member(const ZipHeader& central, std::uint64_t limit, std::uint64_t& position) {
    const auto start = position;
    const auto body = bytes_.substr(0, limit);
    ZipHeader local;
    if (auto reason = read_local_header(body, position, local); !reason.empty())
      return fault("zip/header", std::move(reason), start);
    if (const auto difference = zip_disagreement(central, local); !difference.empty())
      return fault("zip/disagreement", difference, start);
    if (central.compressed > limit - position)
      return fault("zip/disagreement", "a member is longer than the archive", start);
    ZipMember member{
        central.name, central.method == 8, central.crc, central.size, body.substr(position, central.compressed), start};
    position += central.compressed;
    if (central.has_descriptor() && !read_descriptor(body, position, central))
      return fault("zip/disagreement", "a data descriptor differs from the central directory", position);
    if (!member.is_compressed && central.size != central.compressed)
      return fault("zip/disagreement", "a stored member has two sizes", start);
    if (member.name.back() == '/' && central.size + central.compressed != 0)
      return fault("zip/disagreement", "a folder has content", start);
    reading_.archive.members.push_back(std::move(member));
    return true;
  }

  std::string_view bytes_;
  ZipReading reading_;
};

}  // namespace

ZipReading read_zip(std::string_view bytes) { return Reader(bytes).read(); }

bool ends_as_zip(std::string_view bytes) {
  // The end record is 22 bytes and a comment of at most 65 535.
  const auto reach = std::min<std::size_t>(bytes.size(), zip_end_size + 65'535);
  for (auto from_end = zip_end_size; from_end <= reach; ++from_end) {
    const auto at = bytes.size() - from_end;
    if (bytes[at] != 'P' || little(bytes, at, 4) != zip_end_signature) continue;
    const auto size = little(bytes, at + 12, 4);
    const bool is_wide = size == 0xffffffff || little(bytes, at + 16, 4) == 0xffffffff;
    if (is_wide || (size <= at && (size == 0 || little(bytes, at - size, 4) == 0x02014b50))) return true;
  }
  return false;
}

}  // namespace penstock::gates::security
