#include <boost/asio/detached.hpp>
#include <future>

#include "tests/intake/api_story.hpp"

namespace penstock::intake {
TEST_CASE("the daemon is alive, says its version, and is ready when nothing is late") {
  ApiStory story;
  CHECK(story.get("/livez").status == 200);
  CHECK(story.get_json("/version")["version"] == PENSTOCK_VERSION);
  CHECK(story.get("/readyz").status == 200);
}

TEST_CASE("the daemon is not ready when due work is not taken up, and says how late it is") {
  // A retry is due 5 s after an error; nobody works here, so its row stays where it is.
  auto policy = story_policy();
  policy->stages[0].gates[0].attempts = 2;
  ApiStory retrying({policy});
  const auto id = retrying.submit();
  retrying.answer(id, "contract", core::Verdict::errored);
  retrying.clock.advance(35s);
  CHECK(retrying.get("/readyz").status == 200);
  retrying.clock.advance(1s);
  const auto response = retrying.get("/readyz");
  CHECK(response.status == 503);
  CHECK(code_of(response) == "work-is-late");
  CHECK(json::parse(response.body)["detail"] == "the oldest due work has waited 31s; needed at most 30s");
}

TEST_CASE("the daemon is not ready when the journal does not answer in time") {
  ApiStory story;
  story.parts.answer_within = 50ms;
  std::promise<void> let_go;
  const auto blocked = let_go.get_future().share();
  for (int i = 0; i < 2; ++i)
    asio::co_spawn(story.context, story.pool.run([blocked] { return blocked.wait(), true; }),
                   [](std::exception_ptr, bool) {});
  const auto response = story.get("/readyz");
  let_go.set_value();
  CHECK(response.status == 503);
  CHECK(code_of(response) == "journal-slow");
}

TEST_CASE("the metrics say that the journal cannot be asked, and not that nothing is late") {
  ApiStory story;
  CHECK(story.get("/metrics").body.find("penstock_journal_problem 0\n") != std::string::npos);
  story.parts.answer_within = 50ms;
  std::promise<void> let_go;
  const auto blocked = let_go.get_future().share();
  for (int i = 0; i < 2; ++i)
    asio::co_spawn(story.context, story.pool.run([blocked] { return blocked.wait(), true; }),
                   [](std::exception_ptr, bool) {});
  const auto text = story.get("/metrics").body;
  let_go.set_value();
  CHECK(text.find("penstock_journal_problem 1\n") != std::string::npos);
  CHECK(text.find("penstock_outbox_late_seconds NaN\n") != std::string::npos);
  story.parts.answer_within = 10s;
  const auto again = story.get("/metrics").body;
  CHECK(again.find("penstock_journal_problem 0\n") != std::string::npos);
  CHECK(again.find("penstock_outbox_late_seconds 0\n") != std::string::npos);
}

TEST_CASE("a failing source is shown and does not make the daemon unready") {
  ApiStory story;
  story.parts.sources = [] { return std::vector<SourceState>{{"registry", 3, "unreachable", std::nullopt}}; };
  const auto document = story.get_json("/readyz");
  CHECK(document["ready"] == true);
  CHECK(document["sources"] == json::parse(R"([{"name": "registry", "failures": 3, "problem": "unreachable"}])"));
}

TEST_CASE("evidence is downloaded by its digest, never shown as a page") {
  ApiStory story;
  const std::string bytes = "<script>alert(1)</script>";
  const auto digest = runtime::sha256(bytes);
  story.evidence[digest] = bytes;
  const auto response = story.get("/v1/evidence/" + digest.text());
  CHECK(response.status == 200);
  CHECK(response.body == bytes);
  CHECK(response.content_type == "application/octet-stream");
  CHECK(response.headers[0].second.find("attachment") == 0);
  CHECK(code_of(story.get("/v1/evidence/" + runtime::sha256("other").text())) == "unknown-evidence");
  CHECK(story.get("/v1/evidence/..%2F..%2Fetc%2Fpasswd").status == 404);
}

TEST_CASE("the metrics count what happened, in the text format of Prometheus") {
  ApiStory story;
  asio::co_spawn(story.context, count_feed(story.metrics, story.engine.feed()), asio::detached);
  const auto id = story.submit();
  story.pass_gates(id);
  const auto text = story.get("/metrics").body;
  CHECK(text.find("# TYPE penstock_events_total counter\n") != std::string::npos);
  CHECK(text.find("penstock_events_total{event=\"check_reported\"} 3\n") != std::string::npos);
  CHECK(text.find("penstock_promotions_total{environment=\"production\",phase=\"checking\"} 1\n") != std::string::npos);
  CHECK(text.find("penstock_promotions_total{environment=\"production\",phase=\"awaiting_approval\"} 1\n") !=
        std::string::npos);
  CHECK(text.find("penstock_outbox_late_seconds 0\n") != std::string::npos);
}

TEST_CASE("labels are escaped, and a family that nobody declared is a bug") {
  Metrics metrics;
  metrics.add("penstock_hooks_total", {{"hook", "a\"b\\c\nd"}, {"result", "taken"}});
  CHECK(metrics.text().find("penstock_hooks_total{hook=\"a\\\"b\\\\c\\nd\",result=\"taken\"} 1\n") !=
        std::string::npos);
  CHECK_THROWS_AS(metrics.add("penstock_hoks_total", {}), std::out_of_range);
}

TEST_CASE("answers of the server are counted by operation and status") {
  Metrics metrics;
  count_answer(metrics, "getPromotion", 200, 250ms);
  count_answer(metrics, "getPromotion", 200, 250ms);
  CHECK(metrics.value("penstock_requests_total", {{"operation", "getPromotion"}, {"status", "200"}}) == 2);
  CHECK(metrics.value("penstock_request_seconds_total", {{"operation", "getPromotion"}}) == 0.5);
}

}  // namespace penstock::intake
