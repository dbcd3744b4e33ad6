// What the server allows one peer: counts, times, and how it ends.
#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>

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

TEST_CASE("connections beyond the limit of one address are answered with 503, and a free place is given again") {
  Limits limits;
  limits.connections_per_address = 2;
  Running server({route("GET", "/x", echo)}, limits);
  Client first(server.port());
  first.send(request("GET /x HTTP/1.1"));
  CHECK(first.receive().status == 200);
  std::optional<Client> second(std::in_place, server.port());
  second->send(request("GET /x HTTP/1.1"));
  CHECK(second->receive().status == 200);

  Client third(server.port());
  third.send(request("GET /x HTTP/1.1"));
  auto refused = third.receive();
  CHECK(refused.status == 503);
  CHECK(refused.headers.count("retry-after") == 1);
  CHECK(refused.headers["connection"] == "close");
  CHECK(nlohmann::json::parse(refused.body)["detail"] == "2 connections are open from your address, the most allowed");
  CHECK(third.ended());

  second.reset();
  CHECK(eventually([&] { return ask(server.port(), request("GET /x HTTP/1.1")).status == 200; }));
}

TEST_CASE("connections beyond the limit of all are answered with 503") {
  Limits limits;
  limits.connections = 1;
  Running server({route("GET", "/x", echo)}, limits);
  Client first(server.port());
  first.send(request("GET /x HTTP/1.1"));
  CHECK(first.receive().status == 200);
  CHECK(ask(server.port(), request("GET /x HTTP/1.1")).status == 503);
}

TEST_CASE("a flood of refused connections takes no place of those that are served") {
  Limits limits;
  limits.connections = 1;
  Running server({route("GET", "/x", echo)}, limits);
  Client first(server.port());
  first.send(request("GET /x HTTP/1.1"));
  CHECK(first.receive().status == 200);
  std::list<Client> flood;
  for (int i = 0; i < 100; ++i) flood.emplace_back(server.port());
  first.send(request("GET /x HTTP/1.1"));
  CHECK(first.receive().status == 200);
}

TEST_CASE("a connection ends after its last request") {
  Limits limits;
  limits.requests_per_connection = 3;
  Running server({route("GET", "/x", echo)}, limits);
  Client client(server.port());
  for (int i = 0; i < 4; ++i) client.send(request("GET /x HTTP/1.1"));
  CHECK(client.receive().headers.count("connection") == 0);
  CHECK(client.receive().headers.count("connection") == 0);
  CHECK(client.receive().headers["connection"] == "close");
  CHECK(client.drain() == "");
}

TEST_CASE("a head that does not arrive in time is answered with 408") {
  Limits limits;
  limits.header_time = milliseconds(60);
  Running server({route("GET", "/x", echo)}, limits);
  Client client(server.port());
  client.send("GET /x HT");
  auto answer = client.receive();
  CHECK(answer.status == 408);
  CHECK(answer.headers["connection"] == "close");
  CHECK(client.ended());
  Client silent(server.port());
  CHECK(silent.ended());  // nothing was asked, nothing is answered
}

TEST_CASE("a head that trickles does not get more time for it") {
  Limits limits;
  limits.header_time = milliseconds(100);
  Running server({route("GET", "/x", echo)}, limits);
  Client client(server.port());
  const auto began = std::chrono::steady_clock::now();
  client.send("GET /x HTTP/1.1\r\n");
  std::thread trickle([&] {
    for (int i = 0; i < 20; ++i) {
      client.send("A: b\r\n");
      std::this_thread::sleep_for(milliseconds(15));
    }
  });
  CHECK(client.receive().status == 408);
  CHECK(std::chrono::steady_clock::now() - began < milliseconds(250));
  trickle.join();
}

TEST_CASE("an idle connection is closed without a word") {
  Limits limits;
  limits.idle_time = milliseconds(60);
  Running server({route("GET", "/x", echo)}, limits);
  Client client(server.port());
  client.send(request("GET /x HTTP/1.1"));
  CHECK(client.receive().status == 200);
  CHECK(client.ended());
}

TEST_CASE("a body that stops, or is too slow, is answered with 408") {
  Limits limits;
  limits.body_start = milliseconds(60);
  limits.body_bytes_per_second = 1'000'000;
  Running server({route("POST", "/x", echo)}, limits);
  for (const auto& begin : {"Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n5\r\n{"}) {
    Client client(server.port());
    client.send(std::string("POST /x HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n") + begin);
    CHECK(client.receive().status == 408);
    CHECK(client.ended());
  }
}

TEST_CASE("a body has an end of its time however fast it is") {
  Limits limits;
  limits.body_time = milliseconds(80);
  limits.body_bytes_per_second = 1;
  Running server({route("POST", "/x", echo)}, limits);
  Client client(server.port());
  client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n" +
              std::string(9000, 'a'));
  CHECK(client.receive().status == 408);
}

TEST_CASE("a peer that does not read its answer is let go") {
  Limits limits;
  limits.write_time = milliseconds(60);
  Running server({route("GET", "/x",
                        [](Request) -> asio::awaitable<Response> {
                          Response response;
                          response.body.assign(32'000'000, 'x');
                          co_return response;
                        })},
                 limits);
  Client client(server.port());
  client.send(request("GET /x HTTP/1.1"));
  CHECK(eventually([&] { return server.answered().size() == 1; }));
  CHECK(!client.receive().whole);
}

TEST_CASE("the last answer is read to its end although the peer keeps sending") {
  Running server({route("GET", "/x", [](Request) -> asio::awaitable<Response> {
    Response response;
    response.body.assign(4'000'000, 'x');
    co_return response;
  })});
  Client client(server.port());
  client.send(request("GET /x HTTP/1.1", "Connection: close\r\n") + std::string(100'000, 'z'));
  const auto answer = client.receive();
  CHECK(answer.whole);
  CHECK(answer.body.size() == 4'000'000);
}

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

TEST_CASE("running out of file descriptors stops nothing for good") {
  Running server({route("GET", "/x", echo)});
  Client before(server.port());
  before.send(request("GET /x HTTP/1.1"));
  CHECK(before.receive().status == 200);
  Client waiting(server.port());  // its descriptor is ours; the server's side is still to be accepted
  waiting.send(request("GET /x HTTP/1.1"));
  CHECK(waiting.receive().status == 200);

  const int lowest = ::dup(0);
  ::close(lowest);
  const int ours = ::socket(AF_INET, SOCK_STREAM, 0);  // made while there are descriptors
  rlimit old{};
  ::getrlimit(RLIMIT_NOFILE, &old);
  rlimit none = old;
  none.rlim_cur = static_cast<rlim_t>(ours) + 1;
  ::setrlimit(RLIMIT_NOFILE, &none);
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getpeername(before.descriptor(), reinterpret_cast<sockaddr*>(&address), &length);
  CHECK(::connect(ours, reinterpret_cast<const sockaddr*>(&address), length) == 0);
  CHECK(eventually([&] { return !server.faults().empty(); }));
  before.send(request("GET /x HTTP/1.1"));
  CHECK(before.receive().status == 200);
  ::setrlimit(RLIMIT_NOFILE, &old);
  ::close(ours);
  CHECK(server.faults()[0].operation == "accept");
  CHECK(server.faults().size() < 10);  // it waits longer and longer
  CHECK(eventually([&] { return ask(server.port(), request("GET /x HTTP/1.1")).status == 200; }));
}
