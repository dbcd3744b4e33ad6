#include "daemon/intake/stream.hpp"

#include <charconv>

#include "daemon/core/json_writing.hpp"
#include "daemon/intake/api_page.hpp"
#include "daemon/intake/api_promotions.hpp"

namespace penstock::intake {
namespace {

using std::chrono::steady_clock;

constexpr int rows_at_once = 500;

core::Result<std::int64_t> start_after(const Request& request, std::int64_t newest) {
  const auto text = request.header("last-event-id");
  if (text.empty()) return newest;
  std::int64_t seq = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
  if (error != std::errc() || end != text.data() + text.size() || seq < 0)
    return core::Problem{"invalid-request", "Last-Event-ID is `" + text.substr(0, 40) + "`, needed the id of an event",
                         "", "leave it out to start from now", false};
  // Ahead of the journal: the client knew another one. From now on is the only answer that makes sense.
  return std::min(seq, newest);
}

class Stream {
 public:
  Stream(const ApiParts& parts, std::string model, std::int64_t after)
      : parts_(parts), model_(std::move(model)), last_(after) {
    change_open(1);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { change_open(-1); }

  // `self` keeps the stream while it is written.
  static asio::awaitable<void> write_all(std::shared_ptr<Stream> self, WriteChunk write_chunk) {
    co_await self->run(std::move(write_chunk));
  }

 private:
  asio::awaitable<void> run(WriteChunk write_chunk) {
    auto& feed = parts_.engine.feed();
    // Said at once, so that the client knows that it is heard; `retry` is how long it waits before it comes back.
    bool goes_on = co_await write_chunk("retry: 2000\nid: " + std::to_string(last_) + "\n\n");
    auto quiet_since = steady_clock::now();
    while (goes_on && !feed.stopped()) {
      const auto rows = co_await next_rows();
      if (!rows) co_return;
      auto text = text_of(*rows);
      if (text.empty() && steady_clock::now() - quiet_since >= parts_.heartbeat)
        text = ": still here\nid: " + std::to_string(last_) + "\n\n";
      if (!text.empty()) {
        goes_on = co_await write_chunk(std::move(text));
        quiet_since = steady_clock::now();
      }
      if (rows->empty()) co_await feed.wait(last_, quiet_since + parts_.heartbeat);
    }
  }

  // From the feed, or from the journal when the feed no longer keeps them; empty when there is nothing new.
  asio::awaitable<core::Result<std::vector<journal::EventRow>>> next_rows() {
    if (auto kept = parts_.engine.feed().after(last_)) co_return std::move(*kept);
    auto* journal = &parts_.journal;
    const auto after = last_;
    const auto newest = parts_.engine.feed().newest();
    auto rows = co_await parts_.pool.run([journal, after] { return journal->events(after, rows_at_once); });
    // The journal knows nothing newer, whatever the feed's number says: there is nothing to come back for.
    if (rows && rows->empty()) last_ = std::max(last_, newest);
    co_return rows;
  }

  std::string text_of(const std::vector<journal::EventRow>& rows) {
    std::string text;
    for (const auto& row : rows) {
      last_ = row.seq;
      if (model_.empty() || row.lane.model == model_) text += stream_text(row);
    }
    return text;
  }

  void change_open(double by) {
    auto& metrics = parts_.metrics;
    metrics.set("penstock_streams", {}, metrics.value("penstock_streams", {}) + by);
  }

  const ApiParts& parts_;
  std::string model_;
  std::int64_t last_;
};

}  // namespace

std::string stream_text(const journal::EventRow& row) {
  // json_text() writes no line feed, so the data is one line.
  return "id: " + std::to_string(row.seq) + "\nevent: " + row.name + "\ndata: " + core::json_text(event_json(row)) +
         "\n\n";
}

asio::awaitable<Response> get_stream(const ApiParts& parts, Request request) {
  const auto after = start_after(request, parts.engine.feed().newest());
  if (!after) co_return problem_response(after.error());
  Response response;
  response.content_type = "text/event-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  // Proxies that gather answers before they pass them on would hold the events back (nginx).
  response.headers.emplace_back("X-Accel-Buffering", "no");
  auto stream = std::make_shared<Stream>(parts, query_value(request, "model"), *after);
  response.stream = [stream](WriteChunk write_chunk) { return Stream::write_all(stream, std::move(write_chunk)); };
  co_return response;
}

}  // namespace penstock::intake
