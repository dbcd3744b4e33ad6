// A candidate's files, as they are lent to gates: one copy, fetched once, with the digest that the candidate says.
#include <future>

#include "tests/daemon/lending_world.hpp"

using namespace penstock;
using sdk::Capability;

TEST_CASE("an artifact is fetched when it is first opened, and never again") {
  LendingWorld world;
  const auto candidate = world.candidate();
  const auto first = world.lend({Capability::artifacts})->tools().artifacts.open(candidate);
  REQUIRE(first);
  const auto second = world.lend({Capability::artifacts})->tools().artifacts.open(candidate);
  REQUIRE(second);
  CHECK(*first == *second);
  std::ifstream stream(*first / "model.bin");
  CHECK(std::string(std::istreambuf_iterator<char>(stream), {}) == "weights");
  CHECK(world.source->fetches == 1);
  CHECK(world.source->last_max_bytes == 1000);
}

TEST_CASE("gates that open an artifact at the same time have it fetched once") {
  LendingWorld world;
  const auto candidate = world.candidate();
  world.source->waits_for = 2;
  const auto open = [&] { return bool(world.lend({Capability::artifacts})->tools().artifacts.open(candidate)); };
  auto beside = std::async(std::launch::async, open);
  CHECK(open());
  CHECK(beside.get());
  CHECK(world.source->fetches == 1);
}

TEST_CASE("a gate does not wait beyond its deadline for another one's fetch") {
  LendingWorld world;
  const auto candidate = world.candidate();
  world.source->waits_for = 2;
  auto beside = std::async(
      std::launch::async, [&] { return bool(world.lend({Capability::artifacts})->tools().artifacts.open(candidate)); });
  {
    std::unique_lock lock(world.source->mutex);
    world.source->entered.wait(lock, [&] { return world.source->fetches == 1; });
  }
  const auto late = world.lend({Capability::artifacts}, {}, 10ms)->tools().artifacts.open(candidate);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == "timeout");
  CHECK(late.error().transient);
  CHECK(late.error().message == "another gate was still fetching the artifact at the deadline");
  CHECK(beside.get());
}

TEST_CASE("after a fetch that failed the next gate tries for itself") {
  LendingWorld world;
  const auto candidate = world.candidate();
  world.source->broken = true;
  const auto failed = world.lend({Capability::artifacts})->tools().artifacts.open(candidate);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == "unreachable");
  CHECK(failed.error().transient);
  world.source->broken = false;
  CHECK(world.lend({Capability::artifacts})->tools().artifacts.open(candidate));
  CHECK(world.source->fetches == 2);
}

TEST_CASE("files that are not what the candidate says are not kept, and both digests are told") {
  LendingWorld world;
  const auto candidate = world.candidate();
  world.source->content = "other weights";
  const auto opened = world.lend({Capability::artifacts})->tools().artifacts.open(candidate);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == "digest-mismatch");
  CHECK_FALSE(opened.error().transient);
  const auto observed = world.candidate("other weights").artifact->digest;
  const auto text = core::to_text(opened.error());
  CHECK(text.find(observed.text()) != std::string::npos);
  CHECK(text.find(candidate.artifact->digest.text()) != std::string::npos);
  CHECK_FALSE(world.store.tree(observed));
  CHECK_FALSE(world.store.tree(candidate.artifact->digest));
}

TEST_CASE("a fetch has until the lease's deadline, or until an earlier one that the gate sets") {
  LendingWorld world;
  const auto lease = world.lend({Capability::artifacts}, {}, 10s);
  REQUIRE(lease->tools().artifacts.prove_fetchable(world.candidate(), world.clock.now() + 1h));
  CHECK(world.source->last_deadline == world.clock.now() + 10s);
  REQUIRE(lease->tools().artifacts.prove_fetchable(world.candidate(), world.clock.now() + 3s));
  CHECK(world.source->last_deadline == world.clock.now() + 3s);
}

TEST_CASE("proving that an artifact can be fetched asks the source each time, and tells of files that changed") {
  LendingWorld world;
  const auto candidate = world.candidate();
  const auto lease = world.lend({Capability::artifacts});
  REQUIRE(lease->tools().artifacts.open(candidate));
  REQUIRE(lease->tools().artifacts.prove_fetchable(candidate, world.clock.now() + 1min));
  CHECK(world.source->fetches == 2);
  world.source->content = "other weights";
  const auto changed = lease->tools().artifacts.prove_fetchable(candidate, world.clock.now() + 1min);
  REQUIRE_FALSE(changed);
  CHECK(changed.error().code == "digest-mismatch");
  // What was opened before is still the copy that was verified.
  CHECK(world.folder.read(*lease->tools().artifacts.open(candidate) / "model.bin") == "weights");
}

TEST_CASE("a candidate without an artifact, or of a source that is gone, is told as what it is") {
  LendingWorld world;
  const auto lease = world.lend({Capability::artifacts});
  auto candidate = world.candidate();
  candidate.source = "gone";
  const auto unknown = lease->tools().artifacts.open(candidate);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == "unknown-source");
  CHECK(unknown.error().message.find("`gone`") != std::string::npos);
  candidate.artifact.reset();
  CHECK(lease->tools().artifacts.open(candidate).error().code == "no-artifact");
  CHECK(lease->tools().artifacts.prove_fetchable(candidate, world.clock.now()).error().code == "no-artifact");
}
