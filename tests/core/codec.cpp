#include "daemon/core/codec.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/core/story.hpp"

namespace penstock::tests {
namespace {

std::vector<Promotion> of_every_phase() {
  std::vector<Promotion> all;
  Story story;
  story.sees('z').later(1s).sees('a');
  all.push_back(story.of('a'));
  story.happens(WithdrawalAsked{"pz", "sue", "typo"});
  all.push_back(story.of('z'));
  all.push_back(story.of('a'));
  story.gate('a', "contract", Verdict::inconclusive, 1, "odd \"bytes\" \xff");
  all.push_back(story.of('a'));
  story.happens(RetryAsked{"pa", "ann"})
      .gate('a', "contract", Verdict::passed, 2)
      .gate('a', "scan", Verdict::passed)
      .gate('a', "smoke", Verdict::passed);
  all.push_back(story.of('a'));
  story.approves('a', "ann").approves('a', "bob");
  all.push_back(story.of('a'));
  story.happens(DeliveryRefused{"pa", "serving", 1, "410", "ask"});
  all.push_back(story.of('a'));
  story.happens(RetryAsked{"pa", "ann"}).confirms('a', "serving", 2).confirms('a', "registry");
  all.push_back(story.of('a'));
  story.sees('b').goes_live('b');
  all.push_back(story.of('a'));
  story.sees('c').gate('c', "contract", Verdict::failed);
  all.push_back(story.of('c'));
  story.sees('d').gate('d', "contract", Verdict::inconclusive).later(24h * 8).happens(DeadlinePassed{"pd", "hold"});
  all.push_back(story.of('d'));
  return all;
}

}  // namespace

TEST_CASE("a promotion of every phase is read back as it was stored") {
  const auto policy = plain_policy();
  for (auto promotion : of_every_phase()) {
    INFO(promotion.id << " " << phase_name(promotion.phase));
    const auto text = encode(promotion);
    const auto read = decode_promotion(text, [&](const Digest&) { return policy; });
    REQUIRE(read);
    // Invalid UTF-8 from a gate is replaced when it is stored; the rest is equal.
    CHECK(encode(*read) == text);
    CHECK(read->phase.index() == promotion.phase.index());
  }
}

TEST_CASE("words of every kind are stored as JSON, in every place that has some") {
  const auto policy = plain_policy();
  auto promotion = of_every_phase().back();
  DeliveryStep step;
  promotion.deliveries = {step};
  for (const std::string words :
       {"plain", "", "with \"quotes\" and \\", "two\nlines\tand \x01", "\x7f", "Prüfung, 検査"}) {
    INFO(words);
    promotion.lane.model = promotion.version = promotion.submitter = words;
    promotion.authors = {words, words};
    promotion.checks.at(0).gate = words;
    promotion.deliveries[0].name = promotion.deliveries[0].answer = words;
    const auto text = encode(promotion);
    CHECK(nlohmann::json::parse(text)["checks"][0]["gate"] == words);
    const auto read = decode_promotion(text, [&](const Digest&) { return policy; });
    REQUIRE(read);
    promotion.policy = policy;
    CHECK(*read == promotion);
  }
}

TEST_CASE("what people see of a promotion names what it waits for") {
  for (const auto& promotion : of_every_phase()) {
    const auto document = to_json(promotion);
    CHECK(document.at("phase") == std::string(phase_name(promotion.phase)));
    CHECK(document.contains("wait") == wait_of(promotion).has_value());
  }
}

TEST_CASE("a damaged document and a missing policy are told as damage") {
  const auto policy = plain_policy();
  for (const auto* text : {"", "{}", "[1]", "{\"id\": 3}"}) {
    const auto read = decode_promotion(text, [&](const Digest&) { return policy; });
    REQUIRE(!read);
    CHECK(read.error().code == "journal-damaged");
  }
  const auto read = decode_promotion(encode(of_every_phase()[0]), [](const Digest&) { return nullptr; });
  REQUIRE(!read);
  CHECK(read.error().message.find("the policy of a stored promotion is missing") != std::string::npos);
}

TEST_CASE("commands are read back as they were stored") {
  const Time at(123456789ms);
  for (const Command& command : std::initializer_list<Command>{RunCheck{"p", "g", 2, at, at + 1h},
                                                               Deliver{"p", "d", 3, at}, SetTimer{"p", "hold", at}}) {
    const auto read = decode_command(encode(command));
    REQUIRE(read);
    CHECK(*read == command);
  }
  CHECK(!decode_command("{\"command\": \"dance\"}"));
}

TEST_CASE("a policy is read back as it was stored, with the same digest input") {
  auto policy = *plain_policy();
  policy.queue = QueueMode::cancel_running;
  policy.stages[0].gates[0].with = {{"contract", "a.yaml"}};
  policy.approvals[0].excluded = {Excluded::author};
  auto read = policy_from_json(to_json(policy));
  REQUIRE(read);
  CHECK(canonical_bytes(*read) == canonical_bytes(policy));
}

}  // namespace penstock::tests
