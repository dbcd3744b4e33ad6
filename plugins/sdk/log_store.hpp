// Where a copy of a log's files is kept: a folder elsewhere, a git repository. Holds nothing of what the files mean.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/result.hpp"

namespace penstock::sdk {

struct StoredFile {
  std::string path;  // relative, with slashes
  std::string bytes;
};

// What is added at once.
struct Addition {
  // The next file that is to be there, until there is none. One that is there already must be the same.
  std::function<core::Result<std::optional<StoredFile>>()> next;
  std::vector<std::string> superseded;  // folders and files that are no longer needed afterwards
  std::string checkpoint;               // in the place of the one before, once everything else is there
  std::string about;                    // for people: "entries 12 to 17"
};

// One thread at a time. Every call ends within a bounded time.
class LogStore {
 public:
  virtual ~LogStore() = default;
  // Reads the checkpoint that is there now; empty when nothing was ever kept. Problems: of the disk or the network.
  virtual core::Result<std::string> checkpoint() = 0;
  // How many bytes a file has in what checkpoint() has seen; nothing when it is not there. Problems: of the disk.
  virtual core::Result<std::optional<std::uint64_t>> size_of(const std::string& path) = 0;
  // Adds to what checkpoint() has seen. Durable, or accepted by the other side, when it returns. Problems:
  // "audit-moved" (transient: somebody else has added to it meanwhile), "audit-differs" (a file is there and says
  // something else; nothing was changed), of the disk or the network.
  virtual core::Result<void> add(const Addition& addition) = 0;
};

}  // namespace penstock::sdk
