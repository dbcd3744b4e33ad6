#include "daemon/intake/stream.hpp"

#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

// A client of the stream that keeps what it read, and stays until the daemon stops.
struct Listener {
  ApiStory& story;
  std::string text;
  bool ended = false;
  std::size_t closes_after = std::numeric_limits<std::size_t>::max();  // pieces

  explicit Listener(ApiStory& told, const std::string& query = "", const std::string& last = "") : story(told) {
    ApiStory::Extra extra;
    if (!last.empty()) extra.headers = {{"last-event-id", last}};
    response = story.call("GET", "/v1/stream" + query, "", extra);
    if (!response.stream) return;
    asio::co_spawn(story.context, response.stream([this](std::string piece) { return take(std::move(piece)); }),
                   [this](std::exception_ptr) { ended = true; });
    story.get("/livez");
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    if (!response.stream) return;
    story.engine.feed().stop();
    story.until([this] { return ended; });
  }
  asio::awaitable<bool> take(std::string piece) {
    text += piece;
    co_return --closes_after > 0;
  }
  std::size_t count(const std::string& needle) const {
    std::size_t found = 0;
    for (auto at = text.find(needle); at != std::string::npos; at = text.find(needle, at + 1)) ++found;
    return found;
  }
  Response response;
};

}  // namespace

TEST_CASE("the stream tells what happens as it happens, with the journal's number as id") {
  ApiStory story;
  Listener listener(story);
  CHECK(listener.response.content_type == "text/event-stream");
  const auto id = story.submit();
  story.until([&] { return listener.count("event: ") == 1; });
  const auto seq = story.engine.feed().newest();
  CHECK(listener.text.find("id: " + std::to_string(seq) + "\nevent: candidate_seen\ndata: {") != std::string::npos);
  const auto data = listener.text.substr(listener.text.find("data: ") + 6);
  const auto document = json::parse(data.substr(0, data.find('\n')));
  CHECK(document["promotion"] == id);
  CHECK(document["model"] == "fraud");
}

TEST_CASE("the stream resumes after Last-Event-ID without a gap or a repeat") {
  ApiStory story;
  const auto id = story.submit();
  const auto first = story.engine.feed().newest();
  story.pass_gates(id);
  Listener listener(story, "", std::to_string(first));
  story.until([&] { return listener.count("event: ") >= 3; });
  CHECK(listener.count("event: check_reported") == 3);
  CHECK(listener.count("event: candidate_seen") == 0);
}

TEST_CASE("events that the feed no longer keeps come from the journal") {
  ApiStory story;
  const auto id = story.submit();
  story.pass_gates(id);
  const auto newest = story.engine.feed().newest();
  // As after a restart: the journal has everything, the feed nothing.
  engine::Engine restarted{{story.context.get_executor(), *story.journal, story.pool, story.clock,
                            [](const std::string&) { return std::vector<std::shared_ptr<const core::Policy>>(); }}};
  restarted.feed().start_at(newest);
  ApiParts parts{restarted, *story.journal, story.pool, story.clock, story.metrics, story.replay, {}, {}};
  Request request;
  request.headers = {{"last-event-id", "0"}};
  const auto response = story.run(get_stream(parts, std::move(request)));
  std::string text;
  bool ended = false;
  asio::co_spawn(story.context, response.stream([&](std::string piece) -> asio::awaitable<bool> {
    text += piece;
    co_return true;
  }),
                 [&](std::exception_ptr) { ended = true; });
  story.until([&] { return text.find("id: " + std::to_string(newest) + "\nevent: ") != std::string::npos; });
  CHECK(text.find("event: candidate_seen") != std::string::npos);
  restarted.feed().stop();
  story.until([&] { return ended; });
}

TEST_CASE("a stream of one model leaves out the others and still moves the id on") {
  ApiStory story;
  story.parts.heartbeat = 20ms;
  Listener listener(story, "?model=fraud-b");
  story.submit();
  const auto newest = story.engine.feed().newest();
  story.until([&] { return listener.count(": still here\nid: " + std::to_string(newest)) > 0; });
  CHECK(listener.count("event: ") == 0);
  REQUIRE(story.post("/v1/candidates", R"({"model": "fraud-b", "version": "1"})").status == 201);
  story.until([&] { return listener.count("event: candidate_seen") == 1; });
}

TEST_CASE("a stream ends when the daemon stops or the client goes, and is counted while it is open") {
  ApiStory story;
  {
    Listener stopping(story);
    CHECK(story.metrics.value("penstock_streams", {}) == 1);
    Listener going(story);
    going.closes_after = 1;
    story.submit();
    story.until([&] { return going.ended; });
    CHECK_FALSE(stopping.ended);
    story.engine.feed().stop();
    story.until([&] { return stopping.ended; });
  }
  CHECK(story.metrics.value("penstock_streams", {}) == 0);
}

TEST_CASE("a Last-Event-ID that is none is refused, one from another journal starts now") {
  ApiStory story;
  for (const auto* last : {"x", "-1", "1.5", "99999999999999999999"})
    CHECK(Listener(story, "", last).response.status == 400);
  Listener listener(story, "", "1000000");
  story.submit();
  story.until([&] { return listener.count("event: candidate_seen") == 1; });
}

}  // namespace penstock::intake
