// Runs a program as a child: bounded in time, output, memory and files, and gone with all its kin when the call
// returns.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <set>

#include "plugins/sdk/process.hpp"

namespace penstock::runtime {

// Safe from any thread. The child leads a session and process group of its own, inherits no environment, descriptor,
// signal handler or core file, gains no privileges by exec, and is killed when the daemon dies. At the deadline the
// group gets SIGTERM, and SIGKILL half a second later; when the leader has ended, what is left of its group is killed.
// A process that moved to another group is out of reach, but is not waited for. An empty `directory` means "/".
//
// Problems: "cannot-start", "timeout" (with the last words on stderr), "too-large". Any exit code or signal is an
// answer.
class ChildProcess : public sdk::Process {
 public:
  core::Result<sdk::ProcessResult> run(const sdk::ProcessRequest& request) override;
  // Kills the groups of all children that run now. For a daemon that leaves: with it, the kernel kills the leaders
  // alone.
  void end_all();

 private:
  std::mutex mutex_;
  std::set<pid_t> leaders_;
};

}  // namespace penstock::runtime
