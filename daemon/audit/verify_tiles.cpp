#include "daemon/audit/verify_tiles.hpp"

#include <algorithm>

#include "daemon/audit/folder.hpp"
#include "daemon/audit/log_reader.hpp"
#include "daemon/audit/verify_entries.hpp"

namespace penstock::audit {
namespace {

// Why it has not what its name says; nothing when it has.
std::optional<Fault> misfit(const Tile& tile, const std::string& bytes) {
  const auto width = std::to_string(tile.width);
  if (tile.level >= 0) {
    const auto size = tile.width * sizeof(Hash);
    if (bytes.size() == size) return std::nullopt;
    return Fault{path_of(tile), "has " + std::to_string(bytes.size()) + " bytes; the hashes that its name says (" +
                                    width + ") are " + std::to_string(size)};
  }
  const auto divided = divide(bytes);
  if (!divided.whole)
    return Fault{path_of(tile) + ", entry " + std::to_string(tile.n * tile_width + divided.entries.size()),
                 "its length leads beyond the file's end"};
  if (divided.entries.size() == tile.width) return std::nullopt;
  return Fault{path_of(tile), "has " + std::to_string(divided.entries.size()) + " entries; its name says " + width};
}

}  // namespace

void StoredTiles::note(const Tile& tile) {
  // Full ones are found by their names.
  if (tile.width < tile_width) partial_[{tile.level, tile.n}].insert(tile.width);
}

std::optional<StoredTile> StoredTiles::read_if_there(const Tile& tile) {
  const auto file = path_of(tile);
  auto bytes = read_file(folder_ / file, tile.level < 0 ? longest_bundle : longest_tile);
  if (bytes && !*bytes) return std::nullopt;
  auto wrong = bytes ? misfit(tile, **bytes) : std::optional(Fault{file, bytes.error().message});
  const bool is_whole = !wrong;
  if (wrong) faults_.add(std::move(wrong->where), std::move(wrong->what));
  return StoredTile{file, bytes ? std::move(**bytes) : std::string(), is_whole};
}

StoredTile StoredTiles::read(const Tile& needed) {
  std::set<std::uint64_t> widths{needed.width, tile_width};
  if (const auto partial = partial_.find({needed.level, needed.n}); partial != partial_.end())
    widths.insert(partial->second.begin(), partial->second.end());
  std::optional<StoredTile> found;
  // From narrow to wide: where a daemon takes a partial tile away, the full one is there already.
  for (auto width = widths.find(needed.width); width != widths.end() && !found;) {
    found = read_if_there({needed.level, needed.n, *width});
    width = widths.erase(width);
  }
  if (!found) {
    faults_.add(path_of(needed), "is missing");
    return {path_of(needed), {}, false};
  }
  for (const auto width : widths) {
    const auto other = read_if_there({needed.level, needed.n, width});
    const auto common = other ? std::min(other->bytes.size(), found->bytes.size()) : 0;
    if (other && other->bytes.compare(0, common, found->bytes, 0, common) != 0)
      faults_.add(other->file, "does not begin as " + found->file + " does: one of the two was changed");
  }
  return std::move(*found);
}

}  // namespace penstock::audit
