#include "plugins/deliveries/mlflow_alias.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/plugins/deliveries/delivery_world.hpp"

namespace penstock::deliveries::test {
namespace {

std::unique_ptr<sdk::Delivery> alias() {
  return mlflow_alias_kind().make({{"registry", "peer"}, {"alias", "champion"}}).value();
}

std::string pointing_to(const std::string& version) {
  auto aliases = nlohmann::json::array();
  if (!version.empty()) aliases.push_back({{"alias", "champion"}, {"version", version}});
  return nlohmann::json{{"registered_model", {{"name", "fraud"}, {"aliases", aliases}}}}.dump();
}

void make_live(World& world, const std::string& version) {
  sdk::LiveCandidate live;
  live.candidate.version = version;
  live.candidate.registry = {{"kind", "mlflow"}, {"name", "fraud"}, {"version", version}};
  world.request.live = live;
}

}  // namespace

TEST_CASE("an alias is read, set, and read back") {
  World world;
  world.peer.answer(200, pointing_to(""));
  world.peer.answer(200, "{}");
  world.peer.answer(200, pointing_to("7"));
  const auto outcome = world.deliver(*alias());
  REQUIRE(std::holds_alternative<sdk::Confirmed>(outcome));
  CHECK(std::get<sdk::Confirmed>(outcome).receipt == "alias champion of fraud reads back as version 7 in peer");
  REQUIRE(world.peer.requests.size() == 3);
  CHECK(nlohmann::json::parse(world.peer.requests[1].body) ==
        nlohmann::json{{"name", "fraud"}, {"alias", "champion"}, {"version", "7"}});
}

TEST_CASE("an alias that points to the candidate already is not set again") {
  World world;
  world.peer.answer(200, pointing_to("7"));
  CHECK(std::holds_alternative<sdk::Confirmed>(world.deliver(*alias())));
  CHECK(world.peer.requests.size() == 1);
}

TEST_CASE("an alias that somebody else moved is left alone") {
  World world;
  make_live(world, "5");
  world.peer.answer(200, pointing_to("6"));
  const auto outcome = world.deliver(*alias());
  REQUIRE(std::holds_alternative<sdk::Refused>(outcome));
  CHECK(std::get<sdk::Refused>(outcome).problem.message ==
        "alias champion of fraud points to version 6, but version 5 is what was promoted last");
  CHECK(world.peer.requests.size() == 1);
}

TEST_CASE("an alias that reads back as something else is not a success") {
  World world;
  world.peer.answer(200, pointing_to(""));
  world.peer.answer(200, "{}");
  world.peer.answer(200, pointing_to("8"));
  CHECK(std::holds_alternative<sdk::Refused>(world.deliver(*alias())));
}

TEST_CASE("a registry that fails, talks nonsense or is away is tried later") {
  for (const auto* body :
       {"<html>", "[]", "{}", R"({"registered_model": 3})", R"({"registered_model": {"aliases": 3}})"}) {
    World world;
    world.peer.answer(200, body);
    INFO(body);
    CHECK(std::holds_alternative<sdk::TryLater>(world.deliver(*alias())));
  }
  World failing;
  failing.peer.answer(500, "oops");
  CHECK(std::holds_alternative<sdk::TryLater>(failing.deliver(*alias())));
  World away;
  CHECK(std::holds_alternative<sdk::TryLater>(away.deliver(*alias())));
}

TEST_CASE("a candidate that no MLflow registry holds is refused") {
  World world;
  world.request.candidate.registry.clear();
  CHECK(std::holds_alternative<sdk::Refused>(world.deliver(*alias())));
  CHECK(world.peer.requests.empty());
}

}  // namespace penstock::deliveries::test
