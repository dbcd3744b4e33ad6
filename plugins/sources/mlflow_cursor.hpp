// How far an MLflow source has read.
//
// The server cannot be asked for "newer than", so versions are read newest first until they are older than the mark. A
// version may become visible a little after a newer one did (several server processes, slow transactions), so the last
// minute before the mark is read again each time, and what was taken from it is remembered by name.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "plugins/sources/mlflow_registry.hpp"

namespace penstock::sources {

// A version that is there but cannot be reported yet.
struct PendingVersion {
  std::string name;
  std::string version;
  core::Time since{};  // when it was first seen
  std::string reason;
};

struct SeenVersion {
  std::int64_t created = 0;
  std::string name;
  std::string version;
  auto operator<=>(const SeenVersion&) const = default;
};

struct MlflowCursor {
  static constexpr std::int64_t overlap = 60'000;  // milliseconds

  // A digest of what the source is configured to look at: another configuration starts anew.
  std::string scope;
  std::int64_t mark = 0;       // creation time of the newest version that was handled; 0 = nothing yet
  std::set<SeenVersion> seen;  // those no older than mark - overlap
  std::vector<PendingVersion> pending;

  // What is older than this was handled.
  std::int64_t horizon() const { return mark == 0 ? 0 : mark - overlap; }
  void handled(const ModelVersion& version) { seen.insert({version.created, version.name, version.version}); }
  bool was_handled(const ModelVersion& version) const {
    return seen.contains({version.created, version.name, version.version});
  }
  // Never goes back.
  void move_mark(std::int64_t to);
};

std::string to_text(const MlflowCursor& cursor);
// A fresh cursor for an empty or unreadable text and for another scope: candidates that are seen twice are one.
MlflowCursor read_mlflow_cursor(const std::string& text, const std::string& scope);

}  // namespace penstock::sources
