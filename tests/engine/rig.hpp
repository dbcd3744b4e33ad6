// An engine with its worker on a thread of the test's own, with the memory journal and a clock that the test moves.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

#include "daemon/engine/acknowledge_performer.hpp"
#include "daemon/engine/follow_performer.hpp"
#include "daemon/engine/outbox_worker.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::tests {

namespace asio = boost::asio;
using namespace std::chrono_literals;

inline std::shared_ptr<core::Policy> policy_for(const std::string& model, const std::string& environment) {
  auto policy = std::make_shared<core::Policy>();
  policy->name = environment;
  policy->model = model;
  policy->environment = environment;
  policy->stages = {{"all", {{"gate", "candidate-fields"}}}};
  policy->digest = runtime::sha256(core::canonical_bytes(*policy));
  return policy;
}

inline core::Candidate candidate(const std::string& model, const std::string& version) {
  core::Candidate made;
  made.model = model;
  made.version = version;
  return made;
}

// Answers checks with a verdict that the test sets, and counts what it was asked.
class ScriptedPerformer : public engine::Performer {
 public:
  asio::awaitable<engine::Performed> perform(const core::Command& command, const journal::OutboxRow& row) override {
    ++asked[row.key];
    if (throws) throw std::runtime_error("a bug");
    asio::steady_timer pause(co_await asio::this_coro::executor);
    while (holds) {
      pause.expires_after(1ms);
      co_await pause.async_wait(asio::use_awaitable);
    }
    if (const auto* check = std::get_if<core::RunCheck>(&command)) {
      core::Finding finding;
      finding.verdict = verdict;
      co_return core::Event(core::CheckReported{check->promotion, check->gate, check->attempt, finding});
    }
    const auto& deliver = std::get<core::Deliver>(command);
    co_return core::Event(core::DeliveryConfirmed{deliver.promotion, deliver.delivery, deliver.round, "ok"});
  }
  core::Verdict verdict = core::Verdict::passed;
  bool throws = false;
  bool holds = false;  // it takes as long as the test wants
  std::map<std::string, int> asked;
};

// Owns nothing that outlives it; the journal is handed in so that a second rig can go on with it.
class Rig {
 public:
  Rig(journal::Journal& journal, asio::io_context& journal_context,
      std::vector<std::shared_ptr<const core::Policy>> policies)
      : context(journal_context),
        policies_(std::move(policies)),
        pool(2),
        engine({context.get_executor(), journal, pool, clock,
                [this](const std::string& model) { return covering(model); }, nullptr, nullptr, "",
                [this] { return limits; }}),
        claims(journal.shared(), clock),
        acknowledge({engine, journal, pool, clock, [this] { return acknowledgers; }}),
        worker({context.get_executor(),
                engine,
                journal,
                pool,
                clock,
                claims,
                {{"check", &performer}, {"deliver", &performer}, {"follow", &follow}, {"acknowledge", &acknowledge}},
                8}) {}
  ~Rig() { stop(); }
  // What still waits ends here, while everything that it refers to is there: another rig may go on with the context.
  // Who has told anybody else of this rig stops it while whoever may still call it is there too.
  void stop() {
    if (std::exchange(stopped_, true)) return;
    run(worker.stop(1s));
    engine.feed().stop();
    pool.stop();
    context.restart();
    context.poll();
  }

  // Runs the context until the coroutine has ended; fails the test when it takes longer than 10 s.
  template <class T>
  T run(asio::awaitable<T> work) {
    auto future = asio::co_spawn(context, std::move(work), asio::use_future);
    run_until([&] { return future.wait_for(0s) == std::future_status::ready; });
    return future.get();
  }
  template <class Holds>
  void run_until(Holds holds) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    context.restart();
    const auto work = asio::make_work_guard(context);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("it did not happen within 10 s");
      context.run_one_for(5ms);
    }
  }
  core::Promotion promotion(const core::PromotionId& id) { return run(engine.promotion(id)).value(); }
  std::string phase(const core::PromotionId& id) { return std::string(core::phase_name(promotion(id).phase)); }
  void run_until_phase(const core::PromotionId& id, const std::string& wanted) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (phase(id) != wanted) {
      if (std::chrono::steady_clock::now() > deadline)
        throw std::runtime_error(id + " is " + phase(id) + ", not " + wanted);
      context.restart();
      context.run_for(2ms);
    }
  }
  engine::SeenOutcome see(const std::string& model, const std::string& version, bool again = false) {
    engine::SeenCandidate seen{candidate(model, version), "sue", "api", again, {}};
    return run(engine.see(seen)).value();
  }

  void reload(std::vector<std::shared_ptr<const core::Policy>> policies) { policies_ = std::move(policies); }
  std::vector<std::shared_ptr<const core::Policy>> covering(const std::string& model) const {
    std::vector<std::shared_ptr<const core::Policy>> found;
    for (const auto& policy : policies_)
      if (core::glob_match(policy->model, model)) found.push_back(policy);
    return found;
  }

  asio::io_context& context;
  runtime::ManualClock clock{core::Time(1'795'219'200'000ms)};
  std::shared_ptr<const core::Semaphores> limits = std::make_shared<core::Semaphores>();
  std::vector<core::AcknowledgerState> acknowledgers;

 private:
  std::vector<std::shared_ptr<const core::Policy>> policies_;
  bool stopped_ = false;

 public:
  runtime::BlockingPool pool;
  ScriptedPerformer performer;
  engine::Engine engine;
  engine::FollowPerformer follow{engine, clock};
  engine::Claims claims;
  engine::AcknowledgePerformer acknowledge;
  engine::OutboxWorker worker;
};

// A memory journal whose answers come back on the context.
struct MemoryWorld {
  asio::io_context context{1};
  std::unique_ptr<journal::Journal> journal =
      journal::open_memory([this](std::function<void()> done) { asio::post(context, std::move(done)); });
};

}  // namespace penstock::tests
