#include "daemon/audit/log_writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "daemon/audit/half_written.hpp"
#include "daemon/audit/log_reader.hpp"

namespace penstock::audit {
namespace fs = std::filesystem;

namespace {

constexpr const char* restore = "restore the folder from a copy, or begin another log: a new folder and a new key";

core::Problem damaged(const std::string& what, const fs::path& file) {
  return {"audit-damaged", what, file.string(), restore, false};
}

// The end of a file: kept checkpoints may be many.
core::Result<std::string> tail_of(const fs::path& file, std::uint64_t& size) {
  constexpr std::uint64_t most = 4 * longest_note;
  size = 0;
  const runtime::Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened && errno == ENOENT) return std::string();
  struct stat seen {};
  if (!opened || ::fstat(opened.get(), &seen) != 0) return disk_problem(errno, "read", file);
  size = static_cast<std::uint64_t>(seen.st_size);
  const auto begin = size > most ? size - most : 0;
  std::string bytes;
  if (::lseek(opened.get(), static_cast<off_t>(begin), SEEK_SET) < 0 ||
      !runtime::read_pieces(opened.get(), [&](std::string_view piece) {
        bytes += piece;
        return true;
      }))
    return disk_problem(errno, "read", file);
  return bytes;
}

}  // namespace

std::vector<std::string> split_notes(const std::string& bytes, std::uint64_t& whole) {
  std::vector<std::string> notes;
  whole = 0;
  for (;;) {
    // A note has one empty line inside, before its signatures; the next one ends it.
    const auto inside = bytes.find("\n\n", whole);
    const auto end = inside == std::string::npos ? inside : bytes.find("\n\n", inside + 2);
    if (end == std::string::npos) return notes;
    notes.push_back(bytes.substr(whole, end + 1 - whole));
    whole = end + 2;
  }
}

core::Result<LogWriter> LogWriter::open(fs::path folder, Signer signer) {
  auto opened = Folder::open(std::move(folder));
  if (!opened) return opened.error();
  LogWriter writer(std::move(*opened), std::move(signer));
  if (auto loaded = writer.load(); !loaded) return loaded.error();
  return writer;
}

core::Result<void> LogWriter::load() {
  checkpoint_ = {signer_.verifier().name, 0, empty_root()};
  const auto file = folder() / checkpoint_file;
  auto note = read_file(file, longest_note);
  if (!note) return note.error();
  if (*note) {
    const auto checkpoint = open_checkpoint(**note, signer_.verifier());
    if (!checkpoint) return damaged("the checkpoint cannot be gone on from: " + checkpoint.error().message, file);
    checkpoint_ = *checkpoint;
    note_ = std::move(**note);
  }
  const auto rest = load_kept();
  if (!rest) return rest.error();
  LogReader reader(folder(), checkpoint_.size);
  if (auto checked = check_end_of_kept(*rest, reader); !checked) return checked;
  auto edge = reader.edge();
  if (!edge) return edge.error();
  edge_ = std::move(*edge);
  if (edge_.root() != checkpoint_.root)
    return damaged("the tiles do not give the root that was signed for " + std::to_string(checkpoint_.size) +
                       " entries; `penstock audit verify` says where",
                   folder());
  if (const auto partial = checkpoint_.size % tile_width; partial > 0) {
    const auto entries = reader.bundle(checkpoint_.size / tile_width);
    if (!entries) return entries.error();
    for (const auto& entry : *entries) append_entry(bundle_, entry);
    for (std::size_t i = 0; i < entries->size(); ++i)
      if (leaf_hash((*entries)[i]) != edge_.rows().front()[i])
        return damaged("entry " + std::to_string(checkpoint_.size - partial + i) + " was changed",
                       folder() / bundle_path(checkpoint_.size / tile_width, partial));
  }
  return {};
}

core::Result<KeptEnd> end_of_kept(const fs::path& file, const std::string& origin) {
  std::uint64_t size = 0;
  const auto tail = tail_of(file, size);
  if (!tail) return tail.error();
  // In the middle of a long file, the first piece may begin inside a note.
  auto bytes = *tail;
  std::uint64_t skipped = size - bytes.size();
  if (skipped > 0) {
    const auto begin = bytes.find("\n\n" + origin + "\n");
    if (begin == std::string::npos) return damaged("no checkpoint can be found at the end of the kept ones", file);
    bytes.erase(0, begin + 2);
    skipped += begin + 2;
  }
  std::uint64_t whole = 0;
  const auto notes = split_notes(bytes, whole);
  return KeptEnd{skipped + whole, notes.empty() ? "" : notes.back(), bytes.substr(whole)};
}

core::Result<std::string> LogWriter::load_kept() {
  const auto file = folder() / checkpoints_file;
  auto end = end_of_kept(file, signer_.verifier().name);
  if (!end) return end.error();
  kept_bytes_ = end->bytes;
  if (end->note.empty()) return std::move(end->rest);
  const auto last = open_checkpoint(end->note, signer_.verifier());
  if (!last) return damaged("the newest kept checkpoint cannot be trusted: " + last.error().message, file);
  if (last->size > checkpoint_.size)
    return damaged("a checkpoint of " + std::to_string(last->size) + " entries was kept, and the newest one has " +
                       std::to_string(checkpoint_.size) + ": the log was cut short",
                   file);
  kept_size_ = last->size;
  return std::move(end->rest);
}

// It is written over next: a checkpoint that was kept must not go with it.
core::Result<void> LogWriter::check_end_of_kept(const std::string& rest, LogReader& reader) const {
  const auto half_written = is_half_written(rest, signer_, reader);
  if (!half_written) return half_written.error();
  if (*half_written) return {};
  return damaged("the last " + std::to_string(rest.size()) + " bytes, from byte " + std::to_string(kept_bytes_) +
                     " on, are neither a checkpoint nor how one begins",
                 folder() / checkpoints_file);
}

core::Result<void> LogWriter::append(const std::vector<std::string>& entries, bool keep) {
  // The tree is the same whatever the number of entries at a time, so that a failed try is simply repeated.
  auto edge = edge_;
  auto bundle = bundle_;
  const auto former_size = edge.size();
  core::Result<void> done;
  for (const auto& entry : entries) {
    append_entry(bundle, entry);
    if ((edge.size() + 1) % tile_width == 0 && done) {
      done = folder_.put(bundle_path(edge.size() / tile_width, tile_width), bundle);
      bundle.clear();
    }
    edge.append(leaf_hash(entry), [&](int level, std::uint64_t n, const Hashes& row) {
      if (done) done = folder_.put(tile_path(level, n, tile_width), encode_tile(row));
    });
    if (!done) return done;
  }
  if (const auto width = edge.size() % tile_width; width > 0)
    if (done = folder_.put(bundle_path(edge.size() / tile_width, width), bundle); !done) return done;
  for (std::size_t level = 0; level < edge.rows().size(); ++level) {
    const auto& row = edge.rows()[level];
    const int number = static_cast<int>(level);
    const auto former_width = (former_size >> (tile_height * number)) % tile_width;
    const auto n = (edge.size() >> (tile_height * number)) / tile_width;
    // A level that has not grown has its tile already.
    if (row.empty() || (row.size() == former_width && n == (former_size >> (tile_height * number)) / tile_width))
      continue;
    if (done = folder_.put(tile_path(number, n, row.size()), encode_tile(row)); !done) return done;
  }
  if (done = folder_.sync(); !done) return done;
  if (done = publish(edge); !done) return done;
  edge_ = std::move(edge);
  bundle_ = std::move(bundle);
  drop_partials(former_size);
  return keep ? keep_checkpoint() : done;
}

core::Result<void> LogWriter::publish(const Edge& edge) {
  const Checkpoint checkpoint{signer_.verifier().name, edge.size(), edge.root()};
  auto note = signer_.sign(text_of(checkpoint));
  if (auto written = folder_.replace(checkpoint_file, note); !written) return written;
  checkpoint_ = checkpoint;
  note_ = std::move(note);
  return {};
}

core::Result<void> LogWriter::keep_cosignature(const std::string& file, const std::string& note,
                                               const std::string& line) {
  if (auto written = folder_.replace(file, note + line); !written) return written;
  // The newest one may be another one by now, or have it already.
  const auto name = line.substr(0, line.rfind(' ') + 1);
  if (!note_.starts_with(note) || note_.find("\n" + name) != std::string::npos) return {};
  const auto cosigned = note_ + line;
  if (auto written = folder_.replace(checkpoint_file, cosigned); !written) return written;
  note_ = cosigned;
  return {};
}

core::Result<void> LogWriter::keep_checkpoint() {
  if (checkpoint_.size == kept_size_ || note_.empty()) return {};
  if (auto kept = folder_.append(checkpoints_file, note_ + "\n", kept_bytes_); !kept) return kept;
  kept_bytes_ += note_.size() + 1;
  kept_size_ = checkpoint_.size;
  return {};
}

// Partial tiles may go once the full one is there. What a crash leaves of them does no harm.
void LogWriter::drop_partials(std::uint64_t former_size) {
  std::error_code ignored;
  const auto drop = [&](int level, std::uint64_t n) {
    auto full = (folder() / (level < 0 ? bundle_path(n, tile_width) : tile_path(level, n, tile_width))).string();
    fs::remove_all(full + ".p", ignored);
  };
  for (int level = 0; level < tile_height; ++level) {
    const auto former = former_size >> (tile_height * level);
    const auto now = checkpoint_.size >> (tile_height * level);
    if (former / tile_width == now / tile_width) return;
    // Only the tile that was partial before can have such files; fuller ones were never partial.
    if (former % tile_width == 0) continue;
    drop(level, former / tile_width);
    if (level == 0) drop(-1, former / tile_width);
  }
}

}  // namespace penstock::audit
