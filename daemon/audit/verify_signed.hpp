// Whatever was signed of a log: its newest checkpoint, those it has kept, what witnesses have cosigned, and what others
// bring along. Internal to verify().
#pragma once

#include <map>

#include "daemon/audit/verify_kept.hpp"

namespace penstock::audit {

// Signed notes that the log must go on from, and what they are to the reader.
struct Brought {
  std::string note;
  std::string where;
};

class SignedRoots {
 public:
  SignedRoots(const std::filesystem::path& folder, const Verifier& verifier, Report& report, Faults& faults);

  // The report has the newest checkpoint afterwards; false: there is none that could be trusted, and a fault tells.
  bool read(const std::vector<Brought>& others, const std::vector<Verifier>& witnesses);
  // One after another whatever was signed for just so many entries. Sizes are asked for as they grow, from 0 on.
  std::optional<SignedRoot> next(std::uint64_t size);
  // What is left then covers more than the newest checkpoint: faults.
  void finish();
  // How many entries the log's checkpoint covers by now, where a daemon is at work.
  std::uint64_t size_now() const;

 private:
  void read_file_of(const std::string& file);
  void read_files_of_witnesses(const std::vector<Verifier>& asked_for);
  bool read_checkpoint();
  void next_kept();
  void not_covered(const SignedRoot& one);
  std::optional<std::uint64_t> expect(const std::string& note, const std::string& where);
  void expect_files_of_witnesses();
  void read_cosignatures(const Verifier& witness);

  std::filesystem::path folder_;
  const Verifier& verifier_;
  Report& report_;
  Faults& faults_;
  KeptCheckpoints kept_;
  std::optional<SignedRoot> next_kept_;
  std::map<std::string, core::Result<std::optional<std::string>>> notes_;  // by file
  std::map<std::string, std::optional<std::uint64_t>> sizes_;              // by file: of the log's own checkpoint in it
  std::multimap<std::uint64_t, SignedRoot> expected_;                      // by size
};

}  // namespace penstock::audit
