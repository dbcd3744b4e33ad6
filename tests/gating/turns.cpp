// Gates of one daemon among several: what they wait for, and what is kept of their answers while the database is away.
#include "tests/daemon/performing_world.hpp"
#include "tests/engine/among_several.hpp"

using namespace penstock;
using core::Verdict;

namespace {

const core::Problem away{"journal-failed", "the database is away; nothing of this was kept", "postgres",
                         "see that the server runs", true};

struct Story {
  Story() {
    world.policy.stages = {{"all", {gate_spec("gate", "one")}}};
    world.store.share({[this](const core::Digest&, std::string_view) { return keep(); },
                       [](const core::Digest&) -> core::Result<std::optional<std::string>> { return std::nullopt; }});
    id = world.see();
  }
  core::Command check() const { return core::RunCheck{id, "gate", 1, world.clock.now(), world.clock.now() + 20s}; }
  engine::Performed perform(const core::Command& command) {
    const auto row = daemon.claimed(core::key_of(command));
    daemon.claims.begin(row);
    auto performed = world.perform(checks, command);
    daemon.claims.end(row.key);
    return performed;
  }
  static core::Finding finding(const engine::Performed& performed) {
    return std::get<core::CheckReported>(std::get<core::Event>(performed)).finding;
  }
  core::Result<void> keep() {
    ++kept;
    if (refused_as && kept <= refused) return *refused_as;
    return {};
  }

  std::atomic<int> asked = 0;
  std::atomic<int> kept = 0;  // tries of it
  int refused = 0;            // of these the first ones
  std::optional<core::Problem> refused_as;
  PerformingWorld world{{gate_kind("one", [this](const sdk::GateRequest&, sdk::Tools&) {
    ++asked;
    auto made = answer(Verdict::passed);
    made.evidence = {{"report.json", "application/json", "{}"}};
    return core::Result<sdk::GateAnswer>(made);
  })}};
  tests::AmongSeveral daemon{world.clock};
  runtime::BlockingPool pool{daemon.hire(2)};
  gating::CheckPerformer checks{{world.engine, pool, world.clock, daemon.claims, world.store, world.lending,
                                 world.gates, 20ms, [this](core::Duration pause) { world.clock.advance(pause); }}};
  core::PromotionId id;
};

}  // namespace

TEST_CASE("a gate whose turn comes while its daemon is not in force is not asked, and its check is tried again later") {
  Story story;
  story.daemon.meanwhile = [&] { story.daemon.in_force.holds = false; };
  CHECK(std::holds_alternative<engine::TryAgain>(story.perform(story.check())));
  CHECK(story.asked == 0);
  story.daemon.meanwhile = [&] { story.daemon.in_force.holds = true; };
  CHECK(Story::finding(story.perform(story.check())).verdict == Verdict::passed);
}

TEST_CASE("what a gate has found is kept when the database is back, and the gate is not asked again") {
  Story story;
  story.refused = 20;
  story.refused_as = away;
  const auto finding = Story::finding(story.perform(story.check()));
  CHECK(finding.verdict == Verdict::passed);
  CHECK(finding.evidence.size() == 1);
  CHECK(story.kept == 21);
  CHECK(story.asked == 1);
}

TEST_CASE("a database that is away until the deadline makes the check errored") {
  Story story;
  story.refused = 1'000'000;
  story.refused_as = away;
  const auto command = story.check();
  const auto finding = Story::finding(story.perform(command));
  CHECK(finding.verdict == Verdict::errored);
  CHECK(finding.observed == "no answer: the database is away; nothing of this was kept");
  CHECK(story.world.clock.now() < std::get<core::RunCheck>(command).deadline);
}

TEST_CASE("evidence that is refused for good makes the check errored at once") {
  Story story;
  story.refused = 1'000'000;
  story.refused_as = core::Problem{"journal-failed", "the journal refused a statement", "", "report it", false};
  CHECK(Story::finding(story.perform(story.check())).verdict == Verdict::errored);
  CHECK(story.kept == 1);
}
