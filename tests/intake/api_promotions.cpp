#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

// The answer to a long poll that is still waited for.
struct Waiting {
  ApiStory& story;
  std::optional<Response> answer;
  Waiting(ApiStory& told, const std::string& target) : story(told) {
    asio::co_spawn(story.context, story.start("GET", target, "", {}),
                   [this](std::exception_ptr, Response response) { answer = std::move(response); });
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    story.engine.feed().stop();
    story.until([this] { return answer.has_value(); });
  }
};

// Lets everything that can happen by itself happen.
void settle(ApiStory& story) {
  for (int i = 0; i < 5; ++i) story.get("/livez");
  while (story.context.run_one_for(20ms) > 0) {
  }
}

}  // namespace

TEST_CASE("a promotion says what to decide on, and what it waits for") {
  ApiStory story;
  const auto id = story.submit();
  story.pass_gates(id);
  const auto response = story.get("/v1/promotions/" + id);
  const auto document = json::parse(response.body);
  CHECK(document["phase"] == "awaiting_approval");
  CHECK(document["wait"]["what"] == "0 of 2 approvals by release-managers");
  CHECK(document["wait"]["who"] == json{"group:release-managers"});
  CHECK(document["wait"]["until"] == "2026-11-24T00:00:00.000Z");
  const auto decide_on = document["decide_on"].get<std::string>();
  CHECK(decide_on.size() == 71);
  CHECK(response.headers[0] == std::pair<std::string, std::string>{"ETag", "\"" + decide_on + "\""});
}

TEST_CASE("a promotion that does not exist is 404, with and without waiting") {
  ApiStory story;
  CHECK(story.get("/v1/promotions/prm_none").status == 404);
  CHECK(story.get("/v1/promotions/prm_none?wait=30s").status == 404);
  CHECK(story.get("/v1/promotions/prm_none/explanation").status == 404);
  CHECK(story.get("/v1/promotions/prm_none/events").status == 404);
}

TEST_CASE("a long poll answers when somebody is needed, not before") {
  ApiStory story;
  const auto id = story.submit();
  const Waiting waiting(story, "/v1/promotions/" + id + "?wait=30s");
  story.answer(id, "contract", core::Verdict::passed);
  settle(story);
  CHECK_FALSE(waiting.answer);
  story.answer(id, "scan", core::Verdict::passed);
  story.answer(id, "style", core::Verdict::passed);
  story.until([&] { return waiting.answer.has_value(); });
  CHECK(json::parse(waiting.answer->body)["phase"] == "awaiting_approval");
}

TEST_CASE("a long poll answers at once when there is nothing to wait for") {
  ApiStory story;
  const auto id = story.submit();
  story.pass_gates(id);
  CHECK(json::parse(story.get("/v1/promotions/" + id + "?wait=30s").body)["phase"] == "awaiting_approval");
  story.decide(id, {{"decision", "reject"}, {"note", "drift"}}, ana);
  CHECK(json::parse(story.get("/v1/promotions/" + id + "?wait=30s").body)["phase"] == "rejected");
}

TEST_CASE("a long poll can wait until a phase is past") {
  ApiStory story;
  const auto id = story.submit();
  story.pass_gates(id);
  const Waiting waiting(story, "/v1/promotions/" + id + "?wait=30s&past=awaiting_approval");
  settle(story);
  CHECK_FALSE(waiting.answer);
  story.decide(id, {{"decision", "reject"}, {"note", "drift"}}, ana);
  story.until([&] { return waiting.answer.has_value(); });
  CHECK(json::parse(waiting.answer->body)["phase"] == "rejected");
}

TEST_CASE("a long poll ends at its time with what there is") {
  ApiStory story;
  const auto id = story.submit();
  const auto response = story.get("/v1/promotions/" + id + "?wait=50ms");
  CHECK(response.status == 200);
  CHECK(json::parse(response.body)["phase"] == "checking");
}

TEST_CASE("a long poll ends when the daemon stops") {
  ApiStory story;
  const auto id = story.submit();
  const Waiting waiting(story, "/v1/promotions/" + id + "?wait=30s");
  settle(story);
  story.engine.feed().stop();
  story.until([&] { return waiting.answer.has_value(); });
  CHECK(waiting.answer->status == 200);
}

TEST_CASE("a wait that is no duration, or too long, is refused") {
  ApiStory story;
  const auto id = story.submit();
  for (const auto* wait : {"30", "-5s", "61s", "ever"})
    CHECK(story.get("/v1/promotions/" + id + "?wait=" + wait).status == 400);
  CHECK(story.get("/v1/promotions/" + id + "?wait=1s&past=done").status == 400);
}

TEST_CASE("promotions are found by each filter") {
  ApiStory story({story_policy("staging"), story_policy("production")});
  story.submit("1");
  story.submit("2");
  const auto count = [&](const std::string& query) {
    return story.get_json("/v1/promotions?" + query)["promotions"].size();
  };
  CHECK(count("") == 4);
  CHECK(count("environment=staging") == 2);
  CHECK(count("model=fraud&version=2") == 2);
  CHECK(count("model=churn") == 0);
  CHECK(count("phase=checking") == 2);
  CHECK(count("phase=queued&environment=production") == 1);
  CHECK(count("ended=false") == 4);
  CHECK(count("ended=true") == 0);
  const auto candidate = story.get_json("/v1/candidates?version=1")["candidates"][0]["id"].get<std::string>();
  CHECK(count("candidate=" + candidate) == 2);
}

TEST_CASE("promotions come in pages, newest first, without one missing or twice") {
  ApiStory story;
  std::vector<std::string> submitted;
  for (int i = 0; i < 5; ++i) submitted.push_back(story.submit(std::to_string(i)));
  std::vector<std::string> listed;
  std::string target = "/v1/promotions?limit=2";
  for (int pages = 0; !target.empty() && pages < 5; ++pages) {
    const auto page = story.get_json(target);
    for (const auto& row : page["promotions"]) listed.push_back(row["id"]);
    target = page.contains("next") ? "/v1/promotions?limit=2&cursor=" + page["next"].get<std::string>() : "";
  }
  std::reverse(listed.begin(), listed.end());
  CHECK(listed == submitted);
}

TEST_CASE("filters that cannot be read are refused") {
  ApiStory story;
  for (const auto* query : {"limit=0", "limit=501", "limit=x", "limit=1.5", "phase=done", "ended=yes", "candidate=7",
                            "cursor=zz", "cursor=616263"})
    CHECK(story.get(std::string("/v1/promotions?") + query).status == 400);
  CHECK(story.get("/v1/promotions?limit=500").status == 200);
}

TEST_CASE("a cursor of another list is refused") {
  ApiStory story;
  for (const auto* version : {"1", "2"}) story.submit(version);
  const auto next = story.get_json("/v1/candidates?limit=1")["next"].get<std::string>();
  CHECK(story.get("/v1/promotions?cursor=" + next).status == 400);
}

TEST_CASE("a promotion's events tell its story in order") {
  ApiStory story;
  const auto id = story.submit();
  story.submit("8");
  story.pass_gates(id);
  const auto events = story.get_json("/v1/promotions/" + id + "/events")["events"];
  REQUIRE(events.size() == 4);
  CHECK(events[0]["event"] == "candidate_seen");
  CHECK(events[1]["data"]["gate"] == "contract");
  CHECK(events[1]["seq"] < events[2]["seq"]);
  for (const auto& event : events) CHECK(event["promotion"] == id);
}

TEST_CASE("of very many events none is left out: the next ones are on another page") {
  ApiStory story;
  std::vector<journal::Write> writes(1);
  for (int n = 0; n < 1001; ++n)
    writes[0].events.push_back({0, core::Time(), {"fraud", "production"}, "prm_1", "effect_seen", "{}"});
  bool kept = false;
  story.journal->commit(std::move(writes), [&](auto receipts) { kept = receipts.front().has_value(); });
  story.context.restart();
  story.context.run_for(1s);
  REQUIRE(kept);
  const std::string target = "/v1/promotions/prm_1/events";
  const auto first = story.get_json(target);
  REQUIRE(first["events"].size() == 1000);
  const auto second = story.get_json(target + "?cursor=" + first["next"].get<std::string>());
  REQUIRE(second["events"].size() == 1);
  CHECK(second["events"][0]["seq"] > first["events"][999]["seq"]);
  CHECK(!second.contains("next"));
  CHECK(story.get(target + "?cursor=zz").status == 400);
}

}  // namespace penstock::intake
