// An engine with its worker, the real performers and a real lender, and plugins that the test writes down as functions.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

#include "daemon/delivery/delivery_performer.hpp"
#include "daemon/engine/outbox_worker.hpp"
#include "daemon/gating/check_performer.hpp"
#include "tests/daemon/lending_world.hpp"

namespace penstock {

namespace asio = boost::asio;

// What the test's plugins are configured with.
struct AnySettings {
  std::string text;
  core::declared::EndpointName endpoint;
  static const core::declared::Shape<AnySettings>& shape() {
    static const auto shape = core::declared::Shape<AnySettings>("Any", "Anything.")
                                  .optional("text", &AnySettings::text, "Tells one from another.")
                                  .optional("endpoint", &AnySettings::endpoint, "Who is called.");
    return shape;
  }
};

using Check = std::function<core::Result<sdk::GateAnswer>(const sdk::GateRequest&, sdk::Tools&)>;
using Act = std::function<sdk::DeliveryOutcome(const sdk::DeliveryRequest&, sdk::Tools&)>;

inline sdk::GateKind gate_kind(const std::string& name, Check check, std::vector<sdk::Capability> needs = {}) {
  class Written : public sdk::Gate {
   public:
    explicit Written(Check check) : check_(std::move(check)) {}
    core::Result<sdk::GateAnswer> check(const sdk::GateRequest& request, sdk::Tools& tools) const override {
      return check_(request, tools);
    }

   private:
    Check check_;
  };
  sdk::GateKind kind{name, "", core::declared::any_shape<AnySettings>(), std::move(needs), false, false, {}, {}};
  kind.make = [check](const nlohmann::json&) -> core::Result<std::unique_ptr<sdk::Gate>> {
    return std::make_unique<Written>(check);
  };
  return kind;
}

inline sdk::DeliveryKind delivery_kind(const std::string& name, Act act, std::vector<sdk::Capability> needs = {}) {
  class Written : public sdk::Delivery {
   public:
    explicit Written(Act act) : act_(std::move(act)) {}
    sdk::DeliveryOutcome deliver(const sdk::DeliveryRequest& request, sdk::Tools& tools) const override {
      return act_(request, tools);
    }

   private:
    Act act_;
  };
  sdk::DeliveryKind kind{name, "", core::declared::any_shape<AnySettings>(), std::move(needs), {}};
  kind.make = [act](const nlohmann::json&) -> core::Result<std::unique_ptr<sdk::Delivery>> {
    return std::make_unique<Written>(act);
  };
  return kind;
}

inline sdk::GateAnswer answer(core::Verdict verdict, std::string observed = "looked") {
  sdk::GateAnswer made;
  made.finding.verdict = verdict;
  made.finding.observed = std::move(observed);
  made.finding.needed = "something";
  made.finding.source = "the test";
  return made;
}

class PerformingWorld : public LendingWorld {
 public:
  PerformingWorld(std::vector<sdk::GateKind> the_gates, std::vector<sdk::DeliveryKind> the_deliveries = {},
                  std::vector<sdk::Endpoint> endpoints = three_endpoints())
      : LendingWorld(std::move(endpoints)), gates(std::move(the_gates)), deliveries(std::move(the_deliveries)) {
    policy.name = "fraud";
    policy.model = "*";
    policy.environment = "production";
  }
  ~PerformingWorld() {
    if (worker_started_) run(worker.stop(1s));
    engine.feed().stop();
    pool.stop();
  }
  PerformingWorld(const PerformingWorld&) = delete;
  PerformingWorld& operator=(const PerformingWorld&) = delete;

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

  // Shows a candidate under `policy`, as it is now; nothing is carried out before start().
  core::PromotionId see(core::Candidate seen_candidate, bool again = false) {
    policy.digest = runtime::sha256(core::canonical_bytes(policy));
    frozen_ = std::make_shared<core::Policy>(policy);
    engine::SeenCandidate seen{std::move(seen_candidate), "sue", "api", again, {}};
    return run(engine.see(std::move(seen))).value().promotions.at(0);
  }
  core::PromotionId see(const std::string& version = "7") {
    auto made = candidate();
    made.version = version;
    return see(std::move(made));
  }
  void start() {
    worker_started_ = true;
    REQUIRE(run(worker.start()));
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
  // Starts, and sees where a new candidate ends up.
  core::Promotion promote(const std::string& wanted, const std::string& version = "7") {
    if (!worker_started_) start();
    const auto id = see(version);
    run_until_phase(id, wanted);
    return promotion(id);
  }
  core::Finding finding(const core::Promotion& of, const std::string& gate = "gate") {
    return core::newest_check(of, gate)->finding.value();
  }
  core::Result<engine::Outcome> submit(core::Event event) { return run(engine.submit(std::move(event))); }
  // One call of the performer, as the worker makes it.
  engine::Performed perform(engine::Performer& performer, const core::Command& command, int tries = 1) {
    journal::OutboxRow row;
    row.key = core::key_of(command);
    row.tries = tries;
    const auto id = std::visit(
        [](const auto& one) {
          if constexpr (requires { one.promotion; })
            return one.promotion;
          else
            return core::PromotionId();
        },
        command);
    if (const auto known = run(engine.promotion(id))) row.lane = known->lane;
    return run(performer.perform(command, row));
  }

  core::Policy policy;
  std::vector<sdk::GateKind> gates;
  std::vector<sdk::DeliveryKind> deliveries;
  asio::io_context context{1};
  std::unique_ptr<journal::Journal> journal =
      journal::open_memory([this](std::function<void()> done) { asio::post(context, std::move(done)); });
  runtime::BlockingPool pool{4};
  engine::Engine engine{{context.get_executor(), *journal, pool, clock, [this](const std::string&) {
                           return std::vector<std::shared_ptr<const core::Policy>>{frozen_};
                         }}};
  engine::Claims claims{nullptr, clock};
  gating::CheckPerformer checks{{engine, pool, clock, claims, store, lending, gates, 20ms}};
  delivery::DeliveryPerformer acts{{engine, clock, claims, lending, deliveries, 20ms}};
  engine::OutboxWorker worker{
      {context.get_executor(), engine, *journal, pool, clock, claims, {{"check", &checks}, {"deliver", &acts}}, 8}};

 private:
  std::shared_ptr<const core::Policy> frozen_;
  bool worker_started_ = false;
};

inline core::GateSpec gate_spec(const std::string& name, const std::string& kind, int attempts = 1) {
  core::GateSpec spec;
  spec.name = name;
  spec.kind = kind;
  spec.attempts = attempts;
  return spec;
}

}  // namespace penstock
