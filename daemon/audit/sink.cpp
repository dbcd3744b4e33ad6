#include "daemon/audit/sink.hpp"

#include <algorithm>

#include "daemon/audit/folder.hpp"
#include "daemon/audit/log_reader.hpp"

namespace penstock::audit {
namespace {

core::Problem differs(const std::string& what) {
  return {
      "audit-differs", what + "; nothing was changed there", "",
      "find out with `penstock audit verify` which of the two was changed; give the log another sink only when that "
      "is known",
      false};
}

std::string entries(std::uint64_t count) { return std::to_string(count) + (count == 1 ? " entry" : " entries"); }

// The tiles that a log has with `size` entries and had not with `former`, those of entries first.
class NewTiles {
 public:
  NewTiles(std::uint64_t former, std::uint64_t size) : former_(former), size_(size) { enter(-1); }

  std::optional<Tile> next() {
    while (true) {
      const auto width = width_of(level_, n_, size_);
      if (width > 0) {
        const auto n = n_++;
        if (width != width_of(level_, n, former_)) return Tile{level_, n, width};
      } else if (level_ + 1 < tile_height) {  // eight levels of eight bits are all that 64 bits can count
        enter(level_ + 1);
      } else {
        return std::nullopt;
      }
    }
  }

 private:
  void enter(int level) {
    level_ = level;
    n_ = (former_ >> (tile_height * std::max(level, 0))) / tile_width;
  }

  std::uint64_t former_, size_;
  int level_ = -1;
  std::uint64_t n_ = 0;
};

core::Result<sdk::StoredFile> read_tile(LogReader& log, const Tile& tile) {
  if (tile.level >= 0) {
    const auto hashes = log.tile(tile.level, tile.n);
    if (!hashes) return hashes.error();
    return sdk::StoredFile{path_of(tile), encode_tile(*hashes)};
  }
  const auto bundle = log.bundle(tile.n);
  if (!bundle) return bundle.error();
  sdk::StoredFile file{path_of(tile), {}};
  for (const auto& entry : *bundle) append_entry(file.bytes, entry);
  return file;
}

// How long the tile's file is; full ones are not read for it.
core::Result<std::uint64_t> length_of(const std::filesystem::path& folder, LogReader& log, const Tile& tile) {
  if (tile.level >= 0) return tile.width * sizeof(Hash);
  std::error_code failed;
  if (tile.width == tile_width) {
    const auto size = std::filesystem::file_size(folder / path_of(tile), failed);
    if (!failed) return static_cast<std::uint64_t>(size);
    return disk_problem(failed.value(), "read", folder / path_of(tile));
  }
  const auto file = read_tile(log, tile);
  if (!file) return file.error();
  return static_cast<std::uint64_t>(file->bytes.size());
}

// The folders of partial tiles that have become full.
std::vector<std::string> superseded(std::uint64_t former, std::uint64_t size) {
  std::vector<std::string> paths;
  for (int level = -1; level < tile_height; ++level) {
    const int height = tile_height * std::max(level, 0);
    const auto n = (former >> height) / tile_width;
    if ((former >> height) % tile_width == 0 || (size >> height) / tile_width == n) continue;
    paths.push_back((level < 0 ? bundle_path(n, tile_width) : tile_path(level, n, tile_width)) + ".p");
  }
  return paths;
}

}  // namespace

core::Result<void> Sink::see_that_it_is_whole(const Published& log, const std::string& note, std::uint64_t size) {
  LogReader reader(log.folder, size);
  NewTiles tiles(0, size);
  while (const auto tile = tiles.next()) {
    const auto needed = length_of(log.folder, reader, *tile);
    if (!needed) return needed.error();
    const auto found = store_->size_of(path_of(*tile));
    if (!found) return found.error();
    if (*found == *needed) continue;
    // Another daemon may have added to it since its checkpoint was read, and taken away what became needless.
    const auto now = store_->checkpoint();
    if (!now) return now.error();
    if (*now != note) return core::Problem{"audit-moved", "another daemon adds to this sink", "", "", true};
    return differs("the sink has acknowledged " + entries(size) + ", and its file " + path_of(*tile) +
                   (*found ? " has " + std::to_string(**found) + " bytes" : " is missing") + ", " +
                   std::to_string(*needed) + " bytes were needed");
  }
  return {};
}

core::Result<std::uint64_t> Sink::bring(const Published& log) {
  const auto note = store_->checkpoint();
  if (!note) return note.error();
  Checkpoint there{log.verifier.name, 0, empty_root()};
  if (!note->empty()) {
    const auto opened = open_checkpoint(*note, log.verifier);
    if (!opened) return differs("the sink's checkpoint is not one of this log: " + opened.error().message);
    there = *opened;
  }
  if (there.size < had_)
    return differs("the sink has acknowledged " + entries(had_) + " and has " + entries(there.size) +
                   " now: it is empty, an older copy, or not mounted");
  const auto size = log.checkpoint.size;
  if (there.size > size)
    return core::Problem{
        "audit-ahead", "the sink has " + entries(there.size) + " and the log " + entries(size), "",
        "another daemon of the same journal may be ahead by moments; otherwise the journal or the log's folder is an "
        "older copy",
        true};
  LogReader reader(log.folder, size);
  const auto root = root_of(there.size, reader.subtrees());
  if (!root) return root.error();
  if (*root != there.root)
    return differs("the sink's first " + entries(there.size) + " are not those of the log: it has another history");
  if (!is_whole_) {
    if (auto whole = see_that_it_is_whole(log, *note, there.size); !whole) return whole.error();
    is_whole_ = true;
  }
  had_ = there.size;
  if (there.size == size) return size;
  LogReader newest(log.folder, size);
  NewTiles tiles(there.size, size);
  sdk::Addition addition;
  addition.next = [&]() -> core::Result<std::optional<sdk::StoredFile>> {
    const auto tile = tiles.next();
    if (!tile) return std::optional<sdk::StoredFile>();
    auto file = read_tile(newest, *tile);
    if (!file) return file.error();
    return std::optional(std::move(*file));
  };
  addition.superseded = superseded(there.size, size);
  addition.checkpoint = log.note;
  addition.about =
      (size - there.size == 1 ? "entry " : "entries " + std::to_string(there.size) + " to ") + std::to_string(size - 1);
  if (auto added = store_->add(addition); !added) {
    // Somebody else may have added the same: that is found by reading it.
    if (added.error().code == "audit-moved") return there.size;
    return added.error();
  }
  had_ = size;
  return size;
}

}  // namespace penstock::audit
