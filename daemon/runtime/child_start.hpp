// The start of a child process: everything between the request and its first instruction.
#pragma once

#include <sys/types.h>

#include <chrono>

#include "daemon/runtime/descriptor.hpp"
#include "plugins/sdk/process.hpp"

namespace penstock::runtime {

// A child that has begun to execute the program, and leads the process group `pid`. The owner reaps it.
struct StartedChild {
  pid_t pid = -1;
  Descriptor ended;  // readable once the child has ended (pidfd)
  Descriptor input;  // the far ends of its stdin, stdout and stderr; none blocks
  Descriptor output;
  Descriptor errors;
};

// Problem "cannot-start" names the step that failed; "timeout" when the program does not begin by `deadline`.
core::Result<StartedChild> start_child(const sdk::ProcessRequest& request,
                                       std::chrono::steady_clock::time_point deadline);

}  // namespace penstock::runtime
