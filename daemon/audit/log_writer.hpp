// Makes entries into tiles and signed checkpoints. Only the right edge is kept in memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/audit/folder.hpp"
#include "daemon/audit/note.hpp"
#include "daemon/audit/tiles.hpp"

namespace penstock::audit {

class LogReader;

// The files beside the tiles: the newest checkpoint, and earlier ones, each followed by an empty line.
constexpr const char* checkpoint_file = "checkpoint";
constexpr const char* checkpoints_file = "checkpoints";

// Blocks on the disk. One thread at a time.
class LogWriter {
 public:
  // Opens the log in the folder, or begins one. What is there must be what the signer signed last. Problems
  // "audit-damaged", "audit-in-use", "audit-failed".
  static core::Result<LogWriter> open(std::filesystem::path folder, Signer signer);

  const std::filesystem::path& folder() const { return folder_.root(); }
  const Checkpoint& checkpoint() const { return checkpoint_; }
  std::uint64_t size() const { return checkpoint_.size; }

  // Writes the tiles, and then the checkpoint that covers them: either is done, or the log is what it was. `keep`: the
  // checkpoint is also kept among the earlier ones. Problems "audit-differs" (history would be overwritten: nothing
  // was), "audit-failed".
  core::Result<void> append(const std::vector<std::string>& entries, bool keep);
  // Keeps what a witness has cosigned: in the file, and below the newest checkpoint if it is that. `note` is as the log
  // signed it, `line` the cosignature, which is not verified here.
  core::Result<void> keep_cosignature(const std::string& file, const std::string& note, const std::string& line);
  // Keeps the newest checkpoint among the earlier ones, unless it is there.
  core::Result<void> keep_checkpoint();

 private:
  LogWriter(Folder folder, Signer signer) : folder_(std::move(folder)), signer_(std::move(signer)) {}
  core::Result<void> load();
  // What stands behind the last whole one of them.
  core::Result<std::string> load_kept();
  core::Result<void> check_end_of_kept(const std::string& rest, LogReader& reader) const;
  core::Result<void> publish(const Edge& edge);
  void drop_partials(std::uint64_t former_size);

  Folder folder_;
  Signer signer_;
  Checkpoint checkpoint_;
  Edge edge_;
  std::string bundle_;            // the last, partial one
  std::string note_;              // with the cosignatures that came since it was signed
  std::uint64_t kept_size_ = 0;   // of the newest kept checkpoint
  std::uint64_t kept_bytes_ = 0;  // of the file of kept checkpoints
};

// The kept checkpoints' notes, one after another; what a crash left half written is not among them. `whole` is how many
// bytes they have.
std::vector<std::string> split_notes(const std::string& bytes, std::uint64_t& whole);

// Where the file of kept checkpoints can be gone on with, and the last of them; nothing is read but its end.
struct KeptEnd {
  std::uint64_t bytes = 0;  // up to the end of the last whole one
  std::string note;         // empty: there is none
  std::string rest;         // what stands behind it
};
core::Result<KeptEnd> end_of_kept(const std::filesystem::path& file, const std::string& origin);

}  // namespace penstock::audit
