// What the routes work with. Made by main, outlives the server.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/audit/bom.hpp"
#include "daemon/core/acknowledgement.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/intake/http.hpp"
#include "daemon/intake/metrics.hpp"
#include "daemon/intake/replay.hpp"
#include "daemon/journal/journal.hpp"

namespace penstock::intake {

// How a source is doing, for /readyz.
struct SourceState {
  std::string name;
  int failures = 0;          // polls that failed in a row
  std::string problem_code;  // of the newest one; empty when it worked
  std::optional<core::Time> last_success;
};

// A file of gate definitions that a caller sends, or what came of reading some.
struct SentFile {
  std::string name, text;
};
struct ReadFiles {
  std::vector<std::shared_ptr<const core::Policy>> policies;  // only when they are good
  // [{"severity", "file", "line", "column", "path", "message"}]
  nlohmann::json problems = nlohmann::json::array();
  bool good = false;
};

// The gate definitions that the daemon has loaded, to those that want to change them.
struct DefinitionsPort {
  // {"policies": [{"name", "model", "environment", "digest", "document"}], "gates": [{"name", "document"}]}
  std::function<nlohmann::json()> loaded;
  // Reads what a caller sends beside the gates that are loaded. Blocks; nothing comes into force.
  std::function<ReadFiles(const std::vector<SentFile>&)> read;
  // Whether this policy would cover a model in its environment, in the place of the loaded one of its name or lane.
  std::function<std::function<bool(const std::string& model)>(std::shared_ptr<const core::Policy>)> covering_with;
  // What promotions are held against in their dossiers. May be empty.
  std::function<std::vector<audit::Framework>()> frameworks{};
};

struct ApiParts {
  engine::Engine& engine;
  journal::Journal& journal;
  runtime::BlockingPool& pool;
  runtime::Clock& clock;
  Metrics& metrics;
  Replay& replay;
  // The bytes of a document of evidence; called in the blocking pool. Problem "not-found".
  std::function<core::Result<std::string>(const core::Digest&)> evidence;
  std::function<std::vector<SourceState>()> sources;       // may be empty
  core::Duration late_after = std::chrono::seconds(30);    // due work that waits longer makes the daemon not ready
  core::Duration answer_within = std::chrono::seconds(5);  // for the journal's answer to /readyz
  core::Duration heartbeat = std::chrono::seconds(15);     // of an event stream that has nothing to say
  DefinitionsPort definitions{};
  // The audit log's sinks and witnesses; may be empty.
  std::function<std::vector<core::AcknowledgerState>()> acknowledgers{};
  // Makes a backup and tells about it; called in the blocking pool. May be empty.
  std::function<core::Result<nlohmann::json>()> back_up{};
};

}  // namespace penstock::intake
