// The audit log as the daemon publishes it: its files, what is attested under the same key, and whoever keeps them
// elsewhere.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "daemon/audit/acknowledgements.hpp"
#include "daemon/audit/attester.hpp"
#include "daemon/audit/publisher.hpp"
#include "daemon/runtime/clock.hpp"
#include "daemon/runtime/http_client.hpp"
#include "daemon/settings.hpp"

namespace penstock {

class AuditLog {
 public:
  // Publishes at once; nullptr where the settings ask for no files. Blocks. Problems of audit::Publisher and
  // audit::Attester: that a sink or witness is away is none, and is told by states(). The journal and the clock must
  // outlive it.
  static core::Result<std::unique_ptr<AuditLog>> open(const Settings& settings, journal::Journal& journal,
                                                      const runtime::Clock& clock);
  // Publishes what is journalled, hands it to those who are well, and ends.
  ~AuditLog();

  audit::Publisher& publisher() { return *publisher_; }
  audit::Attester& attester() { return *attester_; }
  std::vector<core::AcknowledgerState> states() const { return acknowledgements_->states(); }

 private:
  AuditLog() = default;
  std::vector<audit::NamedAcknowledger> acknowledgers(const Settings& settings, const runtime::Clock& clock);

  runtime::HttpClient http_;
  std::mutex mutex_;  // over what the threads call of one another
  bool linked_ = false;
  std::unique_ptr<audit::Acknowledgements> acknowledgements_;
  std::unique_ptr<audit::Publisher> publisher_;
  std::unique_ptr<audit::Attester> attester_;
};

// Tells how far everybody is who keeps the log elsewhere: nobody does where there is none. The log must outlive it.
std::function<std::vector<core::AcknowledgerState>()> states_of(const AuditLog* log);

}  // namespace penstock
