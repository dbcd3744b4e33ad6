#include "daemon/audit/verify_signed.hpp"

#include "daemon/audit/cosignature.hpp"
#include "daemon/audit/folder.hpp"
#include "daemon/audit/log_reader.hpp"
#include "daemon/audit/log_writer.hpp"

namespace penstock::audit {

SignedRoots::SignedRoots(const std::filesystem::path& folder, const Verifier& verifier, Report& report, Faults& faults)
    : folder_(folder), verifier_(verifier), report_(report), faults_(faults), kept_(folder, verifier, faults) {}

// What is written last is read first: whatever a daemon writes meanwhile, the newest checkpoint covers all that was
// read before it. The kept ones go as far as when this was made.
bool SignedRoots::read(const std::vector<Brought>& others, const std::vector<Verifier>& witnesses) {
  read_files_of_witnesses(witnesses);
  read_file_of(checkpoint_file);
  if (!read_checkpoint()) return false;
  expect_files_of_witnesses();
  for (const auto& witness : witnesses) read_cosignatures(witness);
  for (const auto& [note, where] : others) expect(note, where);
  next_kept();
  return true;
}

void SignedRoots::read_file_of(const std::string& file) {
  notes_.emplace(file, read_file(folder_ / file, longest_note));
}

// All that are there: whoever cut the log short may not have thought of what a witness had seen.
void SignedRoots::read_files_of_witnesses(const std::vector<Verifier>& asked_for) {
  for (const auto& witness : asked_for) read_file_of(witness_file(witness));
  std::error_code failed;
  std::filesystem::directory_iterator entry(folder_ / witness_folder, failed);
  for (const std::filesystem::directory_iterator end; !failed && entry != end; entry.increment(failed)) {
    const auto file = std::string(witness_folder) + "/" + entry->path().filename().string();
    if (!file.ends_with(unfinished)) read_file_of(file);
  }
  if (failed && failed != std::errc::no_such_file_or_directory)
    faults_.add(witness_folder, "cannot be listed: " + failed.message());
}

void SignedRoots::expect_files_of_witnesses() {
  for (const auto& [file, note] : notes_) {
    if (file == checkpoint_file) continue;
    if (!note) faults_.add(file, note.error().message);
    if (note && *note) sizes_.emplace(file, expect(**note, file));
  }
}

bool SignedRoots::read_checkpoint() {
  const auto& note = notes_.at(checkpoint_file);
  if (!note || !*note) {
    faults_.add(checkpoint_file, note ? "is missing: it was dropped, or penstockd ended before it had signed anything"
                                      : note.error().message);
    return false;
  }
  const auto checkpoint = open_checkpoint(**note, verifier_);
  if (!checkpoint) {
    faults_.add(checkpoint_file, checkpoint.error().message);
    return false;
  }
  report_.checkpoint = *checkpoint;
  sizes_.emplace(checkpoint_file, checkpoint->size);
  ++report_.checkpoints;
  expected_.emplace(checkpoint->size, SignedRoot{*checkpoint, checkpoint_file});
  return true;
}

void SignedRoots::next_kept() {
  next_kept_ = kept_.next();
  if (next_kept_) ++report_.checkpoints;
}

void SignedRoots::not_covered(const SignedRoot& one) {
  faults_.add(one.where, "covers " + std::to_string(one.checkpoint.size) +
                             " entries, and the newest checkpoint of the log " +
                             std::to_string(report_.checkpoint.size) + ": the log was cut short");
}

std::optional<std::uint64_t> SignedRoots::expect(const std::string& note, const std::string& where) {
  const auto checkpoint = open_checkpoint(note, verifier_);
  if (!checkpoint) {
    faults_.add(where, checkpoint.error().message);
    return std::nullopt;
  }
  ++report_.checkpoints;
  const SignedRoot expected{*checkpoint, where};
  if (checkpoint->size > report_.checkpoint.size)
    not_covered(expected);
  else
    expected_.emplace(checkpoint->size, expected);
  return checkpoint->size;
}

// What the witness has cosigned is one more root that the log must have.
void SignedRoots::read_cosignatures(const Verifier& witness) {
  std::optional<Witnessed> best;
  for (const auto& file : {std::string(checkpoint_file), witness_file(witness)}) {
    const auto size = sizes_.find(file);
    if (size == sizes_.end() || !size->second) continue;  // it is not there, or a fault
    const auto read = read_note(**notes_.at(file));
    if (!read) continue;  // a fault
    const auto found = find_cosignature(read->text, read->signatures, witness);
    if (!found) faults_.add(file, found.error().message);
    if (!found || !*found) continue;
    if (!best || *size->second > best->size) best = Witnessed{witness, *size->second, (*found)->at};
  }
  if (!best) return faults_.add(checkpoint_file, "is not cosigned by the witness " + witness.name + " with this key");
  report_.witnessed.push_back(*best);
  if (best->size < report_.checkpoint.size)
    report_.notes.push_back(witness.name + " has cosigned the first " + std::to_string(best->size) +
                            " entries; nobody but the log vouches for what is behind them");
}

std::optional<SignedRoot> SignedRoots::next(std::uint64_t size) {
  std::optional<SignedRoot> found;
  if (const auto expected = expected_.find(size); expected != expected_.end()) {
    found = std::move(expected->second);
    expected_.erase(expected);
  } else if (next_kept_ && next_kept_->checkpoint.size == size) {
    found = std::move(next_kept_);
    next_kept();
  }
  return found;
}

std::uint64_t SignedRoots::size_now() const {
  const auto note = read_file(folder_ / checkpoint_file, longest_note);
  const auto checkpoint = note && *note ? open_checkpoint(**note, verifier_) : core::Result<Checkpoint>(Checkpoint());
  return checkpoint ? std::max(checkpoint->size, report_.checkpoint.size) : report_.checkpoint.size;
}

void SignedRoots::finish() {
  for (; next_kept_; next_kept()) not_covered(*next_kept_);
}

}  // namespace penstock::audit
