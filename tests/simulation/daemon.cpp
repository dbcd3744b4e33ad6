#include "tests/simulation/daemon.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <cstdio>

namespace penstock::simulation {
namespace {

constexpr std::size_t reading_threads = 4;
constexpr std::size_t gates_at_once = 6;

template <class T>
void rethrow(const std::exception_ptr& bug, const T&) {
  if (bug) std::rethrow_exception(bug);
}

}  // namespace

Daemon::Daemon(Parts parts)
    : world_(parts.world),
      disk_(parts.disk),
      name_(parts.name),
      machine_(parts.world, parts.owner, parts.clock),
      lender_(machine_, parts.network, parts.setting.endpoints),
      reading_(machine_.workforce(reading_threads)),
      working_(machine_.workforce(gates_at_once)) {
  const auto executor = machine_.executor();
  const auto& setting = parts.setting;
  const auto random = [this] { return static_cast<double>(world_.chance.below(1000)) / 1000; };
  journal_ = disk_.open(parts.owner, name_, parts.clock,
                        [executor](std::function<void()> done) { asio::post(executor, std::move(done)); });
  if (const auto* shared = journal_->shared()) machine_.agree(*shared);
  claims_ = std::make_unique<engine::Claims>(journal_->shared(), machine_);
  engine::Engine::Parts engine{executor, *journal_, reading_, machine_,
                               [&setting](const std::string& model) { return setting.covering(model); }};
  engine.people = setting.people;
  engine.zones = &time_zones();
  engine.daemon = name_ + ", run " + std::to_string(parts.owner);
  engine.fresh_id = [this](std::string_view prefix, core::Time now) { return fresh_id(prefix, now); };
  engine_ = std::make_unique<engine::Engine>(std::move(engine));
  if (auto* shared = journal_->shared()) shared->listen({[this] { engine_->catch_up(); }, {}});
  engine_->feed().start_at(journal_->newest_seq().value());
  gating_ = std::make_unique<gating::CheckPerformer>(
      gating::CheckPerformer::Parts{*engine_, working_, machine_, *claims_, parts.evidence, lender_, gate_kinds()});
  delivery_kinds_ =
      delivery_kinds([&acting = parts.acting, run = parts.owner](const std::string& key) { acting.acts(run, key); });
  delivery::DeliveryPerformer::Parts deliver{*engine_, machine_, *claims_, lender_, delivery_kinds_};
  deliver.random = random;
  deliver.workforce = [this](std::size_t threads) { return machine_.workforce(threads); };
  delivery_ = std::make_unique<delivery::DeliveryPerformer>(std::move(deliver));
  notice::NoticePerformer::Parts notices{machine_, *claims_, lender_, notifier_kinds(), setting.listeners};
  notices.random = random;
  notices.workforce = [this](std::size_t threads) { return machine_.workforce(threads); };
  notices_ = std::make_unique<notice::NoticePerformer>(std::move(notices));
  follow_ = std::make_unique<engine::FollowPerformer>(*engine_, machine_);
  engine::OutboxWorker::Parts worker{executor, *engine_, *journal_, reading_, machine_, *claims_, {}, gates_at_once};
  worker.performers = {
      {"check", gating_.get()}, {"deliver", delivery_.get()}, {"notify", notices_.get()}, {"follow", follow_.get()}};
  for (auto& [kind, performer] : worker.performers) {
    seen_.push_back(std::make_unique<SeenPerformer>(parts.acting, parts.owner, *performer));
    performer = seen_.back().get();
  }
  worker.longest_sleep = std::chrono::seconds(5);
  worker.alarm = [this](const asio::any_io_executor& of) { return machine_.alarm(of); };
  worker_ = std::make_unique<engine::OutboxWorker>(std::move(worker));
}

Daemon::~Daemon() {
  disk_.lose(owner());
  machine_.end();
}

void Daemon::start(std::function<void()> failed) {
  // Named: GCC 12 destroys what stands in such an expression twice.
  auto started = worker_->start();
  asio::co_spawn(machine_.executor(), std::move(started),
                 [failed = std::move(failed)](const std::exception_ptr& bug, const core::Result<void>& outcome) {
                   rethrow(bug, outcome);
                   if (!outcome) failed();
                 });
}

// As runtime::time_ordered_id makes them, out of the seed.
core::PromotionId Daemon::fresh_id(std::string_view prefix, core::Time now) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%013llX%013llX",
                static_cast<unsigned long long>(now.time_since_epoch().count()),
                static_cast<unsigned long long>(world_.chance.bits() >> 12));
  return std::string(prefix) + text.data();
}

void Daemon::submit(core::Event event, std::function<void(const core::Result<engine::Outcome>&)> told) {
  auto submitted = engine_->submit(std::move(event));
  asio::co_spawn(machine_.executor(), std::move(submitted),
                 [told = std::move(told)](const std::exception_ptr& bug, const core::Result<engine::Outcome>& outcome) {
                   rethrow(bug, outcome);
                   told(outcome);
                 });
}

void Daemon::see(engine::SeenCandidate seen, std::function<void(const core::Result<engine::SeenOutcome>&)> told) {
  auto shown = engine_->see(std::move(seen));
  asio::co_spawn(
      machine_.executor(), std::move(shown),
      [told = std::move(told)](const std::exception_ptr& bug, const core::Result<engine::SeenOutcome>& outcome) {
        rethrow(bug, outcome);
        told(outcome);
      });
}

}  // namespace penstock::simulation
