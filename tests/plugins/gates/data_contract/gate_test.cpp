// Where contract and data come from, and what the gate makes of a worker that does not answer.
#include <sys/stat.h>

#include "tests/catch.hpp"
#include "tests/plugins/gates/data_contract/data_world.hpp"

using namespace penstock;
using namespace penstock::gates::data_contract::test;

namespace {

const std::string simple = contract_with("      - {name: x, logicalType: integer}\n");

// A program of the test in the place of the worker.
void replace_worker(DataWorld& world, const std::string& script) {
  world.write("bin/penstock-data-worker", "#!/bin/sh\n" + script + "\n");
  ::chmod((world.root() / "bin/penstock-data-worker").c_str(), 0755);
  world.workers = world.root() / "bin";
}

}  // namespace

TEST_CASE("contract and data can both come with the artifact") {
  DataWorld world;
  world.write("artifact/contracts/wine.yaml", simple);
  world.write("artifact/data/train.csv", "x\n1\n");
  world.request.candidate.data_contract = "contracts/wine.yaml";
  const auto answer = world.check({{"contract", "${candidate.data_contract}"},
                                   {"contract_from", "artifact"},
                                   {"data", "data/train.csv"},
                                   {"data_from", "artifact"}});
  CHECK(answer.finding.verdict == core::Verdict::passed);
  CHECK(answer.finding.source.rfind("data/train.csv against contract wine v1.0.0 (sha256:", 0) == 0);
}

TEST_CASE("what the candidate does not bring is a failed check, what the operator does not is a problem") {
  DataWorld world;
  world.contract(simple);
  CHECK(world.check().finding.observed == "there is no `wine.csv` in the folder `data`");
  CHECK(world.check().finding.verdict == core::Verdict::failed);
  world.request.candidate.data_sets.clear();
  CHECK(world.check().finding.verdict == core::Verdict::failed);
  CHECK(world.check().finding.observed.find("data_sets.training") != std::string::npos);
  CHECK(world.check({{"contract", "x.yaml"}, {"contract_from", "artifact"}}).finding.observed ==
        "the artifact has no file `x.yaml`");
  CHECK(world.check({{"data", "folder"}, {"data_from", "artifact"}}).finding.verdict == core::Verdict::failed);
  world.request.candidate.artifact.reset();
  CHECK(world.check({{"data", "x.csv"}, {"data_from", "artifact"}}).finding.observed.find("no artifact") !=
        std::string::npos);

  const auto missing = world.try_check({{"contract", "other.yaml"}});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == "missing-contract");
  world.request.candidate.data_sets["training"] = "wine.csv";
  const auto unknown = world.try_check({{"data_from", "elsewhere"}});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == "unknown-folder");
}

TEST_CASE("a candidate cannot point outside the folders it is given") {
  DataWorld world;
  world.contract(simple);
  world.write("secret.csv", "x\n1\n");
  world.write("artifact/here.csv", "x\n1\n");
  for (const auto& path : std::vector<std::string>{"../secret.csv", "/etc/passwd", "a/../../secret.csv", "", "..",
                                                   std::string("a\0b", 3)}) {
    world.request.candidate.data_sets["training"] = path;
    INFO(path);
    CHECK(world.check().finding.verdict == core::Verdict::failed);
    CHECK(world.check({{"data_from", "artifact"}}).finding.verdict == core::Verdict::failed);
  }
  fs::create_symlink("../secret.csv", world.root() / "artifact/link.csv");
  fs::create_symlink("../secret.csv", world.root() / "data/link.csv");
  world.request.candidate.data_sets["training"] = "link.csv";
  CHECK(world.check({{"data_from", "artifact"}}).finding.observed == "`link.csv` leaves the artifact");
  CHECK(world.check().finding.observed == "`link.csv` leaves the folder");
}

TEST_CASE("a worker that crashes, prints garbage or takes too long is not an answer") {
  DataWorld world;
  world.contract(simple);
  world.data("x\n1\n");
  const std::vector<std::pair<std::string, std::string>> scripts{
      {"kill -SEGV $$", "ended by signal 11"},
      {"echo 'no-memory: the engine ran out' >&2; exit 1", "no-memory: the engine ran out"},
      {"echo '{'", "not JSON"},
      {"echo '{}'", "something other than a report"},
      {"echo '{\"understood\": true, \"checks\": []}'", "a report without checks"},
      {"echo '{\"understood\": true, \"checks\": [{\"state\": \"fine\"}]}'", "unknown state"},
  };
  for (const auto& [script, message] : scripts) {
    replace_worker(world, script);
    const auto answer = world.try_check();
    INFO(script);
    REQUIRE_FALSE(answer);
    CHECK(core::to_text(answer.error()).find(message) != std::string::npos);
  }
  replace_worker(world, "sleep 30");
  world.request.deadline = Clock().now() + std::chrono::milliseconds(100);
  const auto late = world.try_check();
  REQUIRE_FALSE(late);
  CHECK(late.error().code == "timeout");
  world.workers = world.root() / "nowhere";
  const auto absent = world.try_check();
  REQUIRE_FALSE(absent);
}

TEST_CASE("more rows than the memory holds go to the scratch folder") {
  DataWorld world;
  world.contract(contract_with("      - {name: x, logicalType: string, unique: true}\n"));
  std::string text = "x\n";
  const std::string filler(400, 'f');
  for (int i = 0; i < 250'000; ++i) text += filler + std::to_string(i) + "\n";  // 100 MB
  world.data(text);
  const auto answer = world.try_check({{"memory_mb", 64}});
  // Either it fits by using the disk, or it is told to be too much; never a verdict on half of the rows.
  if (answer) {
    CHECK(answer->finding.verdict == core::Verdict::passed);
    CHECK(report_of(*answer)["data"]["rows_checked"] == 250'000);
  } else {
    CHECK(answer.error().message.find("no-memory") != std::string::npos);
  }
}

TEST_CASE("settings that cannot work are refused when they are loaded") {
  const auto kind = gates::data_contract::data_contract_kind();
  const auto problem = [&](const nlohmann::json& more) {
    const auto gate = kind.make(DataWorld::settings(more));
    return gate ? std::string("taken") : core::to_text(gate.error());
  };
  CHECK(problem(nlohmann::json::object()) == "taken");
  CHECK(problem({{"contract", "../x.yaml"}}).find("`../x.yaml` is not a path inside a folder") != std::string::npos);
  CHECK(problem({{"data", "/etc/passwd"}}).find("not a path inside a folder") != std::string::npos);
  CHECK(problem({{"csv", {{"delimiter", "\""}}}}).find("delimiter") != std::string::npos);
  CHECK(problem({{"samples", 1000}}).find("samples") != std::string::npos);
  CHECK(problem({{"unsupported", "allow"}}).find("unsupported") != std::string::npos);
  CHECK(problem({{"smaples", 1}}).find("did you mean `samples`?") != std::string::npos);

  DataWorld world;
  auto tools = world.lend();
  const auto verified = kind.verify(DataWorld::settings(), tools);
  REQUIRE_FALSE(verified);
  CHECK(verified.error().code == "missing-contract");
  world.contract("anything");
  CHECK(kind.verify(DataWorld::settings(), tools).has_value());
}
