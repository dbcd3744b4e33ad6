// Every decision leaves its entry in the audit log, in the transaction that journals it.
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/engine/rig.hpp"

using namespace penstock;
using namespace penstock::tests;
using nlohmann::json;

namespace {

std::vector<json> entries_in(journal::Journal& journal) {
  std::vector<json> found;
  for (const auto& row : journal.audit(0, 1000).value()) found.push_back(json::parse(row.entry));
  return found;
}

}  // namespace

TEST_CASE("each journalled event has one entry that holds its digest") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("fraud", "production")});
  REQUIRE(rig.run(rig.worker.start()));
  const auto first = rig.see("fraud", "1").promotions.at(0);
  rig.run_until_phase(first, "live");
  const auto second = rig.see("fraud", "2").promotions.at(0);
  rig.run_until_phase(second, "live");

  const auto events = world.journal->events(0, 1000).value();
  const auto entries = entries_in(*world.journal);
  REQUIRE(entries.size() == events.size());
  REQUIRE(events.size() >= 5);
  for (std::size_t i = 0; i < events.size(); ++i) {
    CHECK(entries[i].at("what") == events[i].name);
    CHECK(entries[i].at("event") == runtime::sha256(events[i].document).text());
    CHECK(entries[i].at("promotion") == events[i].promotion);
    CHECK(entries[i].at("model") == "fraud");
    CHECK(entries[i].at("environment") == "production");
    CHECK(entries[i].at("kind") == "decision");
    CHECK(entries[i].at("at") == core::to_text(events[i].at));
  }
  const auto promotion = rig.promotion(second);
  const auto own = world.journal->audit_of(second, 100).value();
  REQUIRE(own.size() == 2);
  const auto seen = json::parse(own[0].entry);
  CHECK(seen.at("who") == "sue");
  CHECK(seen.at("candidate") == promotion.candidate.text());
  CHECK(seen.at("policy") == promotion.policy->digest.text());
  CHECK(seen.at("phase") == "checking");
  CHECK_FALSE(seen.contains("findings"));
  const auto checked = json::parse(own[1].entry);
  CHECK(checked.at("gate") == "gate");
  CHECK(checked.at("verdict") == "passed");
  CHECK(checked.at("phase") == "live");
  CHECK(checked.at("findings") == engine::Engine::findings_digest(promotion).text());
  // What it replaced is told too.
  CHECK(json::parse(world.journal->audit_of(first, 100).value().back().entry).at("phase") == "replaced");
}

TEST_CASE("what a person sets aside is an override, and none of that person's words are in its entry") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("fraud", "production")});
  REQUIRE(rig.run(rig.worker.start()));
  const core::LaneKey lane{"fraud", "production"};
  core::Event pin = core::PinSet{lane, "ann", "a secret reason", ""};
  REQUIRE(rig.run(rig.engine.submit(std::move(pin))));
  core::Stop stop;
  stop.id = "stp_1";
  stop.by = "bob";
  stop.reason = "a secret reason";
  core::Event stopped = core::StopSet{core::every_lane, stop, ""};
  REQUIRE(rig.run(rig.engine.submit(std::move(stopped))));
  const auto entries = entries_in(*world.journal);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].at("kind") == "override");
  CHECK(entries[0].at("who") == "ann");
  CHECK(entries[0].at("what") == "pin_set");
  CHECK(entries[1].at("who") == "bob");
  CHECK(entries[1].at("model") == "*");
  for (const auto& entry : entries) CHECK(entry.dump().find("secret") == std::string::npos);
}

TEST_CASE("a decision that changed nothing, and one that was refused, leave no entry") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("fraud", "production")});
  const auto id = rig.see("fraud", "1").promotions.at(0);
  const auto before = world.journal->audit_size().value();
  rig.see("fraud", "1");
  core::Event refused = core::ApprovalGiven{id, {}, {}, "ann", {}, {}, ""};
  CHECK_FALSE(rig.run(rig.engine.submit(std::move(refused))));
  CHECK(world.journal->audit_size().value() == before);
}

TEST_CASE("whoever asked is told of every entry after it was journalled, and of nothing else") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("fraud", "production")});
  std::vector<std::int64_t> sizes;
  rig.engine.on_audited([&] { sizes.push_back(world.journal->audit_size().value()); });
  REQUIRE(rig.run(rig.engine.set_cursor("git", "1")));
  CHECK(sizes.empty());
  rig.see("fraud", "1");
  CHECK(sizes == std::vector<std::int64_t>{1});
  audit::Entry entry;
  entry.kind = audit::EntryKind::configuration;
  entry.what = "started";
  REQUIRE(rig.run(rig.engine.note(std::move(entry))));
  CHECK(sizes.size() == 2);
  CHECK(entries_in(*world.journal).back().at("what") == "started");
}
