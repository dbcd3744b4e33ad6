#include "daemon/audit/verify.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "daemon/audit/attester.hpp"
#include "daemon/audit/cosignature.hpp"
#include "daemon/audit/log_reader.hpp"
#include "daemon/audit/log_writer.hpp"
#include "daemon/audit/verify_attestations.hpp"
#include "daemon/audit/verify_entries.hpp"
#include "daemon/audit/verify_signed.hpp"
#include "daemon/audit/verify_tiles.hpp"

namespace penstock::audit {
namespace {

namespace fs = std::filesystem;

constexpr const char* tile_folder = "tile";
// Of a log that a daemon writes meanwhile.
constexpr int most_repetitions = 2;

// The tree as one row of leaf hashes gives it, and what it says of the stored tiles and signed roots.
struct Computed {
  Edge edge;
  Faults wrong;
  std::uint64_t right_until = 0;  // the largest signed size whose root this row gives

  void compare(const Hash& root, const SignedRoot& expected) {
    if (expected.checkpoint.root == root)
      right_until = edge.size();
    else
      wrong.add(expected.where, "its root for " + std::to_string(edge.size()) +
                                    " entries is not that of the entries: two histories were signed, or entries were "
                                    "changed");
  }
};

class Verification {
 public:
  Verification(const fs::path& folder, const Verifier& verifier)
      : folder_(folder),
        signed_(folder, verifier, report_, faults_),
        tiles_(folder, faults_),
        attestations_(folder, verifier, report_, faults_) {}

  Report take(const std::vector<Brought>& others, const std::vector<Verifier>& witnesses) && {
    if (signed_.read(others, witnesses)) {
      list();
      compare_roots();
      for (std::uint64_t n = 0; n * tile_width < report_.checkpoint.size; ++n) read_bundle(n);
      signed_.finish();
      attestations_.finish(signed_.size_now());
      judge();
    }
    report_.faults = std::move(faults_).take(folder_.string());
    return std::move(report_);
  }

 private:
  // Not by one iterator over all of them, which ends where a folder is gone: a daemon drops those of partial tiles.
  void list() {
    for (std::vector<fs::path> folders{folder_}; !folders.empty();) {
      const auto folder = std::move(folders.back());
      folders.pop_back();
      std::error_code failed;
      for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
        std::error_code unknown;
        if (entry->is_directory(unknown) && !entry->is_symlink(unknown))
          folders.push_back(entry->path());
        else
          look_at(entry->path().lexically_relative(folder_).generic_string());
      }
      if (failed && failed != std::errc::no_such_file_or_directory)
        faults_.add(folder.string(), "cannot be listed: " + failed.message());
    }
  }

  void look_at(const std::string& path) {
    if (path == checkpoint_file || path == checkpoints_file || path.ends_with(unfinished)) return;
    if (path.starts_with(std::string(witness_folder) + "/")) return;  // read with what was signed
    if (path.starts_with(std::string(attestations_folder) + "/")) return attestations_.read(path);
    const auto tile = tile_of(path);
    if (!tile) return report_.notes.push_back(path + " is no file of the log");
    const auto width = width_of(tile->level, tile->n, report_.checkpoint.size);
    if (width > 0) tiles_.note(*tile);
    if (width == 0)
      report_.notes.push_back(path + " is beyond the newest checkpoint");
    else if (tile->width > width)
      report_.notes.push_back(path + " reaches beyond the newest checkpoint");
  }

  StoredTile read_tile(int level, std::uint64_t n) {
    return tiles_.read({level, n, width_of(level, n, report_.checkpoint.size)});
  }

  void read_bundle(std::uint64_t n) {
    const auto width = width_of(-1, n, report_.checkpoint.size);
    const auto bundle = read_tile(-1, n);
    auto entries = divide(bundle.bytes).entries;
    entries.resize(std::min<std::size_t>(entries.size(), width));
    const auto tile = read_tile(0, n);
    auto hashes = decode_tile(tile.bytes).value_or(Hashes());
    hashes.resize(std::min<std::size_t>(hashes.size(), width));
    report_.entries += entries.size();
    Hashes found;
    for (const auto& entry : entries) found.push_back(leaf_hash(entry));
    Faults differing;
    if (hashes.size() == width) differing = compare_entries(n * tile_width, found, hashes, bundle.file);
    wrong_entries_.add(differing);
    if (!differing.empty()) wrong_hashes_.add(tile.file, "was changed: its hashes are not those of the entries");
    for (std::size_t i = 0; i < width; ++i) {
      // What is missing is taken from the other file, so that the rest can be told apart.
      const auto other = i < hashes.size() ? hashes[i] : Hash();
      const auto leaf = i < found.size() ? found[i] : other;
      append(leaf, i < hashes.size() ? hashes[i] : leaf);
      if (i >= entries.size() || !differing.empty()) continue;
      times_.read(n * tile_width + i, entries[i], report_, faults_);
      attestations_.compare(n * tile_width + i, entries[i]);
    }
  }

  // One tree is enough for as long as entries and tiles say the same.
  void append(const Hash& by_entries, const Hash& by_tiles) {
    if (by_entries != by_tiles && !by_tiles_) by_tiles_ = by_entries_;
    append(by_entries_, by_entries);
    if (by_tiles_) append(*by_tiles_, by_tiles);
    compare_roots();
  }

  void append(Computed& computed, const Hash& leaf) {
    computed.edge.append(leaf,
                         [&](int level, std::uint64_t n, const Hashes& row) { compare(computed, level, n, row); });
  }

  void compare_roots() {
    const auto size = by_entries_.edge.size();
    auto expected = signed_.next(size);
    if (!expected) return;
    const auto root = by_entries_.edge.root();
    const auto root_by_tiles = by_tiles_ ? by_tiles_->edge.root() : root;
    for (; expected; expected = signed_.next(size)) {
      by_entries_.compare(root, *expected);
      if (by_tiles_) by_tiles_->compare(root_by_tiles, *expected);
    }
  }

  // A stored tile above the leaves. It may have more than was signed: what a crash leaves.
  void compare(Computed& computed, int level, std::uint64_t n, const Hashes& row) {
    if (level == 0) return;
    auto known = above_.find({level, n});
    if (known == above_.end()) known = above_.emplace(std::pair(level, n), read_tile(level, n)).first;
    const auto& tile = known->second;
    if (tile.is_whole && !tile.bytes.starts_with(encode_tile(row)))
      computed.wrong.add(tile.file, "was changed: its hashes are not those of the tiles below it");
    const bool was_last = !by_tiles_ || &computed == &*by_tiles_;
    if (row.size() == tile_width && was_last) above_.erase(known);
  }

  void compare_edge(Computed& computed) {
    for (std::size_t i = 1; i < computed.edge.rows().size(); ++i) {
      const auto level = static_cast<int>(i);
      const auto& row = computed.edge.rows()[i];
      if (!row.empty()) compare(computed, level, (computed.edge.size() >> (tile_height * level)) / tile_width, row);
    }
  }

  void judge() {
    compare_edge(by_entries_);
    if (by_tiles_) compare_edge(*by_tiles_);
    const auto& tiles = by_tiles_ ? *by_tiles_ : by_entries_;
    const auto& root = report_.checkpoint.root;
    const bool entries_are_right = report_.entries == report_.checkpoint.size && by_entries_.edge.root() == root;
    const bool tiles_are_right = tiles.edge.root() == root;
    faults_.add(entries_are_right ? wrong_hashes_ : wrong_entries_);
    if (entries_are_right || tiles_are_right) return faults_.add(entries_are_right ? by_entries_.wrong : tiles.wrong);
    const auto until = std::max(by_entries_.right_until, tiles.right_until);
    faults_.add(folder_.string(), "neither the entries nor the tiles give the root that was signed for " +
                                      std::to_string(report_.checkpoint.size) + " entries; the first " +
                                      std::to_string(until) + " are as they were signed, the change is behind them");
  }

  const fs::path folder_;
  Report report_;
  Faults faults_;
  SignedRoots signed_;
  StoredTiles tiles_;
  Attestations attestations_;
  std::map<std::pair<int, std::uint64_t>, StoredTile> above_;
  Computed by_entries_;
  std::optional<Computed> by_tiles_;  // from where it is another one
  Faults wrong_entries_;
  Faults wrong_hashes_;
  Times times_;
};

// It changes with whatever a daemon publishes.
std::pair<std::string, std::uintmax_t> state_of(const fs::path& folder) {
  const auto note = read_file(folder / checkpoint_file, longest_note);
  std::error_code missing;
  const auto kept = fs::file_size(folder / checkpoints_file, missing);
  return {note && *note ? **note : "", kept};
}

}  // namespace

core::Result<void> find_log(const fs::path& folder) {
  const auto no_log = [&](const std::string& what, const std::string& next) {
    return core::Problem{"no-log", what, folder.string(), next, false};
  };
  constexpr const char* unreadable = "check the path, and run this as somebody who may read it";
  std::error_code failed;
  const fs::directory_iterator listed(folder, failed);
  if (failed) return no_log("the log's folder cannot be read: " + failed.message(), unreadable);
  const auto note = read_file(folder / checkpoint_file, longest_note);
  if (!note && note.error().code == "audit-failed") return no_log(note.error().message, unreadable);
  if (!note || *note) return {};
  for (const auto* left_over : {checkpoints_file, tile_folder})
    if (fs::exists(fs::symlink_status(folder / left_over, failed))) return {};
  return no_log("there is no log in this folder: neither `checkpoint` nor `tile`",
                "name the log's folder (`audit` below the daemon's data, unless `audit.folder` says otherwise); a log "
                "that was just begun is there after its first entry");
}

Report verify(const fs::path& folder, const Verifier& verifier, const std::vector<std::string>& others,
              const std::vector<Verifier>& witnesses) {
  std::vector<Brought> brought;
  for (const auto& other : others) brought.push_back({other, "a checkpoint that was kept elsewhere"});
  for (int left = most_repetitions;; --left) {
    const auto before = state_of(folder);
    auto report = Verification(folder, verifier).take(brought, witnesses);
    if (report.good() || left == 0 || state_of(folder) == before) return report;
    if (open_checkpoint(before.first, verifier))
      brought.push_back({before.first, "the checkpoint that was there before"});
  }
}

}  // namespace penstock::audit
