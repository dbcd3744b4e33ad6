// Waiting for the audit log to be kept elsewhere: over the journal, restarts and sinks that are away.
#include "tests/catch.hpp"
#include "tests/engine/rig.hpp"

namespace penstock::tests {
namespace {

std::vector<std::shared_ptr<const core::Policy>> audited() {
  auto policy = policy_for("fraud", "production");
  policy->audit = {{"vault", "history"}, 2h};
  policy->digest = runtime::sha256(core::canonical_bytes(*policy));
  return {policy};
}

core::AcknowledgerState state(const std::string& name, std::uint64_t entries) {
  return {name, "file", entries, core::Time(1ms), {}, {}};
}

std::int64_t audited_by_now(MemoryWorld& world) { return world.journal->audit_size().value(); }

}  // namespace

TEST_CASE("it goes on once both have every entry that was journalled when it asked") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, audited());
  rig.run(rig.worker.start());
  const auto id = rig.see("fraud", "1").promotions.front();
  rig.run_until_phase(id, "awaiting_window");
  const auto needed = static_cast<std::uint64_t>(audited_by_now(world));
  rig.acknowledgers = {state("vault", needed + 100)};
  rig.clock.advance(6s);
  rig.context.restart();
  rig.context.run_for(20ms);
  CHECK(rig.phase(id) == "awaiting_window");
  rig.acknowledgers.push_back(state("history", needed - 1));
  rig.clock.advance(6s);
  rig.context.restart();
  rig.context.run_for(20ms);
  CHECK(rig.phase(id) == "awaiting_window");
  rig.acknowledgers.back().entries = needed;
  rig.clock.advance(6s);
  rig.run_until_phase(id, "live");
  const auto kept = rig.promotion(id).acknowledgement;
  REQUIRE(kept);
  CHECK(kept->entries == static_cast<std::int64_t>(needed));
}

TEST_CASE("entries that come meanwhile are not waited for") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, audited());
  rig.run(rig.worker.start());
  const auto id = rig.see("fraud", "1").promotions.front();
  rig.run_until_phase(id, "awaiting_window");
  const auto needed = static_cast<std::uint64_t>(audited_by_now(world));
  // Rows are given back and taken up again meanwhile.
  for (int n = 0; n < 5; ++n) {
    audit::Entry entry;
    entry.what = "reloaded";
    rig.run(rig.engine.note(entry));
    rig.clock.advance(2s);
    rig.context.restart();
    rig.context.run_for(50ms);
  }
  rig.acknowledgers = {state("vault", needed), state("history", needed)};
  rig.clock.advance(6s);
  rig.run_until_phase(id, "live");
}

TEST_CASE("after a restart nothing is taken to be acknowledged until the sinks have said so again") {
  MemoryWorld world;
  core::PromotionId id;
  {
    Rig rig(*world.journal, world.context, audited());
    rig.run(rig.worker.start());
    id = rig.see("fraud", "1").promotions.front();
    rig.run_until_phase(id, "awaiting_window");
  }
  Rig rig(*world.journal, world.context, audited());
  rig.clock.advance(10s);
  rig.run(rig.worker.start());
  rig.context.restart();
  rig.context.run_for(50ms);
  CHECK(rig.phase(id) == "awaiting_window");
  auto unasked = state("vault", 1000);
  unasked.at.reset();
  rig.acknowledgers = {unasked, state("history", 1000)};
  rig.clock.advance(6s);
  rig.context.restart();
  rig.context.run_for(20ms);
  CHECK(rig.phase(id) == "awaiting_window");
  rig.acknowledgers[0].at = core::Time(1ms);
  rig.clock.advance(6s);
  rig.run_until_phase(id, "live");
}

TEST_CASE("an acknowledgement that was journalled and is carried out again changes nothing") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, audited());
  rig.acknowledgers = {state("vault", 1000), state("history", 1000)};
  rig.run(rig.worker.start());
  const auto id = rig.see("fraud", "1").promotions.front();
  rig.run_until_phase(id, "live");
  const core::Command ask = core::AskAcknowledgement{id, 1};
  journal::OutboxRow row;
  row.key = core::key_of(ask);
  const auto performed = rig.run(rig.acknowledge.perform(ask, row));
  CHECK(std::holds_alternative<engine::NothingToDo>(performed));
  core::Event again = core::EntriesAcknowledged{id, 1, 5};
  CHECK_FALSE(rig.run(rig.engine.submit(again))->ignored.empty());
}

TEST_CASE("what nobody acknowledges is held when its time is over, and goes on after a retry") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, audited());
  rig.run(rig.worker.start());
  const auto id = rig.see("fraud", "1").promotions.front();
  rig.run_until_phase(id, "awaiting_window");
  rig.clock.advance(2h + 1s);
  rig.run_until_phase(id, "held");
  rig.acknowledgers = {state("vault", 1000), state("history", 1000)};
  core::Event retry = core::RetryAsked{id, "ann"};
  REQUIRE(rig.run(rig.engine.submit(retry)).has_value());
  rig.clock.advance(2s);
  rig.run_until_phase(id, "live");
}

}  // namespace penstock::tests
