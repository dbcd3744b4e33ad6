#include "daemon/engine/lane_standings.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <mutex>

#include "tests/catch.hpp"
#include "tests/engine/among_several.hpp"

using namespace penstock;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

// Answers each question when it is let go, and keeps what was asked.
class AskedShared : public tests::InForce {
 public:
  core::Result<std::vector<journal::LaneStanding>> standings(const std::vector<journal::LaneAsked>& asked,
                                                             core::Time) override {
    std::unique_lock lock(mutex_);
    questions_.push_back(asked);
    changed_.notify_all();
    const auto number = questions_.size();
    changed_.wait(lock, [&] { return let_go_ >= number; });
    if (fails_) return core::Problem{"journal-failed", "the disk is on fire", "", "", false};
    std::vector<journal::LaneStanding> all;
    for (const auto& one : asked) all.push_back({std::stoll(one.lane.model), one.kind == "deliver"});
    return all;
  }

  void wait_for_question(std::size_t number) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, 30s, [&] { return questions_.size() >= number; }));
  }
  void let_go(std::size_t number, bool fails = false) {
    const std::lock_guard lock(mutex_);
    let_go_ = number;
    fails_ = fails;
    changed_.notify_all();
  }
  std::vector<std::vector<journal::LaneAsked>> questions() {
    const std::lock_guard lock(mutex_);
    return questions_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::vector<journal::LaneAsked>> questions_;
  std::size_t let_go_ = 0;
  bool fails_ = false;
};

struct StandingsRig {
  void ask(int version, const std::string& kind = "") {
    const auto number = answers.size();
    answers.emplace_back();
    asio::co_spawn(context, asking(number, version, kind), asio::detached);
    context.poll();
    context.restart();
  }
  asio::awaitable<void> asking(std::size_t number, int version, std::string kind) {
    journal::LaneAsked asked{{std::to_string(version), "production"}, std::move(kind)};
    auto answer = co_await standings.of(std::move(asked));
    answers[number] = std::move(answer);
  }
  void run_until_all_answered() {
    const auto is_missing = [](const auto& answer) { return !answer.has_value(); };
    while (std::any_of(answers.begin(), answers.end(), is_missing)) REQUIRE(context.run_one_for(30s) == 1);
  }

  asio::io_context context;
  runtime::BlockingPool pool{1};
  runtime::SystemClock clock;
  AskedShared shared;
  engine::LaneStandings standings{{context.get_executor(), &shared, pool, clock}};
  std::vector<std::optional<core::Result<journal::LaneStanding>>> answers;
};

}  // namespace

TEST_CASE("who asks while a question is under way is part of the next one, and gets the answer to his own") {
  StandingsRig rig;
  rig.ask(1);
  rig.shared.wait_for_question(1);
  rig.ask(2, "deliver");
  rig.ask(3);
  rig.ask(2);
  rig.shared.let_go(9);
  rig.run_until_all_answered();
  const auto questions = rig.shared.questions();
  REQUIRE(questions.size() == 2);
  CHECK(questions[0].size() == 1);
  CHECK(questions[1].size() == 3);
  const std::vector<std::int64_t> versions{1, 2, 3, 2};
  for (std::size_t i = 0; i < versions.size(); ++i) {
    REQUIRE(rig.answers[i]->has_value());
    CHECK((*rig.answers[i])->version == versions[i]);
    CHECK((*rig.answers[i])->claimed_elsewhere == (i == 1));
  }
  rig.ask(5);
  rig.run_until_all_answered();
  CHECK((*rig.answers.back())->version == 5);
}

TEST_CASE("a question that fails is told to everybody who is part of it, and the next one is asked anew") {
  StandingsRig rig;
  rig.ask(1);
  rig.ask(2);
  rig.shared.wait_for_question(1);
  rig.shared.let_go(2, true);
  rig.run_until_all_answered();
  for (const auto& answer : rig.answers) {
    REQUIRE_FALSE(answer->has_value());
    CHECK(answer->error().code == "journal-failed");
  }
  rig.shared.let_go(9);
  rig.ask(7);
  rig.run_until_all_answered();
  CHECK((*rig.answers.back())->version == 7);
}
