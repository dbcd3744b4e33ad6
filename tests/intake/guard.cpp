#include "daemon/intake/guard.hpp"

#include "tests/catch.hpp"
#include "tests/intake/server_harness.hpp"

using namespace penstock::intake;
using namespace penstock::intake::harness;

namespace {

struct Hostile {
  const char* what;
  std::string bytes;
  int status;
};

const std::string post = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
const std::string get = "GET /x HTTP/1.1\r\nHost: a\r\n";

std::vector<Hostile> hostile_requests() {
  return {
      // Framing, RFC 9112 §6
      {"a coding other than chunked", post + "Transfer-Encoding: gzip\r\n\r\n{}", 400},
      {"gzip, then a length", post + "Transfer-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 400},
      {"gzip under chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"chunked not last", post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400},
      {"chunked twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunked in two fields", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"identity", post + "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}", 400},
      {"an empty coding", post + "Transfer-Encoding:\r\nContent-Length: 2\r\n\r\n{}", 400},
      {"a coding that looks like chunked", post + "Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n\r\n{}", 400},
      {"a quoted coding", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400},
      {"a coding with a parameter", post + "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n", 400},
      {"an empty member before chunked", post + "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunked and a length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
      {"a length and chunked", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunked on HTTP/1.0", "POST /x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"a list of equal lengths", post + "Content-Length: 2, 2\r\n\r\n{}", 400},
      {"two equal lengths", post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400},
      {"two different lengths", post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", 400},
      {"a length with a leading zero", post + "Content-Length: 02\r\n\r\n{}", 400},
      {"a length with a sign", post + "Content-Length: +2\r\n\r\n{}", 400},
      {"a negative length", post + "Content-Length: -2\r\n\r\n{}", 400},
      {"a hexadecimal length", post + "Content-Length: 0x2\r\n\r\n{}", 400},
      {"a length with a space inside", post + "Content-Length: 1 2\r\n\r\n{}", 400},
      {"an empty length", post + "Content-Length:\r\n\r\n{}", 400},
      {"a length beyond 64 bits", post + "Content-Length: 99999999999999999999\r\n\r\n{}", 400},
      {"a length beyond 18 digits", post + "Content-Length: 9999999999999999999\r\n\r\n{}", 400},
      {"a chunk size that is no number", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 400},
      {"a chunk size with 0x", post + "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n", 400},
      {"a chunk size beyond 64 bits", post + "Transfer-Encoding: chunked\r\n\r\n11111111111111112\r\n{}\r\n0\r\n\r\n",
       400},
      {"a chunk longer than its size", post + "Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n", 400},
      {"a chunk line ending in LF", post + "Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n", 400},
      // Host, RFC 9112 §3.2
      {"no Host", "GET /x HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"an empty Host", "GET /x HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"a Host with a path", "GET /x HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"a Host with a user", "GET /x HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
      {"a Host with a list", "GET /x HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"a Host with a bad port", "GET /x HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
      {"a Host with a port too high", "GET /x HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400},
      {"a Host with an open bracket", "GET /x HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
      {"a Host with a query", "GET /x HTTP/1.1\r\nHost: a?b\r\n\r\n", 400},
      // Fields, RFC 9112 §5
      {"a folded field", get + "A: b\r\n c\r\n\r\n", 400},
      {"a field folded with a tab", get + "A: b\r\n\tc\r\n\r\n", 400},
      {"a folded coding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400},
      {"a first field with a space before it", "GET /x HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"a space before the colon", get + "A : b\r\n\r\n", 400},
      {"a space before the coding's colon", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400},
      {"a field without a colon", get + "A\r\n\r\n", 400},
      {"a field without a name", get + ": b\r\n\r\n", 400},
      {"a field name with a byte that is no token", get + "A[]: b\r\n\r\n", 400},
      {"a field name that is not ASCII", get + "\xc3\xa4: b\r\n\r\n", 400},
      {"a NUL in a value", get + std::string("A: b\0c\r\n\r\n", 10), 400},
      {"a control character in a value",
       get + "A: b\x01"
             "c\r\n\r\n",
       400},
      {"a DEL in a value", get + "A: b\x7f\r\n\r\n", 400},
      {"a bare CR in a value", get + "A: b\rc\r\n\r\n", 400},
      {"a bare LF between fields", get + "A: b\nB: c\r\n\r\n", 400},
      {"bare LFs throughout", "GET /x HTTP/1.1\nHost: a\n\n", 400},
      {"a bare LF before the body", post + "Content-Length: 2\r\n\n{}", 400},
      {"two Authorizations", get + "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", 400},
      {"two Content-Types", post + "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 400},
      {"two Idempotency-Keys", get + "Idempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n", 400},
      {"an unknown expectation", post + "Expect: 200-ok\r\nContent-Length: 2\r\n\r\n{}", 417},
      {"a hundred and one fields",
       get +
           [] {
             std::string fields;
             for (int i = 0; i < 100; ++i) fields += "A: b\r\n";
             return fields;
           }() +
           "\r\n",
       431},
      {"a field that is too large", get + "A: " + std::string(17000, 'b') + "\r\n\r\n", 431},
      {"a field that is too large and never ends", get + "A: " + std::string(17000, 'b'), 431},
      // Request line, RFC 9112 §3
      {"a target that is too long", "GET /" + std::string(8000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {"a target that never ends", "GET /" + std::string(9000, 'x'), 414},
      {"a target that is not ASCII", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a target with a fragment", "GET /x#y HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a target with a space", "GET /x y HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a target in absolute form", "GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a target in authority form", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"a target in asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a target without a slash", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a tab in the request line", "GET\t/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two spaces in the request line", "GET  /x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a space before the method", " GET /x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a space after the version", "GET /x HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"no version", "GET /x\r\nHost: a\r\n\r\n", 400},
      {"a version in lower case", "GET /x http/1.1\r\nHost: a\r\n\r\n", 400},
      {"a version that is no number", "GET /x HTTP/1.x\r\nHost: a\r\n\r\n", 400},
      {"a version with leading zeros", "GET /x HTTP/01.1\r\nHost: a\r\n\r\n", 400},
      {"HTTP/0.9", "GET /x HTTP/0.9\r\nHost: a\r\n\r\n", 505},
      {"HTTP/1.2", "GET /x HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"TRACE", "TRACE /x HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"TRACE with a body", "TRACE /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 501},
      {"an unknown method", "BREW /x HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"a method in lower case", "get /x HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"a method that is no token", "G(T /x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two empty lines before the request", "\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"TLS on this port", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400},
  };
}

}  // namespace

TEST_CASE("every hostile request is refused, and what follows it on the connection is never processed") {
  int called = 0;
  const auto count = [&called](Request given) -> asio::awaitable<Response> {
    ++called;
    return echo(std::move(given));
  };
  Running server({route("GET", "/x", count), route("POST", "/x", count), route("GET", "/after", count)});
  for (const auto& hostile : hostile_requests()) {
    INFO(hostile.what);
    Client client(server.port());
    client.send(hostile.bytes + request("GET /after HTTP/1.1"));
    auto answer = client.receive();
    CHECK(answer.status == hostile.status);
    CHECK(answer.headers["connection"] == "close");
    CHECK(answer.headers["content-type"] == "application/problem+json");
    const auto problem = nlohmann::json::parse(answer.body);
    CHECK(problem["status"] == hostile.status);
    CHECK(!problem["detail"].get<std::string>().empty());
    CHECK(!problem["request_id"].get<std::string>().empty());
    CHECK(client.drain() == "");
  }
  server.stop();
  CHECK(called == 0);
}

TEST_CASE("a head that arrives byte by byte is judged as one that arrives at once") {
  const Limits limits;
  for (const auto& hostile : hostile_requests()) {
    INFO(hostile.what);
    HeadScan at_once(limits);
    HeadScan slowly(limits);
    const auto expected = at_once.feed(hostile.bytes);
    auto state = HeadScan::State::more;
    for (std::size_t i = 1; i <= hostile.bytes.size() && state == HeadScan::State::more; ++i)
      state = slowly.feed(std::string_view(hostile.bytes).substr(0, i));
    CHECK(state == expected);
    CHECK(slowly.end() == at_once.end());
    CHECK(slowly.refusal().problem == at_once.refusal().problem);
  }
}

TEST_CASE("what is unusual but clear is served") {
  Running server({route("GET", "/x", echo), route("POST", "/x", echo)});
  const std::vector<std::pair<const char*, std::string>> requests = {
      {"an empty line before the request", "\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a Host with a port", "GET /x HTTP/1.1\r\nHost: a.example:8080\r\n\r\n"},
      {"a Host with an IPv6 address", "GET /x HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"},
      {"HTTP/1.0 without a Host", "GET /x HTTP/1.0\r\n\r\n"},
      {"a tab around a value", "GET /x HTTP/1.1\r\nHost:\ta\t\r\n\r\n"},
      {"Latin-1 in a value", "GET /x HTTP/1.1\r\nHost: a\r\nA: \xe4\r\n\r\n"},
      {"an empty value", "GET /x HTTP/1.1\r\nHost: a\r\nA:\r\n\r\n"},
      {"Content-Length: 0 on a GET", "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"},
      {"Chunked in capitals", post + "Transfer-Encoding: CHUNKED\r\n\r\n2\r\n{}\r\n0\r\n\r\n"},
      {"a chunk extension", post + "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\n"},
      {"a target of 8000 bytes", "GET /x?" + std::string(7997, '&') + " HTTP/1.1\r\nHost: a\r\n\r\n"},
  };
  for (const auto& [what, bytes] : requests) {
    INFO(what);
    CHECK(ask(server.port(), bytes).status == 200);
  }
}

TEST_CASE("fields of a trailer never become header fields") {
  Running server({route("POST", "/x", echo)});
  const auto answer =
      ask(server.port(), post +
                             "Transfer-Encoding: chunked\r\nTrailer: X-Hub-Signature-256\r\n\r\n2\r\n{}\r\n"
                             "0\r\nX-Hub-Signature-256: forged\r\nHost: evil\r\nAuthorization: Bearer person\r\n\r\n");
  REQUIRE(answer.status == 200);
  const auto seen = nlohmann::json::parse(answer.body);
  CHECK(seen["body"] == "{}");
  CHECK(seen["headers"].count("x-hub-signature-256") == 0);
  CHECK(seen["headers"].count("authorization") == 0);
  CHECK(seen["headers"]["host"] == "a");
}

TEST_CASE("a trailer does not end a connection that is kept alive, nor prolong one that closes") {
  Running server({route("POST", "/x", echo), route("GET", "/x", echo)});
  Client client(server.port());
  client.send(post + "Transfer-Encoding: chunked\r\n\r\n0\r\nConnection: close\r\n\r\n" + request("GET /x HTTP/1.1"));
  CHECK(client.receive().status == 200);
  CHECK(client.receive().status == 200);
  client.send(post + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(client.receive().headers["connection"] == "close");
  CHECK(client.ended());
}
