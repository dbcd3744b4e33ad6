// What the daemon tells systemd: that it is ready, that it works, that it stops. Nothing where nobody supervises it.
#pragma once

#include <memory>

#include "daemon/engine/outbox_worker.hpp"
#include "daemon/engine/watchdog.hpp"
#include "daemon/runtime/service_manager.hpp"

namespace penstock {

class Supervision {
 public:
  // The parts must outlive it; `executor` is the engine's. Problem "invalid-environment".
  static core::Result<std::unique_ptr<Supervision>> make(engine::asio::any_io_executor executor,
                                                         journal::Journal& journal, runtime::BlockingPool& pool,
                                                         const runtime::Clock& clock,
                                                         const engine::OutboxWorker& worker);
  // From here on it is told at intervals that due work moves, when it wants to know.
  void ready();
  void stopping();

 private:
  explicit Supervision(runtime::ServiceManager manager) : manager_(std::move(manager)) {}

  runtime::ServiceManager manager_;
  std::unique_ptr<engine::Watchdog> watchdog_;
};

}  // namespace penstock
