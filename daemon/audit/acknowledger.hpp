// Who keeps the audit log elsewhere, or vouches for having seen it: the port of sinks and witnesses.
#pragma once

#include <filesystem>
#include <string>

#include "daemon/audit/note.hpp"

namespace penstock::audit {

// The log as its files have it now.
struct Published {
  std::filesystem::path folder;
  const Verifier& verifier;
  std::string note;  // the newest checkpoint's, with what cosignatures it has
  Checkpoint checkpoint;
};

// One thread at a time.
class Acknowledger {
 public:
  virtual ~Acknowledger() = default;
  // Hands over what is missing, and gives back how many of the log's first entries it surely has now: never a number
  // that was only remembered. Blocks, for a bounded time. Problems: "audit-differs" (it has another history: nothing
  // was changed there), those of its disk or network.
  virtual core::Result<std::uint64_t> bring(const Published& log) = 0;
};

}  // namespace penstock::audit
