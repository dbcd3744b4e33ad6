// The checkpoints that a log has kept, one after another: however many there are, one piece of the file is in memory.
// Internal to verify().
#pragma once

#include <deque>
#include <filesystem>
#include <optional>

#include "daemon/audit/verify_faults.hpp"
#include "daemon/runtime/descriptor.hpp"

namespace penstock::audit {

// What somebody has signed, and which file says so.
struct SignedRoot {
  Checkpoint checkpoint;
  std::string where;
};

class KeptCheckpoints {
 public:
  // The file in the log's folder as far as it goes now: a daemon may add to it.
  KeptCheckpoints(const std::filesystem::path& folder, const Verifier& verifier, Faults& faults);
  // The next one; sizes never fall. Those that cannot be taken become faults and are passed over.
  std::optional<SignedRoot> next();

 private:
  void open(const std::filesystem::path& file);
  bool read_piece();
  std::optional<std::string> next_note();

  const Verifier& verifier_;
  Faults& faults_;
  runtime::Descriptor file_;
  std::uint64_t left_ = 0;         // bytes that are still to be read
  std::uint64_t whole_ = 0;        // bytes of the notes that were read
  std::deque<std::string> notes_;  // that are still to be given out
  std::string rest_;               // what was read behind them
  std::uint64_t number_ = 0;
  std::uint64_t largest_ = 0;
};

}  // namespace penstock::audit
