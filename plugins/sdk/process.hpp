// Child processes, as Penstock lends them to plugins. Holds nothing of the domain, so that daemon/runtime implements it
// directly.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::sdk {

struct ProcessRequest {
  std::vector<std::string> argv;                   // argv[0] is an absolute path; no shell, no search of PATH
  std::string input;                               // written to stdin, which is then closed
  std::map<std::string, std::string> environment;  // all of it: nothing is inherited
  std::filesystem::path directory;                 // working directory
  core::Duration timeout = std::chrono::minutes(1);
  std::size_t max_output = 1 << 20;   // bytes of stdout; more kills the process group and is a Problem
  std::size_t max_errors = 64 << 10;  // bytes of stderr that are kept (the last ones)
  std::size_t max_memory = 0;         // bytes of address space, 0 = no limit
  std::size_t max_file = 0;           // bytes of any file it writes, 0 = no limit
};

struct ProcessResult {
  int exit_code = 0;  // meaningful when signal == 0
  int signal = 0;
  std::string output;
  std::string errors;
  core::Duration took{};
};

// The process is a group of its own; the deadline kills the whole group. Code "timeout", "too-large", "cannot-start".
class Process {
 public:
  virtual ~Process() = default;
  virtual core::Result<ProcessResult> run(const ProcessRequest& request) = 0;
};

}  // namespace penstock::sdk
