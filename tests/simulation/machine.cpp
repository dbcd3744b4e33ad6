#include "tests/simulation/machine.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>

namespace penstock::simulation {
namespace {

using namespace std::chrono_literals;

class SimulatedAlarm : public runtime::Alarm {
 public:
  SimulatedAlarm(Schedule& schedule, Owner owner, asio::any_io_executor executor)
      : schedule_(schedule), owner_(owner), executor_(std::move(executor)) {}

  asio::awaitable<void> sleep(core::Duration pause) override {
    co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(
        [this](auto handler, core::Duration until) {
          // What the schedule keeps must be copyable; the handler is not.
          auto kept = std::make_shared<decltype(handler)>(std::move(handler));
          sleeper_ = schedule_.after(until, owner_,
                                     [kept, executor = executor_] { asio::post(executor, [kept] { (*kept)(); }); });
        },
        asio::use_awaitable, pause);
  }
  void ring() override { schedule_.hasten(sleeper_); }

 private:
  Schedule& schedule_;
  const Owner owner_;
  asio::any_io_executor executor_;
  Schedule::Id sleeper_ = 0;
};

class SimulatedThreads : public runtime::Workforce {
 public:
  SimulatedThreads(Machine& machine, std::size_t count) : machine_(machine), free_(count) {}

  void start(std::function<void()> work, std::function<void()> told) override {
    waiting_.push_back({std::move(work), std::move(told)});
    begin();
  }
  std::unique_ptr<runtime::Alarm> alarm(const asio::any_io_executor& executor) override {
    return machine_.alarm(executor);
  }
  void stop() override { waiting_.clear(); }

 private:
  struct Work {
    std::function<void()> work;
    std::function<void()> told;
  };

  void begin() {
    while (free_ > 0 && !waiting_.empty()) {
      --free_;
      auto next = std::move(waiting_.front());
      waiting_.pop_front();
      auto& world = machine_.world();
      world.schedule.after(world.between(1us, 900us), machine_.owner(),
                           [this, work = std::move(next)]() mutable { carry_out(std::move(work)); });
    }
  }
  void carry_out(Work next) {
    auto& world = machine_.world();
    const auto took = machine_.carry_out(next.work);
    world.schedule.after(took + world.between(1us, 300us), machine_.owner(), [this, told = std::move(next.told)] {
      ++free_;
      told();
      begin();
    });
  }

  Machine& machine_;
  std::size_t free_;
  std::deque<Work> waiting_;
};

}  // namespace

std::unique_ptr<runtime::Alarm> Machine::alarm(const asio::any_io_executor& executor) {
  return std::make_unique<SimulatedAlarm>(world_.schedule, owner_, executor);
}

std::unique_ptr<runtime::Workforce> Machine::workforce(std::size_t threads) {
  return std::make_unique<SimulatedThreads>(*this, threads);
}

Moment Machine::carry_out(const std::function<void()>& work) {
  waited_ = Moment(0);
  work();
  const auto took = *waited_;
  waited_.reset();
  return took;
}

void Machine::end() {
  world_.schedule.drop_all_of(owner_);
  stays_.reset();
  context_.reset();
  // Coroutines that went with the context may have dropped things of theirs.
  world_.schedule.drop_all_of(owner_);
}

}  // namespace penstock::simulation
