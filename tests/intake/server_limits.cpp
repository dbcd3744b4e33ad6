// What the server allows one peer: counts and times.
#include <sys/resource.h>
#include <sys/socket.h>

#include <list>

#include "tests/catch.hpp"
#include "tests/intake/server_harness.hpp"

using namespace penstock::intake;
using namespace penstock::intake::harness;
using std::chrono::milliseconds;

namespace {

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
    for (int i = 0; i < 200; ++i) {
      client.send("A: b\r\n");
      std::this_thread::sleep_for(milliseconds(15));
    }
  });
  CHECK(client.receive().status == 408);
  CHECK(std::chrono::steady_clock::now() - began < milliseconds(2500));
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
  // Nothing is checked in between: the sanitizer's own checks need a descriptor.
  const auto connected = ::connect(ours, reinterpret_cast<const sockaddr*>(&address), length);
  const auto told = eventually([&] { return !server.faults().empty(); });
  before.send(request("GET /x HTTP/1.1"));
  const auto status = before.receive().status;
  ::setrlimit(RLIMIT_NOFILE, &old);
  ::close(ours);
  CHECK(connected == 0);
  CHECK(told);
  CHECK(status == 200);
  CHECK(server.faults()[0].operation == "accept");
  CHECK(server.faults().size() < 10);  // it waits longer and longer
  CHECK(eventually([&] { return ask(server.port(), request("GET /x HTTP/1.1")).status == 200; }));
}
