// The commands about lanes: what is in them, what was, and what people do to them.
#pragma once

#include <string>

#include "daemon/cli/print.hpp"

namespace penstock::cli {

struct LaneName {
  std::string model, environment;
};

// All of them without a model.
Exit lanes(Client& client, const LaneName& lane, Output output);
struct HistoryOptions {
  std::string at;      // RFC 3339: what was live then, and nothing else
  std::string cursor;  // the `next` of the page before
  int limit = 20;
};
Exit history(Client& client, const LaneName& lane, const HistoryOptions& options, Output output);
// Without a reason it is released.
Exit hold(Client& client, const LaneName& lane, const std::string& reason, Output output);

// What was found behind broken glass.
Exit file_review(Client& client, const LaneName& lane, const std::string& text, Output output);

struct RollbackOptions {
  std::string reason;
  std::string to;      // the digest or the version of one that was live; empty: the one before
  std::string digest;  // what is live is decided on by this; empty: whatever it is
  bool plan = false;
};
Exit rollback(Client& client, const LaneName& lane, const RollbackOptions& options, Output output);

struct WaiverOptions {
  std::string gate, rule, candidate, versions, reason, control, ends, length;
};
Exit ask_waiver(Client& client, const LaneName& lane, const WaiverOptions& options, Output output);
Exit grant_waiver(Client& client, const LaneName& lane, const std::string& waiver, Output output);
Exit revoke_waiver(Client& client, const LaneName& lane, const std::string& waiver, const std::string& reason,
                   Output output);
Exit list_waivers(Client& client, const LaneName& lane, Output output);

// Of all lanes (stops.cpp). Empty patterns stand for all models, all environments.
struct StopOptions {
  std::string model, environment, reason;
};
Exit stop(Client& client, const StopOptions& options, Output output);
Exit stops(Client& client, Output output);
Exit semaphores(Client& client, Output output);
Exit lift(Client& client, const std::string& id, Output output);

// By the caller, in their stead (delegations.cpp).
struct DelegationOptions {
  std::string to, group, reason, ends, length;
};
Exit give_delegation(Client& client, const DelegationOptions& options, Output output);
Exit list_delegations(Client& client, Output output);
Exit end_delegation(Client& client, const std::string& id, Output output);

}  // namespace penstock::cli
