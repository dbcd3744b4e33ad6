#include "daemon/audit/log_reader.hpp"

#include "daemon/audit/folder.hpp"

namespace penstock::audit {
namespace {

constexpr std::size_t most_tiles = 1024;

core::Problem damaged(const std::string& what, const std::filesystem::path& file) {
  return {"audit-damaged", what, file.string(), "restore the audit log's folder from a copy, and see who changed it",
          false};
}

}  // namespace

core::Result<std::string> LogReader::bytes(int level, std::uint64_t n, std::uint64_t width, std::size_t most) {
  const auto name = [&](std::uint64_t wide) {
    return folder_ / (level < 0 ? bundle_path(n, wide) : tile_path(level, n, wide));
  };
  // A partial tile may be gone once the full one is there, and the full one is there for good.
  for (const auto wide : {width, tile_width}) {
    auto read = read_file(name(wide), most);
    if (!read) return read.error();
    if (*read) return std::move(**read);
  }
  return damaged("a file of the audit log is missing", name(width));
}

core::Result<Hashes> LogReader::tile(int level, std::uint64_t n) {
  if (const auto known = tiles_.find({level, n}); known != tiles_.end()) return known->second;
  const auto width = width_of(level, n, size_);
  const auto file = folder_ / tile_path(level, n, width);
  const auto read = bytes(level, n, width, longest_tile);
  if (!read) return read.error();
  auto hashes = decode_tile(*read);
  if (!hashes || width == 0 || hashes->size() < width)
    return damaged(
        "a tile has " + std::to_string(read->size()) + " bytes; needed: " + std::to_string(width * sizeof(Hash)), file);
  hashes->resize(width);
  if (tiles_.size() >= most_tiles) tiles_.clear();
  return tiles_[{level, n}] = std::move(*hashes);
}

core::Result<std::vector<std::string>> LogReader::bundle(std::uint64_t n) {
  const auto width = width_of(-1, n, size_);
  const auto read = bytes(-1, n, width, longest_bundle);
  if (!read) return read.error();
  auto entries = decode_bundle(*read);
  if (!entries || width == 0 || entries->size() < width)
    return damaged(
        "a bundle of entries is cut short or cannot be divided; needed: " + std::to_string(width) + " entries",
        folder_ / bundle_path(n, width));
  entries->resize(width);
  return std::move(*entries);
}

Subtree LogReader::subtrees() {
  return [this](int level, std::uint64_t index) -> core::Result<Hash> {
    // The subtree's own hash is stored at every eighth level; between them it is folded from the ones below.
    const int stored = level / tile_height;
    const auto count = std::uint64_t{1} << (level % tile_height);
    const auto first = index * count;
    const auto row = tile(stored, first / tile_width);
    if (!row) return row.error();
    const auto offset = first % tile_width;
    if (offset + count > row->size())
      return damaged("a tile has too few hashes", folder_ / tile_path(stored, first / tile_width, tile_width));
    Hashes whole;
    fold(std::span(*row).subspan(offset, count), whole);
    return whole.front();
  };
}

core::Result<Edge> LogReader::edge() {
  std::vector<Hashes> rows;
  for (int level = 0; level < tile_height && (size_ >> (tile_height * level)) > 0; ++level) {
    const auto count = size_ >> (tile_height * level);
    rows.emplace_back();
    if (count % tile_width == 0) continue;
    auto last = tile(level, count / tile_width);
    if (!last) return last.error();
    rows.back() = std::move(*last);
  }
  return Edge::of(size_, std::move(rows));
}

}  // namespace penstock::audit
