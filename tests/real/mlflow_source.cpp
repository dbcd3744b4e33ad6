// The MLflow source against a real tracking server, which tests/real/mlflow.sh starts and fills.
#include <cstdlib>
#include <iostream>

#include "daemon/runtime/http_client.hpp"
#include "plugins/sources/sources.hpp"
#include "tests/catch.hpp"
#include "tests/plugins/sources/source_world.hpp"

using namespace penstock;
using namespace penstock::sources::test;
using namespace std::chrono_literals;

TEST_CASE("models that scikit-learn and MLflow made are seen and fetched") {
  const char* url = std::getenv("PENSTOCK_TEST_MLFLOW");
  if (url == nullptr) {
    std::cout << "skipped: PENSTOCK_TEST_MLFLOW is not set; start it with tests/real/mlflow.sh\n";
    return;
  }
  runtime::HttpClient http;
  SourceWorld world(&http);
  world.endpoints.endpoints["main"].url = url;
  world.endpoints.endpoints["main"].allow_private = true;
  auto source = sources::mlflow_kind().make("registry", {{"endpoint", "main"}});
  REQUIRE(why(source) == "");
  const auto poll = (*source)->poll("", world.in(60s), world.tools);
  REQUIRE(why(poll) == "");
  CHECK(poll->problems.empty());
  REQUIRE(poll->sightings.size() == 3);  // and not the prompt

  const auto& logged = poll->sightings[0].candidate;
  CHECK(logged.model == "fraud");
  CHECK(logged.metrics.at("auc") == 0.93);
  CHECK(logged.authors.size() == 1);
  CHECK(logged.git->commit == "0123456789abcdef0123456789abcdef01234567");
  CHECK(logged.git->repository == "https://git.example.org/fraud.git");
  CHECK(logged.registry.contains("run_id"));
  const auto copy = world.empty_folder("logged");
  REQUIRE(why((*source)->fetch(logged, copy, 1 << 24, world.in(60s), world.tools)) == "");
  CHECK(read_file(copy / "MLmodel").find("sklearn") != std::string::npos);
  CHECK(fs::exists(copy / "requirements.txt"));
  CHECK((fs::exists(copy / "model.skops") || fs::exists(copy / "model.pkl")));

  const auto& of_run = poll->sightings[1].candidate;
  CHECK(of_run.model == "run-files");
  const auto files = world.empty_folder("of-run");
  REQUIRE(why((*source)->fetch(of_run, files, 1 << 24, world.in(60s), world.tools)) == "");
  CHECK(read_file(files / "sub dir" / "a+b.txt") == "hello");

  const auto& outside = poll->sightings[2].candidate;
  CHECK(outside.model == "outside");
  const auto refused = (*source)->fetch(outside, world.empty_folder("outside"), 1 << 24, world.in(60s), world.tools);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "not-through-server");

  const auto again = (*source)->poll(poll->cursor, world.in(60s), world.tools);
  REQUIRE(why(again) == "");
  CHECK(again->sightings.empty());
  CHECK(again->cursor == poll->cursor);
}
