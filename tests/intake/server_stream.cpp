// Streamed answers, and how the server stops.
#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tests/catch.hpp"
#include "tests/intake/server_harness.hpp"

using namespace penstock::intake;
using namespace penstock::intake::harness;
using std::chrono::milliseconds;

namespace {

Route slow(milliseconds time) {
  return route("GET", "/slow", [time](Request) -> asio::awaitable<Response> {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
    co_return json_response(200, {});
  });
}

// Says "tick" every few milliseconds until it is told that nobody listens; then counts itself in `ended`.
Route ticking(std::atomic<int>& ended) {
  return route("GET", "/stream", [&ended](Request) -> asio::awaitable<Response> {
    Response response;
    response.content_type = "text/event-stream";
    response.stream = [&ended](WriteChunk write) -> asio::awaitable<void> {
      asio::steady_timer timer(co_await asio::this_coro::executor);
      for (bool heard = true; heard;) {
        heard = co_await write("data: tick\n\n");
        timer.expires_after(milliseconds(5));
        co_await timer.async_wait(asio::use_awaitable);
      }
      ++ended;
    };
    co_return response;
  });
}

bool eventually(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

}  // namespace

TEST_CASE("a streamed answer comes in chunks and ends with the connection") {
  Running server({route("GET", "/stream", [](Request) -> asio::awaitable<Response> {
    Response response;
    response.content_type = "text/event-stream";
    response.stream = [](WriteChunk write) -> asio::awaitable<void> {
      for (int i = 0; i < 3; ++i) {
        co_await write("data: " + std::to_string(i) + "\n\n");
        co_await write("");
      }
    };
    co_return response;
  })});
  Client client(server.port());
  client.send(request("GET /stream HTTP/1.1"));
  auto answer = client.receive();
  CHECK(answer.headers["content-type"] == "text/event-stream");
  CHECK(answer.headers["connection"] == "close");
  CHECK(answer.whole);
  CHECK(answer.body == "data: 0\n\ndata: 1\n\ndata: 2\n\n");
  CHECK(client.ended());
  auto old = ask(server.port(), "GET /stream HTTP/1.0\r\n\r\n");
  CHECK(old.headers.count("transfer-encoding") == 0);
  CHECK(old.body == answer.body);
  CHECK(ask(server.port(), request("HEAD /stream HTTP/1.1")).status == 200);
}

TEST_CASE("a stream that throws is cut short, and the peer can tell") {
  Running server({route("GET", "/stream", [](Request) -> asio::awaitable<Response> {
    Response response;
    response.stream = [](WriteChunk write) -> asio::awaitable<void> {
      co_await write("a");
      throw std::runtime_error("gone wrong");
    };
    co_return response;
  })});
  const auto answer = ask(server.port(), request("GET /stream HTTP/1.1"));
  CHECK(answer.status == 200);
  CHECK(!answer.whole);
  server.stop();
  CHECK(server.faults().at(0).what == "gone wrong");
}

TEST_CASE("a stream is told when its peer has gone") {
  std::atomic<int> ended = 0;
  Running server({ticking(ended)});
  {
    Client client(server.port());
    client.send(request("GET /stream HTTP/1.1"));
  }
  CHECK(eventually([&] { return ended == 1; }));
}

TEST_CASE("a stream whose peer does not read is ended by the write's deadline") {
  std::atomic<int> ended = 0;
  Limits limits;
  limits.write_time = milliseconds(60);
  Running server({route("GET", "/stream",
                        [&ended](Request) -> asio::awaitable<Response> {
                          Response response;
                          response.stream = [&ended](WriteChunk write) -> asio::awaitable<void> {
                            for (bool heard = true; heard;) heard = co_await write(std::string(100'000, 'x'));
                            ++ended;
                          };
                          co_return response;
                        })},
                 limits);
  Client client(server.port());
  client.send(request("GET /stream HTTP/1.1"));
  CHECK(eventually([&] { return ended == 1; }));
}

TEST_CASE("stopping lets requests in flight finish, ends idle connections and streams, and accepts nobody") {
  std::atomic<int> ended = 0;
  Limits limits;
  limits.linger_time = milliseconds(50);
  Running server({slow(milliseconds(100)), ticking(ended), route("GET", "/x", echo)}, limits);
  Client idle(server.port());
  idle.send(request("GET /x HTTP/1.1"));
  CHECK(idle.receive().status == 200);
  Client stream(server.port());
  stream.send(request("GET /stream HTTP/1.1"));
  Client busy(server.port());
  busy.send(request("GET /x HTTP/1.1") + request("GET /slow HTTP/1.1"));
  CHECK(busy.receive().status == 200);
  Answer answer;
  bool busy_ended = false;
  bool others_ended = false;
  std::thread reader([&] {
    answer = busy.receive();
    busy_ended = busy.ended();
  });
  std::thread other([&] { others_ended = stream.receive().whole && idle.ended(); });
  CHECK(server.stop() == 0);
  reader.join();
  other.join();
  CHECK(busy_ended);
  CHECK(others_ended);
  CHECK(answer.status == 200);
  CHECK(answer.headers["connection"] == "close");
  CHECK(ended == 1);
  CHECK_THROWS(Client(server.port()));
}

TEST_CASE("what does not finish within the grace time is cut off and counted") {
  Running server({slow(std::chrono::seconds(60)), route("GET", "/x", echo)});
  Client busy(server.port());
  busy.send(request("GET /x HTTP/1.1") + request("GET /slow HTTP/1.1"));
  CHECK(busy.receive().status == 200);
  CHECK(server.stop(milliseconds(50)) == 1);
  CHECK(busy.ended());
}
