// Tells systemd how the daemon is: the protocol of sd_notify(3), one datagram of KEY=VALUE lines to a unix socket. It
// is short and promised to be stable, so that no library is linked for it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "daemon/core/result.hpp"

namespace penstock::runtime {

class ServiceManager {
 public:
  // What systemd puts into the environment; absent where nobody supervises the daemon.
  struct Environment {
    std::string notify_socket;  // NOTIFY_SOCKET: a path, or `@` and the name of an abstract socket
    std::string watchdog_usec;  // WATCHDOG_USEC
    std::string watchdog_pid;   // WATCHDOG_PID: whom the watchdog is meant for; empty: whoever is there
  };
  // Problem "invalid-environment" for a socket that cannot be one.
  static core::Result<ServiceManager> make(const Environment& environment);

  // How often it is told that the daemon is alive: a quarter of the time after which it ends it. sd_notify(3) wants
  // half of that; so one sign may be missing, and the next still comes in time. Nothing when it does not watch.
  std::optional<std::chrono::milliseconds> watchdog() const { return watchdog_; }

  // True when there is somebody and it was told. Never blocks: what cannot be sent now is not sent.
  bool ready() const { return tell("READY=1"); }
  bool stopping() const { return tell("STOPPING=1"); }
  bool alive() const { return tell("WATCHDOG=1"); }

 private:
  bool tell(const std::string& message) const;

  std::string socket_;
  std::optional<std::chrono::milliseconds> watchdog_;
};

}  // namespace penstock::runtime
