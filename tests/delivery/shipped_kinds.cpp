// The deliveries that Penstock ships, on what became of their surroundings since the policy was written.
#include "plugins/catalog.hpp"
#include "tests/daemon/performing_world.hpp"
#include "tests/runtime/server.hpp"

using namespace penstock;

namespace {

core::DeliverySpec shipped(const std::string& name, const std::string& kind, nlohmann::json with) {
  core::DeliverySpec spec;
  spec.name = name;
  spec.kind = kind;
  spec.with = std::move(with);
  return spec;
}

core::Held held(const core::Promotion& promotion) { return std::get<core::Held>(promotion.phase); }

// One of the world's endpoints, here on loopback.
sdk::Endpoint local(std::size_t number, const std::string& url) {
  auto endpoint = LendingWorld::three_endpoints().at(number);
  endpoint.url = url;
  endpoint.allow_private = true;
  return endpoint;
}

// MLflow's registry, as far as an alias goes (MLflow REST API 2.0).
class AliasRegistry {
 public:
  std::string url() const { return server_.url(""); }
  std::string version;
  std::mutex mutex;

 private:
  std::string answer(const std::string& request) {
    const std::lock_guard lock(mutex);
    if (request.starts_with("POST /api/2.0/mlflow/registered-models/alias "))
      version = nlohmann::json::parse(request.substr(request.find("\r\n\r\n") + 4)).at("version");
    auto aliases = nlohmann::json::array();
    if (!version.empty()) aliases.push_back({{"alias", "champion"}, {"version", version}});
    return http_answer("200 OK", nlohmann::json{{"registered_model", {{"aliases", aliases}}}}.dump());
  }
  TestServer server_{[this](const std::string& request, int) { return answer(request); }};
};

struct AliasStory {
  AliasStory() {
    world.policy.deliveries = {shipped("alias", "mlflow-alias", {{"registry", "main"}, {"alias", "champion"}})};
    world.start();
  }
  core::PromotionId see(const std::string& version) {
    auto candidate = world.candidate();
    candidate.version = version;
    candidate.registry = {{"kind", "mlflow"}, {"name", "fraud"}, {"version", version}};
    return world.see(candidate);
  }
  void move_by_hand(const std::string& version) {
    const std::lock_guard lock(registry.mutex);
    registry.version = version;
  }
  AliasRegistry registry;
  PerformingWorld world{{}, plugins::catalog().deliveries, {local(1, registry.url())}};
};

}  // namespace

TEST_CASE("a receiver that was taken out of the settings meanwhile is refused, naming those there are") {
  PerformingWorld world({}, plugins::catalog().deliveries);
  world.policy.deliveries = {shipped("serving", "webhook", {{"receiver", "former-platform"}})};
  const auto promotion = world.promote("held");
  CHECK(held(promotion).reason ==
        "delivery serving was refused: there is no endpoint `former-platform` (penstock.yaml)");
  CHECK(held(promotion).next == "configured are: serving, main, staging");
}

TEST_CASE("a registry's alias is moved and read back") {
  AliasStory story;
  const auto id = story.see("7");
  story.world.run_until_phase(id, "live");
  CHECK(story.registry.version == "7");
  CHECK(story.world.promotion(id).deliveries[0].answer == "alias champion of fraud reads back as version 7 in main");
}

TEST_CASE("an alias that somebody moved meanwhile is left alone, and promoted again once it was put back") {
  AliasStory story;
  auto& world = story.world;
  world.run_until_phase(story.see("7"), "live");
  story.move_by_hand("3");
  const auto id = story.see("8");
  world.run_until_phase(id, "held");
  CHECK(story.registry.version == "3");
  CHECK(held(world.promotion(id)).reason ==
        "delivery alias was refused: alias champion of fraud points to version 3, but version 7 is what was promoted "
        "last (main)");
  CHECK(world.run(world.engine.live_in({"fraud", "production"})).value()->candidate.version == "7");
  story.move_by_hand("7");
  REQUIRE(world.submit(core::RetryAsked{id, "ann"}));
  world.run_until_phase(id, "live");
  CHECK(story.registry.version == "8");
}

TEST_CASE("a webhook's answer 503 with Retry-After is tried again when the receiver wants it, under the same id") {
  std::mutex mutex;
  std::vector<std::string> ids;
  TestServer receiver([&](const std::string& request, int) {
    const auto at = request.find("webhook-id: ") + 12;
    const std::lock_guard lock(mutex);
    ids.push_back(request.substr(at, request.find("\r\n", at) - at));
    return ids.size() == 1 ? http_answer("503 Busy", "", "Retry-After: 120\r\n") : http_answer("204 No Content", "");
  });
  PerformingWorld world({}, plugins::catalog().deliveries, {local(0, receiver.url("/hook"))});
  world.policy.deliveries = {shipped("serving", "webhook", {{"receiver", "serving"}})};
  world.start();
  const auto id = world.see();
  world.run_until([&] {
    const auto next = world.journal->next_due();
    return next && *next && **next == world.clock.now() + 120s;
  });
  CHECK(world.phase(id) == "delivering");
  world.clock.advance(121s);
  world.run_until_phase(id, "live");
  REQUIRE(ids.size() == 2);
  CHECK(ids[0] == ids[1]);
}
