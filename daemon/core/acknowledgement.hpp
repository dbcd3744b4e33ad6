// That the audit log's entries about a promotion are kept elsewhere too, before it is delivered.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::core {

// What a policy demands: sinks and witnesses of the audit log, by name, and how long they are waited for.
struct AuditSpec {
  std::vector<std::string> acknowledged_by;
  Duration within = std::chrono::hours(24);
  bool operator==(const AuditSpec&) const = default;
};

// What became of it for one promotion.
struct Acknowledgement {
  int number = 0;         // counts how often it was asked for
  std::size_t facts = 0;  // that there were when it was asked for: more of them need another one
  Time asked_at{};
  Time until{};
  std::optional<Time> given_at;
  std::int64_t entries = 0;  // how many of the log's first entries they all have, at least
  bool operator==(const Acknowledgement&) const = default;
};
nlohmann::json to_json(const Acknowledgement& acknowledgement);
// Of what to_json() wrote; throws for anything else, inside a reader of stored documents.
Acknowledgement acknowledgement_from_json(const nlohmann::json& document);

// How far a sink or witness is: for people who wait for it, never for decisions.
struct AcknowledgerState {
  std::string name;
  std::string kind;           // "file", "git", "witness"
  std::uint64_t entries = 0;  // that it surely had when it was last asked
  std::optional<Time> at{};   // when that was; nothing: not since the daemon started
  Problem problem{};          // why it cannot be asked now; no code when it can
  std::optional<Time> failing_since{};
};

}  // namespace penstock::core
