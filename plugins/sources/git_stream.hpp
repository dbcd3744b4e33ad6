// The sockets under libgit2.
//
// libgit2 1.5 has no time-outs: a silent server, or one that sends a byte a second, keeps it for ever, and its
// callbacks are not called meanwhile. git://, http:// and https:// all open their socket through git_stream_register,
// so the rules stand here: which addresses may be connected to, and when to give up.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"
#include "plugins/sources/git_address.hpp"

namespace penstock::sources {

struct GitLimits {
  Steady until;                                       // for everything in this session
  core::Duration connect = std::chrono::seconds(10);  // for one connection
  core::Duration silence = std::chrono::seconds(30);  // between two bytes
  std::uint64_t max_received = 64 << 20;              // bytes, over all connections
  bool allow_private = false;
};

// The rules of the libgit2 calls that this thread makes while the object lives; they must not be nested. A thread
// without one cannot open connections. Streams that outlive it keep the rules.
class GitSession {
 public:
  explicit GitSession(const GitLimits& limits);
  ~GitSession();
  GitSession(const GitSession&) = delete;
  GitSession& operator=(const GitSession&) = delete;

  // What the rules stopped, if they did: better than libgit2's own message, which may be missing.
  const std::optional<core::Problem>& stopped() const;
  bool is_late() const;
  std::uint64_t received() const;
  void allow_received(std::uint64_t bytes);  // from now on, on top of what was received
  // Records why a callback ended an exchange.
  void stop(core::Problem problem);

  struct State;

 private:
  std::shared_ptr<State> state_;
};

// Makes the above hold for the whole process. Called once, after git_libgit2_init.
void register_git_streams();

}  // namespace penstock::sources
