#include "daemon/intake/server.hpp"

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

TEST_CASE("an answer carries its length, its request id and the security headers") {
  Running server({route("GET", "/x", echo)});
  auto answer = ask(server.port(), request("GET /x HTTP/1.1"));
  CHECK(answer.status == 200);
  CHECK(answer.whole);
  CHECK(answer.headers["content-type"] == "application/json");
  CHECK(answer.headers["x-content-type-options"] == "nosniff");
  CHECK(answer.headers["cache-control"] == "no-store");
  CHECK(answer.headers["date"].substr(26) == "GMT");
  CHECK(answer.headers.count("server") == 0);
  CHECK(answer.headers.count("connection") == 0);
  CHECK(answer.headers["x-request-id"].substr(0, 4) == "req-");
  CHECK(body_of(answer)["remote"] == "127.0.0.1");
}

TEST_CASE("a peer that has said all it will say is still answered") {
  Running server({route("GET", "/x", echo)});
  Client client(server.port());
  client.send(request("GET /x HTTP/1.1") + request("GET /x HTTP/1.1"));
  client.shut_down_sending();
  CHECK(client.receive().status == 200);
  CHECK(client.receive().status == 200);
  CHECK(client.ended());
}

TEST_CASE("a request id is kept when it is sane and replaced when it is not") {
  Running server({route("GET", "/x", echo)});
  auto kept = ask(server.port(), request("GET /x HTTP/1.1", "X-Request-Id: run-7_a.b\r\n"));
  CHECK(kept.headers["x-request-id"] == "run-7_a.b");
  CHECK(body_of(kept)["headers"]["x-request-id"] == "run-7_a.b");
  for (const auto& odd : {std::string("a b"), std::string("\"}"), std::string(129, 'a'), std::string()}) {
    auto replaced = ask(server.port(), request("GET /y HTTP/1.1", "X-Request-Id: " + odd + "\r\n"));
    CHECK(replaced.headers["x-request-id"].substr(0, 4) == "req-");
    CHECK(body_of(replaced)["request_id"] == replaced.headers["x-request-id"]);
  }
}

TEST_CASE("requests on one connection are answered in their order, pipelined or not") {
  Running server({route("GET", "/x/{n}", echo), route("POST", "/x/{n}", echo)});
  Client client(server.port());
  std::string bytes;
  for (int i = 0; i < 50; ++i)
    bytes += i % 2 == 0 ? request("GET /x/" + std::to_string(i) + " HTTP/1.1") : post("/x/" + std::to_string(i), "{}");
  client.send(bytes);
  for (int i = 0; i < 50; ++i) {
    const auto answer = client.receive();
    REQUIRE(answer.status == 200);
    CHECK(body_of(answer)["parameters"]["n"] == std::to_string(i));
  }
}

TEST_CASE("a request split at every byte is put together") {
  Running server({route("POST", "/x", echo)});
  const auto bytes = post("/x", R"({"a":1})");
  Client client(server.port());
  for (std::size_t i = 1; i < bytes.size(); i += 7) {
    client.send(bytes.substr(0, i));
    client.send(bytes.substr(i));
    const auto answer = client.receive();
    REQUIRE(answer.status == 200);
    CHECK(body_of(answer)["body"] == R"({"a":1})");
  }
}

TEST_CASE("a caller is asked for, and a person where a person is needed") {
  Running server({guarded("GET", "/caller", Access::caller), guarded("GET", "/person", Access::person),
                  guarded("GET", "/open", Access::open)});
  const auto get = [&](const std::string& path, const std::string& token) {
    return ask(server.port(),
               request("GET " + path + " HTTP/1.1", token.empty() ? "" : "Authorization: Bearer " + token + "\r\n"));
  };
  auto nobody = get("/caller", "");
  CHECK(nobody.status == 401);
  CHECK(nobody.headers["www-authenticate"] == "Bearer realm=\"penstock\"");
  CHECK(get("/caller", "wrong").status == 401);
  CHECK(body_of(get("/caller", "service"))["caller"] == "ci");
  CHECK(body_of(get("/person", "person"))["caller"] == "ada");
  CHECK(get("/person", "").status == 401);
  const auto service = get("/person", "service");
  CHECK(service.status == 403);
  CHECK(body_of(service)["detail"] == "`ci` is a service; GET /person needs a person");
  CHECK(body_of(get("/open", "person"))["caller"] == "");
  CHECK(get("/caller", "bug").status == 500);
}

TEST_CASE("HEAD answers as GET does, without the body") {
  Running server({route("GET", "/x", [](Request) -> asio::awaitable<Response> {
    co_return json_response(200, {{"a", 1}});
  })});
  Client client(server.port());
  client.send(request("HEAD /x HTTP/1.1") + request("HEAD /none HTTP/1.1") + request("GET /x HTTP/1.1"));
  auto head = client.receive(true);
  CHECK(head.status == 200);
  CHECK(head.headers["content-length"] == "7");
  CHECK(client.receive(true).status == 404);
  CHECK(client.receive().body == R"({"a":1})");
}

TEST_CASE("HTTP/1.0 closes unless it asks to be kept") {
  Running server({route("GET", "/x", echo)});
  Client client(server.port());
  client.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(client.receive().headers["connection"] == "keep-alive");
  client.send("GET /x HTTP/1.0\r\n\r\n");
  CHECK(client.receive().headers["connection"] == "close");
  CHECK(client.ended());
}

TEST_CASE("a handler that throws is told to the log, not to the caller") {
  Running server({route("GET", "/x",
                        [](Request) -> asio::awaitable<Response> {
                          throw std::runtime_error("password=hunter2");
                          co_return Response{};
                        }),
                  route("GET", "/number",
                        [](Request) -> asio::awaitable<Response> {
                          throw 7;
                          co_return Response{};
                        }),
                  route("GET", "/split", [](Request) -> asio::awaitable<Response> {
                    auto response = json_response(200, {});
                    response.headers.emplace_back("X-A", "b\r\nSet-Cookie: c");
                    co_return response;
                  })});
  Client client(server.port());
  client.send(request("GET /x HTTP/1.1", "X-Request-Id: r1\r\n") + request("GET /number HTTP/1.1") +
              request("GET /split HTTP/1.1"));
  const auto answer = client.receive();
  CHECK(answer.status == 500);
  CHECK(answer.body.find("hunter2") == std::string::npos);
  CHECK(body_of(answer)["request_id"] == "r1");
  CHECK(client.receive().status == 500);
  auto split = client.receive();
  CHECK(split.status == 500);
  CHECK(split.headers.count("set-cookie") == 0);
  const auto faults = server.faults();
  REQUIRE(faults.size() == 3);
  CHECK(faults[0].request_id == "r1");
  CHECK(faults[0].operation == "GET/x");
  CHECK(faults[0].what == "password=hunter2");
}

TEST_CASE("204 has neither body nor length") {
  Running server({route("GET", "/x", [](Request) -> asio::awaitable<Response> {
    Response response;
    response.status = 204;
    response.body = "not sent";
    co_return response;
  })});
  Client client(server.port());
  client.send(request("GET /x HTTP/1.1") + request("GET /x HTTP/1.1"));
  auto answer = client.receive();
  CHECK(answer.status == 204);
  CHECK(answer.headers.count("content-length") == 0);
  CHECK(client.receive().status == 204);
}

TEST_CASE("every answer is counted with its operation and status") {
  Running server({route("GET", "/x", echo)});
  ask(server.port(), request("GET /x HTTP/1.1"));
  ask(server.port(), request("GET /none HTTP/1.1"));
  ask(server.port(), "nonsense\r\n\r\n");
  server.stop();
  const auto answered = server.answered();
  REQUIRE(answered.size() == 3);
  CHECK(answered[0].operation == "GET/x");
  CHECK(answered[0].status == 200);
  CHECK(answered[1].status == 404);
  CHECK(answered[2].status == 400);
}

TEST_CASE("an address that cannot be listened on is a problem") {
  asio::io_context context;
  Server server({.executor = context.get_executor(), .routes = {}, .authenticate = {}});
  CHECK(server.listen("localhost", 0).error().code == "cannot-listen");
  const auto port = server.listen("127.0.0.1", 0).value();
  Server second({.executor = context.get_executor(), .routes = {}, .authenticate = {}});
  const auto taken = second.listen("127.0.0.1", port);
  REQUIRE(taken.has_error());
  CHECK(taken.error().where == "127.0.0.1 port " + std::to_string(port));
  CHECK(server.listen("::1", 0).has_value());
}
