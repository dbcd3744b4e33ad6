// Gates that look at the candidate's files.
#include "tests/daemon/performing_world.hpp"

using namespace penstock;
using core::Verdict;

namespace {

Check reads_the_artifact(std::atomic<int>& same) {
  return [&same](const sdk::GateRequest& request, sdk::Tools& tools) -> core::Result<sdk::GateAnswer> {
    const auto folder = tools.artifacts.open(request.candidate);
    if (!folder) return folder.error();
    std::ifstream stream(*folder / "model.bin");
    if (std::string(std::istreambuf_iterator<char>(stream), {}) == "weights") ++same;
    return answer(Verdict::passed);
  };
}

}  // namespace

TEST_CASE("the gates of all stages see the same files, which are fetched once") {
  std::atomic<int> same = 0;
  PerformingWorld world({gate_kind("one", reads_the_artifact(same), {sdk::Capability::artifacts})});
  world.policy.stages = {{"first", {gate_spec("a", "one"), gate_spec("b", "one"), gate_spec("c", "one")}},
                         {"second", {gate_spec("d", "one")}}};
  world.source->waits_for = 2;
  world.promote("live");
  CHECK(same == 4);
  CHECK(world.source->fetches == 1);
}

TEST_CASE("an artifact that cannot be fetched makes the check errored, and it passes when the source is back") {
  std::atomic<int> same = 0;
  PerformingWorld world({gate_kind("one", reads_the_artifact(same), {sdk::Capability::artifacts})});
  world.policy.stages = {{"all", {gate_spec("gate", "one", 2)}}};
  world.source->broken = true;
  world.start();
  const auto id = world.see();
  world.run_until([&] { return world.promotion(id).checks.size() == 2; });
  CHECK(world.promotion(id).checks[0].finding->observed == "no answer: the source is away");
  world.source->broken = false;
  world.clock.advance(6s);
  world.run_until_phase(id, "live");
  CHECK(same == 1);
}

TEST_CASE("files that are not those of the candidate never pass a gate that opens them") {
  std::atomic<int> same = 0;
  PerformingWorld world({gate_kind("one", reads_the_artifact(same), {sdk::Capability::artifacts})});
  world.policy.stages = {{"all", {gate_spec("gate", "one")}}};
  world.start();
  world.source->content = "changed after it was registered";
  const auto id = world.see();
  world.run_until_phase(id, "held");
  const auto finding = world.finding(world.promotion(id));
  CHECK(finding.verdict == Verdict::errored);
  CHECK(finding.observed.find(world.candidate().artifact->digest.text()) != std::string::npos);
  CHECK(same == 0);
}

TEST_CASE("a candidate of a source that was removed is errored, naming the source") {
  std::atomic<int> same = 0;
  PerformingWorld world({gate_kind("one", reads_the_artifact(same), {sdk::Capability::artifacts})});
  world.policy.stages = {{"all", {gate_spec("gate", "one")}}};
  world.start();
  auto candidate = world.candidate();
  candidate.source = "former-registry";
  const auto id = world.see(candidate);
  world.run_until_phase(id, "held");
  CHECK(world.finding(world.promotion(id)).observed.find("`former-registry` is not configured") != std::string::npos);
}
