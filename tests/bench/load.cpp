// The load generator of the benchmarks: talks HTTP/1.1 to a penstockd on loopback and prints one JSON line of what it
// saw.
//
//   bench_load ingest     --port P --connections 64 --count N --hook NAME --secret FILE    signed hooks, each new
//   bench_load promotions --port P --connections 64 --count N --model NAME --token FILE    submit, then wait until live
//   bench_load first-gate --port P --count N --model NAME --token FILE --listen Q          submit, until the gate calls
//   port Q
//
// Latencies are those that a caller sees, in milliseconds. Ends with 1 when any request was not answered as it should
// be.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/runtime/digest.hpp"

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using std::chrono::steady_clock;

struct Options {
  std::uint16_t port = 0;
  std::uint16_t listen = 0;
  int connections = 1;
  int count = 1000;
  std::string hook, model, secret_file, token_file;
};

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

struct Seen {
  std::vector<double> milliseconds;
  int asked = 0;  // how many were begun, so that the connections share the count
  int failed = 0;
  std::string first_failure;

  void add(steady_clock::time_point since) {
    milliseconds.push_back(std::chrono::duration<double, std::milli>(steady_clock::now() - since).count());
  }
  void fail(const std::string& what) {
    if (failed++ == 0) first_failure = what;
  }
  double percentile(double share) {
    if (milliseconds.empty()) return 0;
    std::sort(milliseconds.begin(), milliseconds.end());
    return milliseconds[static_cast<std::size_t>(share * static_cast<double>(milliseconds.size() - 1))];
  }
};

// One kept-alive connection.
class Connection {
 public:
  explicit Connection(asio::any_io_executor executor) : socket_(executor) {}
  asio::awaitable<void> open(std::uint16_t port) {
    const tcp::endpoint daemon(asio::ip::address_v4::loopback(), port);
    co_await socket_.async_connect(daemon, asio::use_awaitable);
    socket_.set_option(tcp::no_delay(true));
  }
  asio::awaitable<http::response<http::string_body>> call(std::string request) {
    co_await asio::async_write(socket_, asio::buffer(request), asio::use_awaitable);
    http::response<http::string_body> response;
    co_await http::async_read(socket_, buffer_, response, asio::use_awaitable);
    co_return response;
  }

 private:
  tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

// Standard Webhooks 1.0; `key` signs as it is written.
std::string signature_headers(const std::string& key, const std::string& id, const std::string& body) {
  const auto timestamp = std::to_string(std::time(nullptr));
  const auto mac = penstock::runtime::hmac_sha256(key, id + "." + timestamp + "." + body);
  return "webhook-id: " + id + "\r\nwebhook-timestamp: " + timestamp + "\r\nwebhook-signature: v1," +
         penstock::runtime::base64(mac) + "\r\n";
}

std::string post(const std::string& path, const std::string& headers, const std::string& body) {
  return "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Different in each run, so that no run repeats what another did.
const std::string run_id = std::to_string(std::chrono::system_clock::now().time_since_epoch().count());

asio::awaitable<void> ingest(const Options& options, Seen& seen) {
  Connection connection(co_await asio::this_coro::executor);
  co_await connection.open(options.port);
  const auto key = first_line(options.secret_file);
  const std::string body = R"({"ref":"refs/heads/main","commits":[")" + std::string(700, 'c') + R"("]})";
  while (seen.asked < options.count) {
    const auto id = run_id + "-" + std::to_string(seen.asked++);
    auto request = post("/hooks/" + options.hook, signature_headers(key, id, body), body);
    const auto since = steady_clock::now();
    const auto answer = co_await connection.call(std::move(request));
    seen.add(since);
    if (answer.result_int() != 202) seen.fail(answer.body());
  }
}

std::string submission(const Options& options, int number) {
  const auto body = nlohmann::json{{"model", options.model}, {"version", run_id + "." + std::to_string(number)}}.dump();
  return post("/v1/candidates", "Authorization: Bearer " + first_line(options.token_file) + "\r\n", body);
}

asio::awaitable<void> promotions(const Options& options, Seen& seen, int lane) {
  Connection connection(co_await asio::this_coro::executor);
  co_await connection.open(options.port);
  auto mine = options;
  mine.model += "-" + std::to_string(lane);
  const auto authorization = "Host: 127.0.0.1\r\nAuthorization: Bearer " + first_line(options.token_file) + "\r\n\r\n";
  while (seen.asked < options.count) {
    auto request = submission(mine, seen.asked++);
    const auto since = steady_clock::now();
    const auto answer = co_await connection.call(std::move(request));
    if (answer.result_int() != 201) {
      seen.fail(answer.body());
      continue;
    }
    const auto document = nlohmann::json::parse(answer.body());
    const auto href = document["promotions"][0]["href"].get<std::string>();
    auto wait = "GET " + href + "?wait=30s HTTP/1.1\r\n" + authorization;
    const auto end = co_await connection.call(std::move(wait));
    seen.add(since);
    if (end.body().find("\"phase\":\"live\"") == std::string::npos) seen.fail(end.body());
  }
}

// Each candidate's gate asks the listener, which notes when it was asked.
asio::awaitable<void> first_gate(const Options& options, Seen& seen) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::acceptor listener(executor, tcp::endpoint(asio::ip::address_v4::loopback(), options.listen));
  Connection connection(executor);
  co_await connection.open(options.port);
  while (seen.asked < options.count) {
    auto request = submission(options, seen.asked++);
    const auto since = steady_clock::now();
    const auto answer = co_await connection.call(std::move(request));
    if (answer.result_int() != 201) seen.fail(answer.body());
    auto caller = co_await listener.async_accept(asio::use_awaitable);
    seen.add(since);
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> asked;
    co_await http::async_read(caller, buffer, asked, asio::use_awaitable);
    http::response<http::string_body> fine(http::status::ok, 11, "{}");
    fine.set(http::field::content_type, "application/json");
    fine.keep_alive(false);
    fine.prepare_payload();
    co_await http::async_write(caller, fine, asio::use_awaitable);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Load for the benchmarks");
  Options options;
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--port", options.port)->required();
  app.add_option("--listen", options.listen);
  app.add_option("--connections", options.connections);
  app.add_option("--count", options.count);
  app.add_option("--hook", options.hook);
  app.add_option("--model", options.model);
  app.add_option("--secret", options.secret_file);
  app.add_option("--token", options.token_file);
  const auto* ingesting = app.add_subcommand("ingest");
  const auto* promoting = app.add_subcommand("promotions");
  app.add_subcommand("first-gate");
  CLI11_PARSE(app, argc, argv);

  asio::io_context context(1);
  Seen seen;
  const auto failed = [&](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  };
  const auto since = steady_clock::now();
  for (int i = 0; i < options.connections; ++i) {
    if (ingesting->parsed())
      asio::co_spawn(context, ingest(options, seen), failed);
    else if (promoting->parsed())
      asio::co_spawn(context, promotions(options, seen, i), failed);
    else
      asio::co_spawn(context, first_gate(options, seen), failed);
  }
  try {
    context.run();
  } catch (const std::exception& error) {
    seen.fail(error.what());
  }
  const std::chrono::duration<double> took = steady_clock::now() - since;
  const auto done = seen.milliseconds.size();
  std::cout << nlohmann::json{{"count", done},
                              {"per_s", static_cast<double>(done) / took.count()},
                              {"p50_ms", seen.percentile(0.5)},
                              {"p99_ms", seen.percentile(0.99)},
                              {"failed", seen.failed},
                              {"first_failure", seen.first_failure}}
                   .dump()
            << '\n';
  return seen.failed == 0 ? 0 : 1;
}
