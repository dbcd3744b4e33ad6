// The routes over a real engine and the memory journal, told as a story: requests go in by method and target, as the
// router finds them, and the clock is moved by hand.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "daemon/intake/hooks.hpp"
#include "daemon/intake/router.hpp"
#include "daemon/intake/routes.hpp"
#include "daemon/runtime/digest.hpp"
#include "daemon/runtime/time_zones.hpp"
#include "tests/catch.hpp"

namespace penstock::intake {

using namespace std::chrono_literals;
using nlohmann::json;

inline std::shared_ptr<core::Policy> story_policy(const std::string& environment = "production") {
  auto policy = std::make_shared<core::Policy>();
  policy->name = "fraud-" + environment;
  policy->model = "fraud*";
  policy->environment = environment;
  policy->stages = {{"data", {{"contract", "data-contract"}}}, {"security", {{"scan", "security-signoff"}}}};
  policy->stages[1].gates.push_back({"style", "executable"});
  policy->stages[1].gates[1].blocking = false;
  policy->approvals = {{"release-managers", 2}};
  policy->deliveries = {{"serving", "webhook", {{"receiver", "serving-platform"}}}};
  policy->digest = runtime::sha256(core::canonical_bytes(*policy));
  return policy;
}

inline const Caller ana{"ana", true, {"release-managers"}};
inline const Caller bo{"bo", true, {"release-managers"}};
inline const Caller eve{"eve", true, {"interns"}};
inline const Caller ci{"ci", false, {}};
inline const std::string hook_secret = "a-hook-secret-of-some-length";
// The lane of story_policy().
inline const std::string fraud_lane = "/v1/lanes/fraud/production";

// Of an answer with a document, and of one with a problem document.
inline json body_of(const Response& response) { return json::parse(response.body); }
inline std::string code_of(const Response& response) { return body_of(response).value("code", ""); }

class ApiStory {
 public:
  explicit ApiStory(std::vector<std::shared_ptr<const core::Policy>> policies = {story_policy()},
                    std::vector<HookSettings> hook_settings = {}, std::optional<core::People> people = {})
      : policies_(std::move(policies)),
        people_(people ? std::make_shared<const core::People>(std::move(*people)) : nullptr),
        hooks(Hooks::make(std::move(hook_settings), parts,
                          [this](const std::string& source, const std::string& hook) {
                            nudges.push_back(source + " by " + hook);
                            return source != "nowhere";
                          })
                  .value()),
        router(make_routes(parts, hooks)) {}
  ~ApiStory() {
    engine.feed().stop();
    work_.reset();
    pool.stop();
    // What still waits ends here, while everything that it refers to is there.
    context.poll();
  }

  // Runs the context until `work` has ended.
  template <class T>
  T run(asio::awaitable<T> work) {
    std::optional<T> result;
    std::exception_ptr failure;
    asio::co_spawn(context, std::move(work), [&](std::exception_ptr thrown, T value) {
      failure = thrown;
      result = std::move(value);
    });
    while (!result) require_progress();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
  }
  // Runs the context until `done` says so.
  void until(const std::function<bool()>& done) {
    while (!done()) require_progress();
  }

  struct Extra {
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::optional<Caller> caller = ci;
  };
  asio::awaitable<Response> start(const std::string& method, const std::string& target, std::string body, Extra extra) {
    const auto found = router.find(method, target);
    if (const auto* refusal = std::get_if<Refusal>(&found))
      return refused(problem_response(refusal->status, refusal->problem));
    const auto& match = std::get<Router::Match>(found);
    Request request;
    request.method = method;
    request.path = match.path;
    request.query = match.query;
    request.parameters = match.parameters;
    request.headers = std::move(extra.headers);
    request.body = std::move(body);
    request.remote = "192.0.2.1";
    if (match.route->access == Access::caller || match.route->access == Access::person) request.caller = extra.caller;
    return match.route->handler(std::move(request));
  }
  Response call(const std::string& method, const std::string& target, const std::string& body, Extra extra) {
    return run(start(method, target, body, std::move(extra)));
  }
  Response get(const std::string& target) { return call("GET", target, "", {}); }
  json get_json(const std::string& target) { return json::parse(get(target).body); }
  Response post(const std::string& target, const std::string& body, const Caller& caller = ci) {
    return call("POST", target, body, {{}, caller});
  }

  // Submits a version and gives the id of its first promotion.
  std::string submit(const std::string& version = "7", const Caller& caller = ci) {
    const auto response = post("/v1/candidates", candidate(version).dump(), caller);
    REQUIRE(response.status == 201);
    return json::parse(response.body).at("promotions").at(0).at("id");
  }
  static json candidate(const std::string& version = "7") {
    return {{"model", "fraud"}, {"version", version}, {"authors", {"mia@example.com"}}};
  }
  void answer(const std::string& promotion, const std::string& gate, core::Verdict verdict,
              const std::string& observed = "0 violations") {
    core::Finding finding;
    finding.verdict = verdict;
    finding.observed = observed;
    finding.needed = "0 violations";
    finding.source = "test";
    finding.at = clock.now();
    core::Event event = core::CheckReported{promotion, gate, 1, finding};
    REQUIRE(run(engine.submit(std::move(event))));
  }
  void pass_gates(const std::string& promotion) {
    for (const auto* gate : {"contract", "scan", "style"}) answer(promotion, gate, core::Verdict::passed);
  }
  Response decide(const std::string& promotion, const json& body, const Caller& caller, std::string if_match = "") {
    if (if_match.empty()) if_match = get_json("/v1/promotions/" + promotion).at("decide_on");
    return call("POST", "/v1/promotions/" + promotion + "/decisions", body.dump(),
                {{{"if-match", "\"" + if_match + "\""}}, caller});
  }
  void bring_live(const std::string& promotion) {
    pass_gates(promotion);
    CHECK(decide(promotion, {{"decision", "approve"}}, ana).status == 200);
    CHECK(decide(promotion, {{"decision", "approve"}}, bo).status == 200);
    core::Event event = core::DeliveryConfirmed{promotion, "serving", 1, "204"};
    REQUIRE(run(engine.submit(std::move(event))));
  }
  std::string phase(const std::string& promotion) { return get_json("/v1/promotions/" + promotion).at("phase"); }

  // A hook signed by Standard Webhooks now.
  Response hook(const std::string& name, const json& body, const std::string& id,
                const std::string& secret = hook_secret) {
    const auto text = body.dump();
    const auto time =
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch()).count());
    const auto signature = "v1," + runtime::base64(runtime::hmac_sha256(secret, id + "." + time + "." + text));
    Extra extra;
    extra.headers = {{"webhook-id", id}, {"webhook-timestamp", time}, {"webhook-signature", signature}};
    return call("POST", "/hooks/" + name, text, std::move(extra));
  }

  // These policies are in force from now on.
  void reload(std::vector<std::shared_ptr<const core::Policy>> policies) { policies_ = std::move(policies); }

 private:
  static asio::awaitable<Response> refused(Response response) { co_return response; }
  void require_progress() {
    if (context.run_one_for(10s) == 0) throw std::runtime_error("nothing happened for 10 s");
  }

 public:
  asio::io_context context{1};

 private:
  asio::executor_work_guard<asio::io_context::executor_type> work_{context.get_executor()};
  std::vector<std::shared_ptr<const core::Policy>> policies_;
  std::shared_ptr<const core::People> people_;  // nothing: who is in which group is not known

 public:
  runtime::ManualClock clock{core::Time(1795219200s)};
  std::shared_ptr<const core::Semaphores> limits = std::make_shared<core::Semaphores>();
  runtime::BlockingPool pool{2};
  std::unique_ptr<journal::Journal> journal =
      journal::open_memory([this](std::function<void()> done) { asio::post(context, std::move(done)); });
  runtime::TimeZones zones;
  engine::Engine engine{{context.get_executor(), *journal, pool, clock,
                         [this](const std::string& model) {
                           std::vector<std::shared_ptr<const core::Policy>> covering;
                           for (const auto& policy : policies_)
                             if (core::glob_match(policy->model, model)) covering.push_back(policy);
                           return covering;
                         },
                         people_, &zones, "", [this] { return limits; }}};
  Metrics metrics;
  Replay replay{engine, *journal, pool, clock};
  std::map<core::Digest, std::string> evidence;
  ApiParts parts{engine,
                 *journal,
                 pool,
                 clock,
                 metrics,
                 replay,
                 [this](const core::Digest& digest) -> core::Result<std::string> {
                   const auto found = evidence.find(digest);
                   if (found == evidence.end()) return core::Problem{"not-found", "it is not there"};
                   return found->second;
                 },
                 {}};
  std::vector<std::string> nudges;
  Hooks hooks;
  Router router;
};

}  // namespace penstock::intake
