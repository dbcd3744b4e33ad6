// Peers that do not answer, answer wrongly, or must not be asked.
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>

#include "daemon/runtime/http_client.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/folder.hpp"
#include "tests/runtime/server.hpp"

using namespace penstock;
using namespace std::chrono_literals;

namespace {

sdk::HttpRequest get(const std::string& url, core::Duration timeout = 5s) {
  sdk::HttpRequest request;
  request.url = url;
  request.allow_private = true;
  request.timeout = timeout;
  return request;
}

core::Problem problem_of(const sdk::HttpRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  const auto response = runtime::HttpClient().send(request);
  CHECK(std::chrono::steady_clock::now() - begin < std::max(request.timeout, core::Duration(0)) + 3s);
  REQUIRE(response.has_error());
  return response.error();
}

// What a server that only does `act` leads to.
core::Problem problem_with(const std::function<void(int)>& act, core::Duration timeout = 5s) {
  const TestServer server([&](const std::string&, int connection) {
    act(connection);
    return std::string();
  });
  auto problem = problem_of(get(server.url("/secret/path?token=secret"), timeout));
  CHECK(problem.where == "http://127.0.0.1:" + server.port());
  CHECK(to_text(problem).find("secret") == std::string::npos);
  return problem;
}

}  // namespace

TEST_CASE("a server that accepts and says nothing is a timeout") {
  const auto problem = problem_with([](int connection) { await_close(connection); }, 100ms);
  CHECK(problem.code == "timeout");
  CHECK(problem.transient);
  CHECK(problem.message == "there was no whole answer within 100ms (0 bytes had come)");
}

TEST_CASE("a server that sends a byte now and then is stopped by the time for the whole exchange") {
  for (const auto* head : {"HTTP/1.1 200 OK\r\nX-Slow: ", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"}) {
    const auto problem = problem_with(
        [&](int connection) {
          send_text(connection, head);
          while (send_text(connection, "x")) std::this_thread::sleep_for(5ms);
        },
        150ms);
    CHECK(problem.code == "timeout");
    CHECK(problem.transient);
  }
}

TEST_CASE("a request without time left is a timeout and is not sent") {
  const TestServer server([](const std::string&, int) { return http_answer("200 OK", ""); });
  for (const auto timeout : {0ms, -10ms}) CHECK(problem_of(get(server.url(), timeout)).code == "timeout");
  CHECK(server.connections() == 0);
}

TEST_CASE("an answer larger than accepted is refused, of known length or without end") {
  const TestFolder folder;
  const TestServer known([](const std::string&, int) { return http_answer("200 OK", std::string(1001, 'x')); });
  auto request = get(known.url());
  request.max_body = 1001;
  CHECK(runtime::HttpClient().send(request).value().body.size() == 1001);
  request.max_body = 1000;
  const auto problem = problem_of(request);
  CHECK(problem.code == "too-large");
  CHECK_FALSE(problem.transient);
  CHECK(problem.message == "the answer has more than the 1000 bytes that are accepted");

  const TestServer endless([](const std::string&, int connection) {
    send_text(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (send_text(connection, "2710\r\n" + std::string(10000, 'x') + "\r\n")) {
    }
    return std::string();
  });
  request = get(endless.url());
  CHECK(problem_of(request).code == "too-large");
  request.body_to = folder / "file";
  CHECK(problem_of(request).code == "too-large");
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("headers without end are refused") {
  CHECK(problem_with([](int connection) {
          send_text(connection, "HTTP/1.1 200 OK\r\n");
          while (send_text(connection, "X-More: " + std::string(1000, 'x') + "\r\n")) {
          }
        }).code == "too-large");
}

TEST_CASE("an answer that breaks off is no answer, and leaves no file") {
  const TestFolder folder;
  const TestServer server([](const std::string&, int connection) {
    send_text(connection, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
    return std::string();
  });
  auto request = get(server.url());
  request.body_to = folder / "file";
  const auto problem = problem_of(request);
  CHECK(problem.code == "unreachable");
  CHECK(problem.transient);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a server that closes at once, or does not speak HTTP, is unreachable") {
  CHECK(problem_with([](int) {}).code == "unreachable");
  CHECK(problem_with([](int connection) { send_text(connection, "SSH-2.0-OpenSSH_9.2\r\n"); }).code == "unreachable");
  const auto garbage = problem_with(
      [](int connection) { send_text(connection, "HTTP/1.1 200 OK\r\nContent-Length: \x1b[31mmany\r\n\r\n"); });
  CHECK(garbage.code == "unreachable");
  CHECK(garbage.message.find('\x1b') == std::string::npos);
}

TEST_CASE("a port where nobody listens is unreachable") {
  std::string url;
  {
    const TestServer gone([](const std::string&, int) { return std::string(); });
    url = gone.url();
  }
  const auto problem = problem_of(get(url));
  CHECK(problem.code == "unreachable");
  CHECK(problem.transient);
}

TEST_CASE("private addresses are refused by default, however they are spelled") {
  const TestServer server([](const std::string&, int) { return http_answer("200 OK", ""); });
  for (const auto* host :
       {"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "0.0.0.0", "[::1]", "[::]",
        "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "169.254.169.254", "10.1.2.3"}) {
    auto request = get("http://" + std::string(host) + ":" + server.port() + "/");
    request.allow_private = false;
    const auto problem = problem_of(request);
    CHECK(problem.code == "address-refused");
    CHECK_FALSE(problem.transient);
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("a kept-alive connection to a private address serves no request that may not go there") {
  const TestServer server([](const std::string&, int) { return http_answer("200 OK", ""); });
  runtime::HttpClient client;
  auto request = get(server.url());
  client.send(request).value();
  request.allow_private = false;
  CHECK(client.send(request).error().code == "address-refused");
  CHECK(server.requests().size() == 1);
}

TEST_CASE("only http and https URLs without credentials are used, and a refused one is not shown") {
  for (const auto* url :
       {"", "secret", "//secret/", "/secret", "file:///etc/passwd", "ftp://secret/", "gopher://secret/", "http://",
        "http://a b/secret", "http://me:secret@127.0.0.1/", "http://secret@127.0.0.1/", "https://:secret@127.0.0.1/",
        "http://127.0.0.1:99999/secret", "http://127.0.0.1/\r\nX: secret", "http://[::1/secret", "javascript:secret"}) {
    const auto problem = problem_of(get(url));
    CHECK(problem.code == "bad-url");
    CHECK(to_text(problem).find("secret") == std::string::npos);
  }
  CHECK(problem_of(get(std::string("http://127.0.0.1\0.example/", 26))).code == "bad-url");
}

TEST_CASE("headers and methods that would change the request's shape are refused, and their values not shown") {
  const TestServer server([](const std::string&, int) { return http_answer("200 OK", ""); });
  for (const auto& [name, value] : sdk::Headers{{"X", "a\r\nY: secret"},
                                                {"X", "secret\n"},
                                                {"X", std::string("secret\0", 7)},
                                                {"X: a\r\nY", "secret"},
                                                {"", "secret"},
                                                {"X Y", "secret"},
                                                {"X:", "secret"}}) {
    auto request = get(server.url());
    request.headers = {{name, value}};
    const auto problem = problem_of(request);
    CHECK(problem.code == "bad-request");
    CHECK(to_text(problem).find("secret") == std::string::npos);
  }
  for (const auto* method : {"", "GET /x HTTP/1.1\r\nX: y\r\n", "G T"}) {
    auto request = get(server.url());
    request.method = method;
    CHECK(problem_of(request).code == "bad-request");
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("a file that cannot be written to its end is a Problem, and is removed") {
  const TestServer server([](const std::string&, int) { return http_answer("200 OK", std::string(100'000, 'x')); });
  const TestFolder folder;
  auto request = get(server.url());
  request.body_to = folder / "file";
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{50'000, before.rlim_max};
  ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto response = runtime::HttpClient().send(request);
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, SIG_DFL);
  REQUIRE(response.has_error());
  CHECK(response.error().code == "store-failed");
  CHECK(response.error().message.find("File too large") != std::string::npos);
  CHECK(std::filesystem::is_empty(folder.path()));
}
