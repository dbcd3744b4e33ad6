// The definitions that Penstock ships, read with the kinds that it ships.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/definitions/definitions.hpp"
#include "daemon/definitions/schema.hpp"
#include "daemon/loading.hpp"
#include "daemon/runtime/digest.hpp"
#include "plugins/catalog.hpp"
#include "tests/catch.hpp"

using namespace penstock;
namespace fs = std::filesystem;

namespace {

const fs::path source = PENSTOCK_SOURCE_DIR;

definitions::Loaded load_shipped(const fs::path& folder) {
  definitions::Options options{kinds_of(plugins::catalog()), runtime::sha256, std::nullopt, std::nullopt};
  auto loaded = definitions::load(folder, options);
  for (const auto& lint : loaded.lints) UNSCOPED_INFO(to_text(lint));
  return loaded;
}

std::string file_text(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("the gate definitions that are shipped have no problem and no warning") {
  const auto loaded = load_shipped(source / "gate-definitions");
  CHECK(loaded.lints.empty());
  REQUIRE(loaded.policies.size() == 2);
  CHECK(loaded.policies[0]->name == "high-risk");
  CHECK(loaded.policies[1]->name == "low-risk");
  CHECK(loaded.gates.size() == 8);
  std::vector<std::string> frameworks;
  for (const auto& framework : loaded.frameworks) frameworks.push_back(framework.name + " " + framework.version);
  CHECK(frameworks == std::vector<std::string>{"eu-ai-act 2024/1689", "iso-iec-42001 2023", "nist-ai-rmf 1.0",
                                               "soc-2 2017-2022", "sr-26-2 2026-04-17"});
}

TEST_CASE("high risk asks two release managers and information security, none of whom had a hand in it") {
  const auto loaded = load_shipped(source / "gate-definitions");
  REQUIRE(loaded.usable());
  const auto& policy = *definitions::policies_for(loaded.policies, "high-risk-credit").at(0);
  REQUIRE(policy.approvals.size() == 2);
  for (const auto& rule : policy.approvals)
    CHECK(rule.excluded == std::vector<core::Excluded>{core::Excluded::submitter, core::Excluded::author});
  for (const auto& stage : policy.stages)
    for (const auto& gate : stage.gates) CHECK(gate.blocking);
}

TEST_CASE("high risk is looked at while it is live and goes back by itself, low risk raises an alarm") {
  const auto loaded = load_shipped(source / "gate-definitions");
  REQUIRE(loaded.usable());
  const auto& high = *definitions::policies_for(loaded.policies, "high-risk-credit").at(0);
  const auto& low = *definitions::policies_for(loaded.policies, "low-risk-ads").at(0);
  REQUIRE(high.watch);
  CHECK(high.watch->on_failure == core::OnFailure::roll_back);
  CHECK(high.rollback.approvals.empty());
  CHECK(high.approvals.at(0).escalate->group == "directors");
  REQUIRE(low.watch);
  CHECK(low.watch->on_failure == core::OnFailure::alarm);
  for (const auto* watch : {&*high.watch, &*low.watch})
    for (const auto& gate : watch->gates) CHECK(gate.blocking);
}

TEST_CASE("the schemas in gate-definitions/schemas are those of the declarations") {
  auto files = definitions::schema_files(kinds_of(plugins::catalog()));
  files["penstock.json"] = definitions::schema_text(Settings::shape().schema());
  for (const auto& [name, text] : files) {
    INFO("gate-definitions/schemas/" << name << " is out of date: penstock schema --write gate-definitions/schemas");
    CHECK((file_text(source / "gate-definitions/schemas" / name) == text));
  }
}

TEST_CASE("every file that is shipped names its schema for editors") {
  for (const auto& [folder, schema] : {std::pair("gates", "gate.json"), std::pair("policies", "policy.json"),
                                       std::pair("frameworks", "framework.json")})
    for (const auto& entry : fs::directory_iterator(source / "gate-definitions" / folder)) {
      INFO(entry.path());
      CHECK(file_text(entry.path())
                .rfind("# yaml-language-server: $schema=../schemas/" + std::string(schema) + "\n", 0) == 0);
    }
}
