#include "daemon/supervision.hpp"

#include <cstdlib>

namespace penstock {
namespace {

std::string variable(const char* name) {
  const auto* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

}  // namespace

core::Result<std::unique_ptr<Supervision>> Supervision::make(engine::asio::any_io_executor executor,
                                                             journal::Journal& journal, runtime::BlockingPool& pool,
                                                             const runtime::Clock& clock,
                                                             const engine::OutboxWorker& worker) {
  auto manager =
      runtime::ServiceManager::make({variable("NOTIFY_SOCKET"), variable("WATCHDOG_USEC"), variable("WATCHDOG_PID")});
  if (!manager) return manager.error();
  std::unique_ptr<Supervision> made(new Supervision(std::move(*manager)));
  if (const auto every = made->manager_.watchdog())
    made->watchdog_ = std::make_unique<engine::Watchdog>(engine::Watchdog::Parts{
        executor, journal, pool, clock, [&worker] { return worker.claim_problem().has_value(); },
        [told = made.get()] { told->manager_.alive(); }, *every});
  return made;
}

void Supervision::ready() {
  manager_.ready();
  if (watchdog_) watchdog_->start();
}

void Supervision::stopping() {
  manager_.stopping();
  if (watchdog_) watchdog_->stop();
}

}  // namespace penstock
