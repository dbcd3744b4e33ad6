#include "daemon/audit/sink.hpp"

#include <algorithm>

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

// The files that the log has at its newest checkpoint and had not at an earlier one, entries first.
class NewFiles {
 public:
  NewFiles(const Published& log, std::uint64_t former)
      : reader_(log.folder, log.checkpoint.size), size_(log.checkpoint.size), former_(former) {
    enter(-1);
  }

  core::Result<std::optional<sdk::StoredFile>> next() {
    while (level_ < tile_height) {
      const auto width = width_of(level_, n_, size_);
      if (width == 0) {
        enter(level_ + 1);
        continue;
      }
      const auto n = n_++;
      if (width == width_of(level_, n, former_)) continue;
      return file(n, width);
    }
    return std::optional<sdk::StoredFile>();
  }

 private:
  void enter(int level) {
    level_ = level;
    n_ = (former_ >> (tile_height * std::max(level, 0))) / tile_width;
  }

  core::Result<std::optional<sdk::StoredFile>> file(std::uint64_t n, std::uint64_t width) {
    if (level_ >= 0) {
      const auto tile = reader_.tile(level_, n);
      if (!tile) return tile.error();
      return std::optional(sdk::StoredFile{tile_path(level_, n, width), encode_tile(*tile)});
    }
    const auto bundle = reader_.bundle(n);
    if (!bundle) return bundle.error();
    sdk::StoredFile made{bundle_path(n, width), {}};
    for (const auto& entry : *bundle) append_entry(made.bytes, entry);
    return std::optional(std::move(made));
  }

  LogReader reader_;
  std::uint64_t size_, former_;
  int level_ = -1;
  std::uint64_t n_ = 0;
};

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
  had_ = there.size;
  if (there.size == size) return size;
  NewFiles files(log, there.size);
  sdk::Addition addition;
  addition.next = [&files] { return files.next(); };
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
