#include "tests/catch.hpp"
#include "tests/core/story.hpp"

namespace penstock::tests {

TEST_CASE("one promotion of a lane is under way at a time; the others wait their turn, oldest first") {
  Story story;
  story.sees('a').later(1s).sees('b').later(1s).sees('c');
  CHECK(story.phase('b') == "queued");
  CHECK(story.commands() == std::vector<std::string>{"timer/pc/queue"});
  story.later(1s).happens(WithdrawalAsked{"pa", "sue", "typo"});
  CHECK(story.phase('b') == "checking");
  CHECK(story.phase('c') == "queued");
  CHECK(story.commands() == std::vector<std::string>{"call_off/pa", "clear_timer/pb/queue", "check/pb/contract/1"});
}

TEST_CASE("the same candidate is not promoted twice at once in a lane") {
  Story story;
  story.sees('a');
  const auto before = story.lane;
  story.happens(CandidateSeen{"other", digest_of('a'), "a", {}, "api", "api", plain_policy()});
  CHECK(story.decision.ignored == "this candidate is checking here already as pa");
  CHECK(story.lane == before);
}

TEST_CASE("supersede-waiting ends what waits, not what is under way, and says by whom") {
  auto policy = plain_policy();
  policy->queue = QueueMode::supersede_waiting;
  Story story(policy);
  story.sees('a').later(1s).sees('b').later(1s).sees('c');
  CHECK(story.phase('a') == "checking");
  CHECK(story.phase('b') == "superseded");
  CHECK(story.in<Superseded>('b').by == "pc");
  CHECK(story.phase('c') == "queued");
}

TEST_CASE("cancel-running ends what is under way as well, unless it is being delivered") {
  auto policy = plain_policy();
  policy->queue = QueueMode::cancel_running;
  Story story(policy);
  story.sees('a').passes_all_gates('a').later(1s).sees('b');
  CHECK(story.phase('a') == "superseded");
  CHECK(story.phase('b') == "checking");
  story.passes_all_gates('b').approves('b', "ann").approves('b', "bob").later(1s).sees('c');
  CHECK(story.phase('b') == "delivering");
  CHECK(story.phase('c') == "queued");
}

TEST_CASE("a delivery that was refused is not cancelled by a newer candidate: something may have taken effect") {
  auto policy = plain_policy();
  policy->queue = QueueMode::cancel_running;
  Story story(policy);
  story.sees('a').passes_all_gates('a').approves('a', "ann").approves('a', "bob").confirms('a', "serving");
  story.happens(DeliveryRefused{"pa", "registry", 1, "alias moved", ""}).later(1s).sees('b');
  CHECK(story.phase('a') == "held");
  CHECK(story.phase('b') == "queued");
}

TEST_CASE("what waits too long for its turn expires") {
  Story story;
  story.sees('a').later(1s).sees('b').later(24h * 30).happens(DeadlinePassed{"pb", "queue"});
  CHECK(story.phase('b') == "expired");
  CHECK(story.in<Expired>('b').what == "it was not taken up within 30d");
}

TEST_CASE("live only when every delivery is confirmed, in order; the one before it is replaced") {
  Story story;
  story.sees('a').goes_live('a');
  REQUIRE(story.phase('a') == "live");
  story.later(1h).sees('b').passes_all_gates('b').approves('b', "ann").approves('b', "bob");
  CHECK(story.commands() == std::vector<std::string>{"clear_timer/pb/approval", "deliver/pb/serving/1"});
  story.confirms('b', "registry");
  CHECK(story.decision.ignored == "round 1 of registry is not the delivery under way");
  story.confirms('b', "serving");
  CHECK(story.commands() == std::vector<std::string>{"deliver/pb/registry/1"});
  CHECK(story.phase('a') == "live");
  story.confirms('b', "registry");
  CHECK(story.phase('b') == "live");
  CHECK(story.phase('a') == "replaced");
  CHECK(story.in<Replaced>('a').by == "pb");
}

TEST_CASE("a refused delivery holds; a retry is a new round, and an answer to the old one means nothing") {
  Story story;
  story.sees('a').passes_all_gates('a').approves('a', "ann").approves('a', "bob");
  story.happens(DeliveryRefused{"pa", "serving", 1, "410 Gone", "ask the receiver"});
  CHECK(story.in<Held>('a').reason == "delivery serving was refused: 410 Gone");
  CHECK(story.in<Held>('a').next == "ask the receiver");
  story.confirms('a', "serving");
  CHECK(story.decision.ignored == "the promotion is held, not delivering");
  story.happens(RetryAsked{"pa", "ann"});
  CHECK(story.commands() == std::vector<std::string>{"clear_timer/pa/hold", "deliver/pa/serving/2"});
  story.confirms('a', "serving", 1);
  CHECK(story.decision.ignored == "round 1 of serving is not the delivery under way");
  story.confirms('a', "serving", 2).confirms('a', "registry");
  CHECK(story.phase('a') == "live");
}

TEST_CASE("a delivery that was sent waits for its receipt, and holds when none comes") {
  Story story;
  story.sees('a').passes_all_gates('a').approves('a', "ann").approves('a', "bob");
  story.happens(DeliverySent{"pa", "serving", 1, "202"});
  CHECK(story.commands() == std::vector<std::string>{"timer/pa/receipt/serving/1"});
  CHECK(wait_of(story.of('a'))->what == "the receipt of delivery serving");
  auto other = story;
  other.confirms('a', "serving");
  CHECK(other.wants("clear_timer/pa/receipt/serving/1"));
  story.later(24h).happens(DeadlinePassed{"pa", "receipt/serving/1"});
  CHECK(story.phase('a') == "held");
}

TEST_CASE("going live takes up the next one") {
  Story story;
  story.sees('a').later(1s).sees('b').goes_live('a');
  CHECK(story.phase('a') == "live");
  CHECK(story.phase('b') == "checking");
}

TEST_CASE("what is live cannot be rejected, withdrawn or retried") {
  Story story;
  story.sees('a').goes_live('a').happens(
      RejectionGiven{"pa", digest_of('a'), digest_of('9'), "ann", {"release-managers"}, "no"});
  CHECK(story.refusal() == "conflict");
  story.happens(WithdrawalAsked{"pa", "ann", "no"});
  CHECK(story.refusal() == "conflict");
  story.happens(RetryAsked{"pa", "ann"});
  CHECK(story.refusal() == "conflict");
}

}  // namespace penstock::tests
