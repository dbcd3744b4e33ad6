#include "daemon/audit/verify_kept.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "daemon/audit/folder.hpp"
#include "daemon/audit/log_reader.hpp"
#include "daemon/audit/log_writer.hpp"

namespace penstock::audit {
namespace {

constexpr const char* cut = "it was cut, or penstockd crashed there and has not gone on yet";

}  // namespace

KeptCheckpoints::KeptCheckpoints(const std::filesystem::path& folder, const Verifier& verifier, Faults& faults)
    : verifier_(verifier), faults_(faults) {
  open(folder / checkpoints_file);
}

void KeptCheckpoints::open(const std::filesystem::path& file) {
  file_ = runtime::Descriptor(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file_ && errno == ENOENT) return faults_.add(checkpoints_file, "is missing");
  struct stat seen {};
  if (!file_ || ::fstat(file_.get(), &seen) != 0)
    return faults_.add(checkpoints_file, disk_problem(errno, "read", file).message);
  if (!S_ISREG(seen.st_mode)) return faults_.add(checkpoints_file, "is no regular file");
  left_ = static_cast<std::uint64_t>(seen.st_size);
  if (left_ == 0) faults_.add(checkpoints_file, "is empty: " + std::string(cut));
}

// False at the end.
bool KeptCheckpoints::read_piece() {
  if (left_ == 0) return false;
  const auto before = rest_.size();
  const bool ended = runtime::read_pieces(file_.get(), [this](std::string_view piece) {
    rest_ += piece.substr(0, left_);
    return false;
  });
  if (!ended && errno != 0) faults_.add(checkpoints_file, disk_problem(errno, "read", checkpoints_file).message);
  const auto count = rest_.size() - before;
  left_ = count == 0 ? 0 : left_ - count;
  return count > 0;
}

std::optional<std::string> KeptCheckpoints::next_note() {
  while (notes_.empty() && read_piece()) {
    std::uint64_t whole = 0;
    for (auto& note : split_notes(rest_, whole)) notes_.push_back(std::move(note));
    rest_.erase(0, whole);
    whole_ += whole;
    if (rest_.size() > longest_note) left_ = 0;  // no checkpoint is as long as that
  }
  if (notes_.empty()) {
    if (!rest_.empty())
      faults_.add(checkpoints_file, "has no whole checkpoint from byte " + std::to_string(whole_) + " on: " + cut);
    rest_.clear();
    return std::nullopt;
  }
  auto note = std::move(notes_.front());
  notes_.pop_front();
  return note;
}

std::optional<SignedRoot> KeptCheckpoints::next() {
  while (const auto note = next_note()) {
    auto where = std::string(checkpoints_file) + ", checkpoint " + std::to_string(number_++);
    auto checkpoint = open_checkpoint(*note, verifier_);
    if (!checkpoint) {
      faults_.add(std::move(where), checkpoint.error().message);
    } else if (checkpoint->size < largest_) {
      faults_.add(std::move(where), "is smaller than the one before it: they were put in another order");
    } else {
      largest_ = checkpoint->size;
      return SignedRoot{std::move(*checkpoint), std::move(where)};
    }
  }
  return std::nullopt;
}

}  // namespace penstock::audit
