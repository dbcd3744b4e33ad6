// How a request's body is taken, or not.
#include "tests/catch.hpp"
#include "tests/intake/server_harness.hpp"

using namespace penstock::intake;
using namespace penstock::intake::harness;
using nlohmann::json;

namespace {

const std::string as_json = "Content-Type: application/json\r\n";

std::string post(const std::string& path, const std::string& body, const std::string& fields = "") {
  return request("POST " + path + " HTTP/1.1",
                 as_json + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n", body);
}

Route guarded(const std::string& method, const std::string& path, Access access) {
  auto row = route(method, path, echo);
  row.access = access;
  return row;
}

}  // namespace

TEST_CASE("a large body arrives whole, sized and chunked") {
  auto row = route("POST", "/x", [](Request given) -> asio::awaitable<Response> {
    co_return json_response(
        200, {{"bytes", given.body.size()}, {"good", given.body == std::string(given.body.size(), 'x')}});
  });
  row.max_body = 9'000'000;
  Running server({row});
  const std::string body(8'000'000, 'x');
  CHECK(body_of(ask(server.port(), post("/x", body))) == json{{"bytes", 8'000'000}, {"good", true}});
  std::string chunks;
  for (std::size_t i = 0; i < body.size(); i += 100'000) chunks += "186a0\r\n" + body.substr(i, 100'000) + "\r\n";
  const auto chunked = request("POST /x HTTP/1.1", as_json + "Transfer-Encoding: chunked\r\n", chunks + "0\r\n\r\n");
  CHECK(body_of(ask(server.port(), chunked)) == json{{"bytes", 8'000'000}, {"good", true}});
}

TEST_CASE("a body over its route's limit is refused, announced or not") {
  auto row = route("POST", "/x", echo);
  row.max_body = 100;
  Running server({row, route("GET", "/x", echo)});
  CHECK(ask(server.port(), post("/x", std::string(100, 'a'))).status == 200);

  Client announced(server.port());
  announced.send(request("POST /x HTTP/1.1", as_json + "Content-Length: 101\r\n"));  // no byte of it is sent
  auto answer = announced.receive();
  CHECK(answer.status == 413);
  CHECK(answer.headers["connection"] == "close");
  CHECK(body_of(answer)["code"] == "too-large");
  CHECK(announced.ended());

  Client chunked(server.port());
  chunked.send(request("POST /x HTTP/1.1", as_json + "Transfer-Encoding: chunked\r\n",
                       "32\r\n" + std::string(50, 'a') + "\r\n33\r\n"));
  CHECK(chunked.receive().status == 413);
}

TEST_CASE("a refusal with the body unread reaches a peer that is still sending") {
  auto row = route("POST", "/x", echo);
  row.max_body = 10;
  Running server({row});
  const auto answer = ask(server.port(), post("/x", std::string(3'000'000, 'a')));
  CHECK(answer.status == 413);
  CHECK(answer.whole);
}

TEST_CASE("all bodies together are bounded") {
  Limits limits;
  limits.bodies_bytes = 1000;
  Running server({route("POST", "/x", echo)}, limits);
  Client first(server.port());
  first.send(request("POST /x HTTP/1.1", as_json + "Content-Length: 2000\r\n", std::string(1500, 'a')));
  auto refused = first.receive();
  CHECK(refused.status == 503);
  CHECK(refused.headers.count("retry-after") == 1);
  CHECK(ask(server.port(), post("/x", std::string(900, 'a'))).status == 200);  // given back
}

TEST_CASE("a body where none is taken, or of another type, is refused and ends the connection") {
  Running server({route("GET", "/x", echo), route("POST", "/x", echo)});
  for (const auto& [bytes, status] : std::vector<std::pair<std::string, int>>{
           {request("GET /x HTTP/1.1", "Content-Length: 2\r\n", "{}"), 400},
           {request("GET /x HTTP/1.1", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
           {request("POST /x HTTP/1.1", "Content-Type: text/plain\r\nContent-Length: 2\r\n", "{}"), 415},
           {request("POST /x HTTP/1.1", "Content-Length: 2\r\n", "{}"), 415},
           {request("POST /x HTTP/1.1", as_json + "Content-Encoding: gzip\r\nContent-Length: 2\r\n", "{}"), 415}}) {
    Client client(server.port());
    client.send(bytes + request("GET /x HTTP/1.1"));
    const auto answer = client.receive();
    CHECK(answer.status == status);
    CHECK(client.drain() == "");
  }
}

TEST_CASE("a refusal without a body leaves the connection open") {
  Running server({guarded("GET", "/x", Access::caller)});
  Client client(server.port());
  client.send(request("GET /none HTTP/1.1") + request("PUT /x HTTP/1.1") + request("GET /x HTTP/1.1") +
              request("GET /x HTTP/1.1", "Authorization: Bearer service\r\n"));
  CHECK(client.receive().status == 404);
  auto not_allowed = client.receive();
  CHECK(not_allowed.status == 405);
  CHECK(not_allowed.headers["allow"] == "GET, HEAD");
  CHECK(client.receive().status == 401);
  CHECK(client.receive().status == 200);
}

TEST_CASE("nobody uploads before it is known who calls") {
  Running server({guarded("POST", "/x", Access::caller)});
  Client client(server.port());
  client.send(request("POST /x HTTP/1.1", as_json + "Content-Length: 1000\r\nExpect: 100-continue\r\n"));
  CHECK(client.receive().status == 401);  // no 100 Continue before it
  CHECK(client.ended());
}

TEST_CASE("100 Continue is sent when the body is wanted") {
  Running server({route("POST", "/x", echo)});
  Client client(server.port());
  client.send(request("POST /x HTTP/1.1", as_json + "Content-Length: 2\r\nExpect: 100-Continue\r\n"));
  CHECK(client.receive().status == 100);
  client.send("{}");
  CHECK(client.receive().status == 200);
  // A body that comes along needs no invitation.
  client.send(post("/x", "{}", "Expect: 100-continue\r\n"));
  CHECK(client.receive().status == 200);
}
