// Definitions that change while the daemon runs: taken as a whole or not at all.
#include "daemon/policies_in_force.hpp"

#include <fstream>
#include <thread>

#include "daemon/reload_report.hpp"
#include "daemon/runtime/digest.hpp"
#include "tests/daemon/loading_story.hpp"

using namespace penstock;
using Texts = std::vector<std::string>;

namespace {

class RunningStory : public LoadedFolder {
 public:
  RunningStory() : loaded_(load((path / "penstock.yaml").string(), plugins::catalog())) {
    REQUIRE(loaded_.good);
    in_force.emplace(PoliciesInForce::Parts{loaded_.settings, plugins::catalog(), lending_, clock_}, loaded_.policies);
  }
  // As the daemon does it, once that is journalled.
  Reloaded reload() {
    auto reloaded = in_force->reload();
    if (reloaded.next) in_force->put_in_force(*reloaded.next);
    return reloaded;
  }
  std::string content(const std::string& file) const {
    std::ifstream stream(path / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::string digest() const {
    const auto covering = in_force->covering("fraud");
    return covering.empty() ? "" : covering.at(0)->digest.text();
  }

  static constexpr const char* policy = "definitions/policies/fraud.yaml";
  std::optional<PoliciesInForce> in_force;

 private:
  LoadedAll loaded_;
  runtime::SystemClock clock_;
  runtime::ContentStore store_ = runtime::ContentStore::open(path / "store").value();
  Sources sources_;
  Lending lending_{lending_parts(loaded_.settings, clock_, store_, sources_, plugins::catalog())};
};

}  // namespace

TEST_CASE("definitions that are good come into force, and are told by what they change") {
  RunningStory story;
  const auto before = story.digest();
  const auto frozen = story.in_force->covering("fraud").at(0);
  story.replace(story.policy, "  deliver:", "  queue_for: 2d\n  deliver:");
  story.write("definitions/policies/b.yaml",
              "apiVersion: penstock/v1\nkind: Policy\nmetadata: {name: basel}\nspec: {model: basel, environment: "
              "production, stages: [{name: all, gates: [{use: smoke}]}]}\n");
  const auto reloaded = story.in_force->reload();
  CHECK(reloaded.problems == Texts{});
  CHECK(reloaded.policies == 2);
  CHECK(story.digest() == before);
  story.in_force->put_in_force(reloaded.next.value());
  CHECK(reloaded.changes.added == Texts{"basel"});
  CHECK(reloaded.changes.changed == std::vector<definitions::Changed>{{"fraud", {{"queue_for", "30d", "2d"}}}});
  CHECK(reloaded.gate_changes.empty());
  CHECK(story.digest() != before);
  CHECK(story.in_force->covering("basel").size() == 1);
  CHECK(frozen->digest.text() == before);

  std::filesystem::remove(story.path / "definitions/policies/b.yaml");
  CHECK(story.reload().changes.removed == Texts{"basel"});
  CHECK(story.in_force->covering("basel").empty());
  CHECK(story.reload().changes.empty());
}

TEST_CASE("one problem in one file leaves everything as it was, and all problems are told") {
  RunningStory story;
  const auto before = story.digest();
  story.replace(story.policy, "  deliver:", "  queue_for: 2d\n  deliver:");
  story.write("definitions/gates/bad.yaml",
              "apiVersion: penstock/v1\nkind: Gate\nmetadata: {name: bad}\nspec: {kind: smoke-tset}\n");
  story.write("definitions/policies/bad.yaml", "apiVersion: penstock/v1\nkind: Polizy\n");
  const auto reloaded = story.reload();
  REQUIRE(reloaded.problems.size() == 2);
  CHECK(reloaded.problems[0].find("definitions/gates/bad.yaml:4:14: error: spec.kind: unknown kind of gate") !=
        std::string::npos);
  CHECK(reloaded.problems[1].find("definitions/policies/bad.yaml:2:7: error: kind: unknown kind `Polizy`") !=
        std::string::npos);
  CHECK(reloaded.warnings.size() == 1);  // nobody uses it
  CHECK(reloaded.changes.empty());
  CHECK(reloaded.policies == 1);
  CHECK(story.digest() == before);

  std::filesystem::remove(story.path / "definitions/gates/bad.yaml");
  std::filesystem::remove(story.path / "definitions/policies/bad.yaml");
  CHECK(story.reload().problems == Texts{});
  CHECK(story.digest() != before);
}

TEST_CASE("a folder that has gone leaves what is in force") {
  RunningStory story;
  const auto before = story.digest();
  std::filesystem::rename(story.path / "definitions", story.path / "elsewhere");
  CHECK(story.reload().problems.size() == 1);
  CHECK(story.digest() == before);
}

TEST_CASE("definitions are checked against the settings that the daemon runs with") {
  RunningStory story;
  story.replace(story.policy, "receiver: serving", "receiver: other");
  story.replace("penstock.yaml", "name: serving", "name: other");
  const auto reloaded = story.reload();
  REQUIRE(reloaded.problems.size() == 1);
  CHECK(reloaded.problems[0].find("there is no endpoint `other`") != std::string::npos);
}

TEST_CASE("semaphores are read again with the policies that name them, and nothing else of the settings is") {
  RunningStory story;
  const auto before = story.digest();
  story.replace(story.policy, "  deliver:", "  semaphore: tier-1\n  deliver:");
  const auto unknown = story.reload();
  REQUIRE(unknown.problems.size() == 1);
  CHECK(unknown.problems[0].find("there is no semaphore `tier-1`") != std::string::npos);
  CHECK(story.digest() == before);

  story.replace("penstock.yaml", "endpoints:", "semaphores: {tier-1: 2}\nlisten: 127.0.0.1:1\nendpoints:");
  CHECK(story.reload().problems == Texts{});
  CHECK(*story.in_force->semaphores() == core::Semaphores{{"tier-1", 2}});
  CHECK(story.in_force->in_force().settings == runtime::sha256(story.content("penstock.yaml")));
  CHECK(story.digest() != before);

  story.replace("penstock.yaml", "tier-1: 2", "tier-1: none");
  const auto broken = story.reload();
  REQUIRE(broken.problems.size() == 1);
  CHECK(broken.problems[0].find("penstock.yaml:3:22: semaphores.tier-1: expected a whole number") != std::string::npos);
  CHECK(broken.policies == 1);
  CHECK(*story.in_force->semaphores() == core::Semaphores{{"tier-1", 2}});
}

TEST_CASE("what only trying shows is tried before it comes into force, in the watch and the way back too") {
  RunningStory story;
  const auto before = story.digest();
  story.write("definitions/gates/program.yaml",
              "apiVersion: penstock/v1\nkind: Gate\nmetadata: {name: program}\nspec: {kind: executable, with: "
              "{program: programs/gone.py}}\n");
  for (const std::string use :
       {"stages: [{name: all, gates: [{use: smoke}, {use: program}]}]",
        "stages: [{name: all, gates: [{use: smoke}]}]\n  watch: {gates: [{use: program}]}",
        "stages: [{name: all, gates: [{use: smoke}]}]\n  rollback: {stages: [{name: b, gates: [{use: program}]}]}"}) {
    INFO(use);
    story.replace(story.policy, "stages: [{name: all, gates: [{use: smoke}]}]", use);
    const auto reloaded = story.reload();
    REQUIRE(reloaded.problems.size() == 1);
    CHECK(reloaded.problems[0].find("program of policy fraud cannot be used: ") != std::string::npos);
    CHECK(story.digest() == before);
    story.replace(story.policy, use, "stages: [{name: all, gates: [{use: smoke}]}]");
  }
}

TEST_CASE("whoever asks while definitions are read again gets the ones before or the ones after") {
  RunningStory story;
  std::atomic<bool> done = false;
  std::atomic<int> strange = 0;
  std::thread asking([&] {
    while (!done)
      if (story.in_force->covering("fraud").size() != 1) ++strange;
  });
  for (int i = 0; i < 5; ++i) {
    story.replace(story.policy, "  deliver:", "  queue_for: " + std::to_string(i + 1) + "d\n  deliver:");
    CHECK(names_of(story.reload().changes.changed) == Texts{"fraud"});
    story.replace(story.policy, "  queue_for: " + std::to_string(i + 1) + "d\n", "");
  }
  done = true;
  asking.join();
  CHECK(strange == 0);
}

TEST_CASE("the metrics tell whether what is in force is what the files say") {
  intake::Metrics metrics;
  report_start(3, metrics);
  CHECK(metrics.value("penstock_policies", {}) == 3);
  Reloaded refused;
  refused.problems = {"a", "b"};
  refused.policies = 3;
  report_reload(refused, metrics);
  CHECK(metrics.value("penstock_definitions_problems", {}) == 2);
  CHECK(metrics.value("penstock_reloads_total", {{"result", "refused"}}) == 1);
  Reloaded good;
  good.policies = 4;
  report_reload(good, metrics);
  CHECK(metrics.value("penstock_definitions_problems", {}) == 0);
  CHECK(metrics.value("penstock_policies", {}) == 4);
  CHECK(metrics.value("penstock_reloads_total", {{"result", "good"}}) == 1);
}
