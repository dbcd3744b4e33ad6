// What one run of a daemon stands on: a thread, a clock, alarms, and a pool whose threads are simulated.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "daemon/journal/shared.hpp"
#include "daemon/runtime/blocking_pool.hpp"
#include "daemon/runtime/clock.hpp"
#include "tests/simulation/world.hpp"

namespace penstock::simulation {

namespace asio = boost::asio;

class Machine : public runtime::Clock {
 public:
  // `clock`: how far its clock is ahead of the world's, from time to time.
  Machine(World& world, Owner owner, const core::Duration& clock) : world_(world), owner_(owner), clock_(clock) {}

  // The daemon goes by the clock that the daemons have agreed on.
  void agree(const journal::Shared& shared) { shared_ = &shared; }
  // Inside of a pool's work: as late as what the work has waited for makes it.
  core::Time now() const override {
    const auto agreed = shared_ == nullptr ? core::Duration(0) : shared_->clock_ahead();
    return world_.wall() + clock_ + agreed + std::chrono::floor<core::Duration>(waited_.value_or(Moment(0)));
  }
  core::Duration up() const override {
    return std::chrono::floor<core::Duration>(world_.schedule.now() - made_at_ + waited_.value_or(Moment(0)));
  }
  asio::any_io_executor executor() { return context_->get_executor(); }
  Owner owner() const { return owner_; }
  World& world() { return world_; }

  std::unique_ptr<runtime::Alarm> alarm(const asio::any_io_executor& executor);
  // Work on it happens at one instant; its answer comes when what it waited for is over.
  std::unique_ptr<runtime::Workforce> workforce(std::size_t threads);
  // The work that is being carried out waits for so long.
  void wait(Moment time) {
    if (waited_) *waited_ += time;
  }
  // Carries work out; gives how long it took.
  Moment carry_out(const std::function<void()>& work);

  // One thing that is ready on the daemon's thread; false when nothing is.
  bool run_one() { return context_->poll_one() > 0; }
  // The process is gone: what was under way ends where it is.
  void end();

 private:
  World& world_;
  const Owner owner_;
  const core::Duration& clock_;
  const journal::Shared* shared_ = nullptr;
  const Moment made_at_ = world_.schedule.now();
  std::optional<Moment> waited_;
  std::unique_ptr<asio::io_context> context_ = std::make_unique<asio::io_context>(1);
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> stays_{asio::make_work_guard(*context_)};
};

}  // namespace penstock::simulation
