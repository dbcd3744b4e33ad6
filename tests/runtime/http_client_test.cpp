#include "daemon/runtime/http_client.hpp"

#include <future>

#include "tests/catch.hpp"
#include "tests/runtime/folder.hpp"
#include "tests/runtime/server.hpp"

using namespace penstock;
using namespace std::chrono_literals;

namespace {

sdk::HttpRequest get(const std::string& url) {
  sdk::HttpRequest request;
  request.url = url;
  request.allow_private = true;
  return request;
}

TestServer::Answer always(const std::string& answer) {
  return [answer](const std::string&, int) { return answer; };
}

// The request without its request line, in which case matters not.
bool has_header(const std::string& request, const std::string& line) {
  return request.find("\r\n" + line + "\r\n") != std::string::npos;
}

}  // namespace

TEST_CASE("an answer has its status, its headers in lower case, and its body") {
  const TestServer server(always(http_answer("200 OK", "hello", "X-Many: 1\r\nx-many:  2 \r\nX-Empty:\r\n")));
  const auto response = runtime::HttpClient().send(get(server.url("/path?q=1"))).value();
  CHECK(response.status == 200);
  CHECK(response.body == "hello");
  CHECK(response.headers == sdk::Headers{{"content-length", "5"}, {"x-many", "1"}, {"x-many", "2"}, {"x-empty", ""}});
  CHECK(response.took < 5s);
  const auto request = server.requests().at(0);
  CHECK(request.starts_with("GET /path?q=1 HTTP/1.1\r\n"));
  CHECK(has_header(request, "Host: 127.0.0.1:" + server.port()));
  CHECK(has_header(request, "User-Agent: penstock/" PENSTOCK_VERSION));
}

TEST_CASE("any status is an answer") {
  for (const auto* status :
       {"204 No Content", "404 Not Found", "410 Gone", "429 Too Many Requests", "500 Oops", "599 Own"}) {
    const TestServer server(always(http_answer(status, "")));
    CHECK(runtime::HttpClient().send(get(server.url())).value().status == std::stoi(status));
  }
}

TEST_CASE("a redirect is an answer and is not followed") {
  const TestServer target(always(http_answer("200 OK", "followed")));
  const TestServer server(always(http_answer("302 Found", "", "Location: " + target.url() + "\r\n")));
  const auto response = runtime::HttpClient().send(get(server.url())).value();
  CHECK(response.status == 302);
  CHECK(response.header("location") == target.url());
  CHECK(target.connections() == 0);
}

TEST_CASE("a body is sent as it is, with its length and without a type that nobody gave") {
  const TestServer server(always(http_answer("200 OK", "")));
  runtime::HttpClient client;
  auto request = get(server.url());
  request.method = "POST";
  request.body = std::string("{\"a\": \0}", 8) + std::string(2 << 20, 'x');
  client.send(request).value();
  auto received = server.requests().back();
  CHECK(received.starts_with("POST / HTTP/1.1\r\n"));
  CHECK(received.ends_with("\r\n\r\n" + request.body));
  CHECK(received.find("Content-Type") == std::string::npos);
  CHECK(received.find("Expect") == std::string::npos);

  request.headers = {{"content-type", "application/json"}, {"X-Empty", ""}};
  request.method = "PATCH";
  request.body = "{}";
  client.send(request).value();
  received = server.requests().back();
  CHECK(received.starts_with("PATCH / HTTP/1.1\r\n"));
  CHECK(has_header(received, "content-type: application/json"));
  CHECK(has_header(received, "X-Empty:"));
}

TEST_CASE("every method is sent under its name") {
  const TestServer server(always(http_answer("200 OK", "")));
  for (const auto* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    auto request = get(server.url());
    request.method = method;
    CHECK(runtime::HttpClient().send(request).value().status == 200);
    CHECK(server.requests().back().starts_with(std::string(method) + " / "));
    const bool has_body = has_header(server.requests().back(), "Content-Length: 0");
    CHECK(has_body == (request.method.starts_with("P")));
  }
}

TEST_CASE("the answer to HEAD has no body, whatever length it speaks of") {
  const TestServer server(always("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"));
  auto request = get(server.url());
  request.method = "HEAD";
  const auto response = runtime::HttpClient().send(request).value();
  CHECK(response.header("content-length") == "99999999999");
  CHECK(response.body.empty());
}

TEST_CASE("credentials go into the Authorization header") {
  const TestServer server(always(http_answer("401 Unauthorized", "", "WWW-Authenticate: Basic\r\n")));
  auto request = get(server.url());
  request.basic_auth = "aladdin:opensesame";
  CHECK(runtime::HttpClient().send(request).value().status == 401);
  CHECK(has_header(server.requests().back(), "Authorization: Basic YWxhZGRpbjpvcGVuc2VzYW1l"));
  request.basic_auth.clear();
  request.bearer_token = "token123";
  runtime::HttpClient().send(request).value();
  CHECK(has_header(server.requests().back(), "Authorization: Bearer token123"));
}

TEST_CASE("credentials of one request are not sent with the next on the same connection") {
  const TestServer server(always(http_answer("200 OK", "", "Set-Cookie: session=1; Path=/\r\n")));
  runtime::HttpClient client;
  auto request = get(server.url());
  request.bearer_token = "token123";
  request.headers = {{"X-Own", "1"}};
  client.send(request).value();
  client.send(get(server.url())).value();
  CHECK(server.connections() == 1);
  const auto second = server.requests().at(1);
  for (const auto* name : {"Authorization", "Cookie", "X-Own"}) CHECK(second.find(name) == std::string::npos);
}

TEST_CASE("interim answers are passed over") {
  const TestServer server(always("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + http_answer("200 OK", "final")));
  const auto response = runtime::HttpClient().send(get(server.url())).value();
  CHECK(response.status == 200);
  CHECK(response.header("link").empty());
  CHECK(response.body == "final");
}

TEST_CASE("a proxy in the environment is not used") {
  for (const auto* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"})
    ::setenv(name, "http://127.0.0.1:1", 1);
  const TestServer server(always(http_answer("200 OK", "direct")));
  const auto response = runtime::HttpClient().send(get(server.url()));
  for (const auto* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
  CHECK(response.value().body == "direct");
}

TEST_CASE("a connection is kept alive for the next request") {
  const TestServer server(always(http_answer("200 OK", "")));
  runtime::HttpClient client;
  for (int i = 0; i < 5; ++i) client.send(get(server.url())).value();
  CHECK(server.connections() == 1);
}

TEST_CASE("a connection that was closed meanwhile is made again") {
  std::atomic<int> answered = 0;
  const TestServer server([&](const std::string&, int connection) {
    ++answered;
    send_text(connection, http_answer("200 OK", "once"));
    return std::string();
  });
  runtime::HttpClient client;
  for (int i = 0; i < 3; ++i) CHECK(client.send(get(server.url())).value().body == "once");
  CHECK(answered == 3);
}

TEST_CASE("several threads share a client") {
  const TestServer server(always(http_answer("200 OK", "shared", "Connection: close\r\n")));
  runtime::HttpClient client;
  std::vector<std::future<core::Result<sdk::HttpResponse>>> answers;
  for (int i = 0; i < 16; ++i)
    answers.push_back(std::async(std::launch::async, [&] { return client.send(get(server.url())); }));
  for (auto& answer : answers) CHECK(answer.get().value().body == "shared");
}

TEST_CASE("a body can go to a file instead") {
  const TestFolder folder;
  const std::string body(300'000, 'x');
  const TestServer server(always(http_answer("200 OK", body)));
  auto request = get(server.url());
  request.body_to = folder / "model.bin";
  CHECK(runtime::HttpClient().send(request).value().body.empty());
  CHECK(folder.read("model.bin") == body);
}

TEST_CASE("a file that exists, or a link, is not written over") {
  const TestFolder folder;
  folder.write("there", "before");
  std::filesystem::create_symlink(folder / "elsewhere", folder / "link");
  const TestServer server(always(http_answer("200 OK", "after")));
  auto request = get(server.url());
  for (const auto* name : {"there", "link", "no/folder"}) {
    request.body_to = folder / name;
    const auto problem = runtime::HttpClient().send(request).error();
    CHECK(problem.code == "store-failed");
    CHECK(problem.where == request.body_to.string());
  }
  CHECK(folder.read("there") == "before");
  CHECK_FALSE(std::filesystem::exists(folder / "elsewhere"));
  CHECK(server.connections() == 0);
}
