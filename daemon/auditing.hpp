// Binds the audit log to the daemon: what is noted besides decisions, and when the files are written.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "daemon/audit/failed_logins.hpp"
#include "daemon/audit_log.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/intake/api_audit.hpp"
#include "daemon/intake/metrics.hpp"
#include "daemon/policies_in_force.hpp"
#include "daemon/settings.hpp"

namespace penstock {

namespace asio = boost::asio;

// Lives on the engine's thread.
class Auditing {
 public:
  struct Parts {
    asio::any_io_executor executor;
    engine::Engine& engine;
    runtime::Clock& clock;
    intake::Metrics& metrics;
    const Settings& settings;
    const PoliciesInForce& policies;
    AuditLog* log;  // may be nullptr
  };
  explicit Auditing(Parts parts);

  // "started", "reload_refused": with the digests of what is in force. A Problem is logged too.
  asio::awaitable<core::Result<void>> note(std::string what);
  // "reloaded" with the digests of what is to come into force, or "reload_refused". What cannot be journalled is
  // refused here too: it must not come into force unseen.
  asio::awaitable<void> journal_reload(Reloaded& reloaded);
  // "stopped", behind whatever was counted and not told.
  asio::awaitable<void> note_stop();
  // Somebody showed a credential that is not good. A request without any is no login.
  void refused(const intake::Request& request, const core::Problem& problem);
  // Somebody sent a hook that was not signed as it must be.
  void refused_hook(const intake::Request& request, const core::Problem& problem);
  intake::AuditApi api(journal::Journal& journal, runtime::BlockingPool& pool) const;
  // Tells the metrics now and then, until stop().
  asio::awaitable<void> serve();
  void stop() { timer_.cancel(); }

 private:
  asio::awaitable<core::Result<void>> note(std::string what, InForce of);
  asio::awaitable<core::Result<void>> keep(audit::Entry entry);
  void journal(std::optional<audit::Entry> entry);
  void tell_metrics();

  Parts parts_;
  audit::FailedLogins failed_;
  asio::steady_timer timer_;
};

}  // namespace penstock
