// Brings the log to its sinks and witnesses, each on a thread of its own: one that is slow or away holds up no other
// one, and not the log.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "daemon/audit/acknowledger.hpp"
#include "daemon/core/acknowledgement.hpp"

namespace penstock::audit {

struct NamedAcknowledger {
  std::string name;
  std::string kind;  // "file", "git", "witness"
  std::unique_ptr<Acknowledger> acknowledger;
  std::chrono::milliseconds every{100};  // at least this much between two tries that go well
};

class Acknowledgements {
 public:
  struct Parts {
    std::filesystem::path folder;
    Verifier verifier;
    std::function<core::Time()> now;
    std::vector<NamedAcknowledger> all;
    // Tried again after this long without news, too: others may share a sink, or it may have lost something.
    std::chrono::milliseconds idle = std::chrono::seconds(30);
    // After a failure: doubled each time.
    std::chrono::milliseconds first_pause = std::chrono::milliseconds(500);
    std::chrono::milliseconds longest_pause = std::chrono::seconds(10);
  };
  explicit Acknowledgements(Parts parts);
  // Tries once more with those that are well, and ends.
  ~Acknowledgements();

  // There is a new checkpoint. Safe from any thread.
  void wake();
  std::vector<core::AcknowledgerState> states() const;

 private:
  struct One;
  void serve(One& one);
  bool is_stopping() const;
  core::Result<std::uint64_t> bring(One& one);
  void tell(One& one, const core::Result<std::uint64_t>& done);

  Parts parts_;
  mutable std::mutex mutex_;
  std::condition_variable called_;
  bool stopping_ = false;
  std::vector<std::unique_ptr<One>> all_;
};

}  // namespace penstock::audit
