#include "daemon/audit/verify.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "daemon/audit/attester.hpp"
#include "daemon/audit/cosignature.hpp"
#include "daemon/audit/dsse.hpp"
#include "daemon/audit/log_reader.hpp"
#include "daemon/audit/log_writer.hpp"
#include "daemon/audit/verify_entries.hpp"

namespace penstock::audit {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_faults = 200;
constexpr std::size_t longest_checkpoints = std::size_t{1} << 30;

// The tree as one row of leaf hashes gives it, and what it says of the stored tiles and signed roots.
struct Computed {
  Edge edge;
  std::vector<std::string> wrong_tiles;
  std::vector<Fault> wrong_roots;
  std::uint64_t right_until = 0;  // the largest signed size whose root this row gives
};

class Verification {
 public:
  Verification(const fs::path& folder, const Verifier& verifier) : folder_(folder), verifier_(verifier) {}

  Report take(const std::vector<std::string>& others, const std::vector<Verifier>& witnesses) && {
    if (read_checkpoint()) {
      read_kept();
      for (const auto& witness : witnesses) read_cosignatures(witness);
      for (const auto& other : others) expect(other, "a checkpoint that was kept elsewhere");
      list();
      for (std::uint64_t n = 0; n * tile_width < report_.checkpoint.size; ++n) read_bundle(n);
      judge();
    }
    if (report_.faults.size() > most_faults) {
      const auto more = report_.faults.size() - most_faults;
      report_.faults.resize(most_faults);
      report_.faults.push_back({folder_.string(), "and " + std::to_string(more) + " more"});
    }
    return std::move(report_);
  }

 private:
  void fault(std::string where, std::string what) { report_.faults.push_back({std::move(where), std::move(what)}); }

  bool read_checkpoint() {
    const auto note = read_file(folder_ / checkpoint_file, longest_note);
    if (!note || !*note) {
      fault(checkpoint_file, note ? "is missing: without it nothing is signed" : note.error().message);
      return false;
    }
    const auto checkpoint = open_checkpoint(**note, verifier_);
    if (!checkpoint) return fault(checkpoint_file, checkpoint.error().message), false;
    report_.checkpoint = *checkpoint;
    roots_.emplace(checkpoint->size, std::pair(checkpoint->root, std::string(checkpoint_file)));
    ++report_.checkpoints;
    return true;
  }

  void read_kept() {
    const auto bytes = read_file(folder_ / checkpoints_file, longest_checkpoints);
    if (!bytes) return fault(checkpoints_file, bytes.error().message);
    if (!*bytes) return fault(checkpoints_file, "is missing");
    std::uint64_t whole = 0;
    const auto notes = split_notes(**bytes, whole);
    if (whole != (*bytes)->size())
      fault(checkpoints_file, "ends in the middle of a checkpoint, at byte " + std::to_string(whole) +
                                  ": it was cut, or penstockd crashed there and has not gone on yet");
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < notes.size(); ++i) {
      const auto where = std::string(checkpoints_file) + ", checkpoint " + std::to_string(i);
      const auto size = expect(notes[i], where);
      if (size && *size < last) fault(where, "is smaller than the one before it: they were put in another order");
      last = size.value_or(last);
    }
  }

  std::optional<std::uint64_t> expect(const std::string& note, const std::string& where) {
    const auto checkpoint = open_checkpoint(note, verifier_);
    if (!checkpoint) {
      fault(where, checkpoint.error().message);
      return std::nullopt;
    }
    if (checkpoint->size > report_.checkpoint.size)
      fault(where, "covers " + std::to_string(checkpoint->size) + " entries, and the newest checkpoint of the log " +
                       std::to_string(report_.checkpoint.size) + ": the log was cut short");
    roots_.emplace(checkpoint->size, std::pair(checkpoint->root, where));
    ++report_.checkpoints;
    return checkpoint->size;
  }

  // What the witness has cosigned is one more root that the log must have.
  void read_cosignatures(const Verifier& witness) {
    std::optional<Witnessed> best;
    for (const auto& file : {std::string(checkpoint_file), witness_file(witness)}) {
      const auto note = read_file(folder_ / file, longest_note);
      if (!note) fault(file, note.error().message);
      const auto read = note && *note ? read_note(**note) : core::Result<SignedText>(SignedText());
      if (!read || read->text.empty()) continue;  // the newest checkpoint was read before
      const auto found = find_cosignature(read->text, read->signatures, witness);
      if (!found) fault(file, found.error().message);
      if (!found || !*found) continue;
      const auto size = file == checkpoint_file ? report_.checkpoint.size : expect(**note, file);
      if (size && (!best || *size > best->size)) best = Witnessed{witness, *size, (*found)->at};
    }
    if (!best) return fault(checkpoint_file, "is not cosigned by the witness " + witness.name + " with this key");
    report_.witnessed.push_back(*best);
    if (best->size < report_.checkpoint.size)
      report_.notes.push_back(witness.name + " has cosigned the first " + std::to_string(best->size) +
                              " entries; nobody but the log vouches for what is behind them");
  }

  // Whether it is still what this log's key has sealed; of what it speaks, dossiers tell.
  void read_attestation(const std::string& path) {
    if (!path.ends_with(".json")) return;
    const auto bytes = read_file(folder_ / path, longest_envelope);
    if (!bytes || !*bytes) return fault(path, bytes ? "is missing" : bytes.error().message);
    if (const auto payload = unseal(**bytes, in_toto_type, verifier_); !payload) fault(path, payload.error().message);
  }

  // Every tile that is stored, partial ones too: each of them says something.
  void list() {
    std::error_code failed;
    for (fs::recursive_directory_iterator entry(folder_, failed), end; !failed && entry != end;
         entry.increment(failed)) {
      if (entry->is_directory(failed)) continue;
      const auto path = entry->path().lexically_relative(folder_).generic_string();
      if (path == checkpoint_file || path == checkpoints_file || path.ends_with(unfinished)) continue;
      if (path.starts_with("witness/")) continue;  // read where the witness is asked for
      if (path.starts_with(std::string(attestations_folder) + "/")) {
        read_attestation(path);
        continue;
      }
      const auto tile = tile_of(path);
      const auto width = tile ? width_of(tile->level, tile->n, report_.checkpoint.size) : 0;
      if (!tile)
        report_.notes.push_back(path + " is no file of the log");
      else if (width == 0)
        report_.notes.push_back(path + " is beyond the newest checkpoint");
      else
        stored_[{tile->level, tile->n}].insert(tile->width);
    }
    if (failed) fault(folder_.string(), "cannot be listed: " + failed.message());
  }

  // The widest file of a tile; narrower ones must be its beginning.
  std::string read_tile(int level, std::uint64_t n, std::string& file) {
    const auto path_of = [&](std::uint64_t width) {
      return level < 0 ? bundle_path(n, width) : tile_path(level, n, width);
    };
    const auto needed = width_of(level, n, report_.checkpoint.size);
    file = path_of(needed);
    const auto stored = stored_.find({level, n});
    if (stored == stored_.end() || *stored->second.rbegin() < needed) {
      fault(file, "is missing");
      if (stored == stored_.end()) return {};
    }
    file = path_of(*stored->second.rbegin());
    std::string widest;
    for (auto width = stored->second.rbegin(); width != stored->second.rend(); ++width) {
      auto bytes = read_file(folder_ / path_of(*width), level < 0 ? longest_bundle : longest_tile);
      const auto path = path_of(*width);
      if (!bytes || !*bytes) {
        fault(path, bytes ? "went away while it was read" : bytes.error().message);
      } else if (width == stored->second.rbegin()) {
        widest = std::move(**bytes);
        if (counted(level, widest) > *width) fault(path, "has more in it than its name says");
      } else if (!widest.starts_with(**bytes) || counted(level, **bytes) != *width) {
        fault(path, "is not how " + file + " begins: one of the two was changed");
      }
    }
    return widest;
  }

  static std::uint64_t counted(int level, const std::string& bytes) {
    if (level >= 0) return bytes.size() % sizeof(Hash) == 0 ? bytes.size() / sizeof(Hash) : 0;
    const auto divided = divide(bytes);
    return divided.whole ? divided.entries.size() : 0;
  }

  void read_bundle(std::uint64_t n) {
    const auto width = width_of(-1, n, report_.checkpoint.size);
    std::string bundle_file;
    std::string tile_file;
    auto divided = divide(read_tile(-1, n, bundle_file));
    if (!divided.whole)
      fault(bundle_file + ", entry " + std::to_string(n * tile_width + divided.entries.size()),
            "its length leads beyond the file's end");
    const auto bytes = read_tile(0, n, tile_file);
    auto hashes = decode_tile(bytes).value_or(Hashes());
    if (bytes.size() % sizeof(Hash) != 0 || (hashes.size() < width && !bytes.empty()))
      fault(tile_file, "has " + std::to_string(bytes.size()) + " bytes, which are not the hashes it should have");
    hashes.resize(std::min<std::size_t>(hashes.size(), width));
    divided.entries.resize(std::min<std::size_t>(divided.entries.size(), width));
    report_.entries += divided.entries.size();
    std::vector<Fault> differing;
    if (hashes.size() == width) differing = compare_entries(n * tile_width, divided.entries, hashes, bundle_file);
    differing_.insert(differing_.end(), differing.begin(), differing.end());
    if (!differing.empty()) differing_tiles_.push_back(tile_file);
    for (std::size_t i = 0; i < width; ++i) {
      const bool is_there = i < divided.entries.size();
      const auto leaf = is_there ? leaf_hash(divided.entries[i]) : Hash();
      const auto told = i < hashes.size() ? hashes[i] : leaf;
      add(by_entries_, is_there ? leaf : told);
      add(by_tiles_, told);
      if (is_there && differing.empty()) times_.read(n * tile_width + i, divided.entries[i], report_);
    }
  }

  void add(Computed& computed, const Hash& leaf) {
    computed.edge.append(leaf,
                         [&](int level, std::uint64_t n, const Hashes& row) { compare(computed, level, n, row); });
    const auto [first, last] = roots_.equal_range(computed.edge.size());
    if (first == last) return;
    const auto root = computed.edge.root();
    bool all = true;
    for (auto expected = first; expected != last; ++expected) {
      if (expected->second.first == root) continue;
      all = false;
      computed.wrong_roots.push_back(
          {expected->second.second,
           "its root for " + std::to_string(expected->first) +
               " entries is not that of the entries: two histories were signed, or entries were changed"});
    }
    if (all) computed.right_until = computed.edge.size();
  }

  // A stored tile above the leaves.
  void compare(Computed& computed, int level, std::uint64_t n, const Hashes& row) {
    if (level == 0) return;
    auto known = above_.find({level, n});
    if (known == above_.end()) {
      std::string file;
      auto bytes = read_tile(level, n, file);
      known = above_.emplace(std::pair(level, n), std::pair(std::move(file), std::move(bytes))).first;
    }
    const auto& [file, bytes] = known->second;
    if (!bytes.empty() && bytes != encode_tile(row)) computed.wrong_tiles.push_back(file);
    if (row.size() == tile_width && &computed == &by_tiles_) above_.erase(known);
  }

  void judge() {
    for (auto* computed : {&by_entries_, &by_tiles_})
      for (std::size_t level = 1; level < computed->edge.rows().size(); ++level)
        if (const auto& row = computed->edge.rows()[level]; !row.empty())
          compare(*computed, static_cast<int>(level),
                  (computed->edge.size() >> (tile_height * static_cast<int>(level))) / tile_width, row);
    const auto& root = report_.checkpoint.root;
    // What is missing was taken from the tiles, so that the rest could be told apart.
    const bool entries_are_right = report_.entries == report_.checkpoint.size && by_entries_.edge.root() == root;
    const bool tiles_are_right = by_tiles_.edge.root() == root;
    if (report_.checkpoint.size == 0 && root != empty_root()) fault(checkpoint_file, "signs a root for no entries");
    const auto& right = entries_are_right ? by_entries_ : by_tiles_;
    if (entries_are_right)
      for (const auto& file : differing_tiles_) fault(file, "was changed: its hashes are not those of the entries");
    else
      report_.faults.insert(report_.faults.end(), differing_.begin(), differing_.end());
    if (entries_are_right || tiles_are_right) {
      for (const auto& file : right.wrong_tiles)
        fault(file, "was changed: its hashes are not those of the tiles below it");
      report_.faults.insert(report_.faults.end(), right.wrong_roots.begin(), right.wrong_roots.end());
      return;
    }
    const auto until = std::max(by_entries_.right_until, by_tiles_.right_until);
    fault(folder_.string(), "neither the entries nor the tiles give the root that was signed for " +
                                std::to_string(report_.checkpoint.size) + " entries; the first " +
                                std::to_string(until) + " are as they were signed, the change is behind them");
  }

  const fs::path folder_;
  const Verifier& verifier_;
  Report report_;
  std::multimap<std::uint64_t, std::pair<Hash, std::string>> roots_;  // by size: the root, and who says so
  std::map<std::pair<int, std::uint64_t>, std::set<std::uint64_t>> stored_;
  std::map<std::pair<int, std::uint64_t>, std::pair<std::string, std::string>> above_;
  Computed by_entries_;
  Computed by_tiles_;
  std::vector<Fault> differing_;
  std::vector<std::string> differing_tiles_;
  Times times_;
};

}  // namespace

Report verify(const fs::path& folder, const Verifier& verifier, const std::vector<std::string>& others,
              const std::vector<Verifier>& witnesses) {
  return Verification(folder, verifier).take(others, witnesses);
}

}  // namespace penstock::audit
