#include "tests/intake/server_harness.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <stdexcept>

namespace penstock::intake::harness {

Running::Running(Routes routes, Limits limits) {
  Server::Parts parts{.executor = context_.get_executor(), .routes = std::move(routes), .authenticate = {}};
  parts.limits = limits;
  parts.authenticate = [](const Request& request) -> core::Result<Caller> {
    const auto token = request.header("authorization");
    if (token == "Bearer person") return Caller{.name = "ada", .person = true, .groups = {}};
    if (token == "Bearer service") return Caller{.name = "ci", .person = false, .groups = {}};
    if (token == "Bearer bug") throw std::runtime_error("the token store is on fire");
    return core::Problem{"unauthenticated", "no valid token", {}, "send one"};
  };
  parts.on_fault = [this](const Fault& fault) {
    const std::lock_guard lock(mutex_);
    faults_.push_back(fault);
  };
  parts.on_answer = [this](const Answered& answered) {
    const std::lock_guard lock(mutex_);
    answered_.push_back(answered);
  };
  server_.emplace(std::move(parts));
  port_ = server_->listen("127.0.0.1", 0).value();
  thread_ = std::thread([this] { context_.run(); });
}

Running::~Running() {
  if (thread_.joinable()) stop();
}

std::size_t Running::stop(std::chrono::milliseconds grace) {
  auto cut = asio::co_spawn(context_, server_->stop(grace), asio::use_future).get();
  context_.stop();
  thread_.join();
  return cut;
}

std::vector<Fault> Running::faults() {
  const std::lock_guard lock(mutex_);
  return faults_;
}

std::vector<Answered> Running::answered() {
  const std::lock_guard lock(mutex_);
  return answered_;
}

Client::Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{.tv_sec = 3, .tv_usec = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect");
}

Client::~Client() { ::close(socket_); }

void Client::send(const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;  // the server has closed: the test sees that in what it receives
    sent += static_cast<std::size_t>(count);
  }
}

bool Client::fill() {
  char piece[16384];
  const auto count = ::recv(socket_, piece, sizeof piece, 0);
  if (count <= 0) return false;
  bytes_.append(piece, static_cast<std::size_t>(count));
  return true;
}

Answer Client::receive(bool to_head) {
  Answer answer;
  std::size_t end = 0;
  while ((end = bytes_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return answer;
  const auto head = bytes_.substr(0, end + 2);
  bytes_.erase(0, end + 4);
  answer.status = std::stoi(head.substr(9, 3));
  for (auto at = head.find("\r\n") + 2; at < head.size();) {
    const auto line_end = head.find("\r\n", at);
    const auto colon = head.find(':', at);
    auto name = head.substr(at, colon - at);
    for (auto& letter : name) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    answer.headers[name] = head.substr(colon + 2, line_end - colon - 2);
    at = line_end + 2;
  }
  if (to_head || answer.status == 100 || answer.status == 204) {
    answer.whole = true;
  } else if (answer.headers.count("content-length") > 0) {
    const auto length = std::stoul(answer.headers["content-length"]);
    while (bytes_.size() < length)
      if (!fill()) return answer;
    answer.body = bytes_.substr(0, length);
    bytes_.erase(0, length);
    answer.whole = true;
  } else if (answer.headers.count("transfer-encoding") > 0) {
    for (;;) {
      std::size_t line = 0;
      while ((line = bytes_.find("\r\n")) == std::string::npos)
        if (!fill()) return answer;
      const auto length = std::stoul(bytes_.substr(0, line), nullptr, 16);
      while (bytes_.size() < line + 4 + length)
        if (!fill()) return answer;
      answer.body += bytes_.substr(line + 2, length);
      bytes_.erase(0, line + 4 + length);
      if (length == 0) break;
    }
    answer.whole = true;
  } else {
    answer.body = drain();
  }
  return answer;
}

std::string Client::drain() {
  while (fill()) continue;
  return std::exchange(bytes_, {});
}

bool Client::ended() {
  char byte = 0;
  return bytes_.empty() && ::recv(socket_, &byte, 1, 0) == 0;
}

void Client::shut_down_sending() { ::shutdown(socket_, SHUT_WR); }

std::string request(const std::string& line, const std::string& fields, const std::string& body) {
  return line + "\r\nHost: localhost\r\n" + fields + "\r\n" + body;
}

Answer ask(std::uint16_t port, const std::string& bytes) {
  Client client(port);
  client.send(bytes);
  return client.receive(bytes.substr(0, 5) == "HEAD ");
}

Route route(const std::string& method, const std::string& path, Handler handler) {
  Route row;
  row.method = method;
  row.path = path;
  row.operation = method + path;
  row.summary = "For a test.";
  row.access = Access::open;
  if (method != "GET") row.request_schema = {{"type", "object"}};
  row.handler = std::move(handler);
  return row;
}

asio::awaitable<Response> echo(Request given) {
  nlohmann::json seen{{"method", given.method},         {"path", given.path}, {"query", given.query},
                      {"parameters", given.parameters}, {"body", given.body}, {"remote", given.remote}};
  seen["caller"] = given.caller ? given.caller->name : "";
  for (const auto& [name, value] : given.headers) seen["headers"][name] = value;
  co_return json_response(200, seen);
}

}  // namespace penstock::intake::harness
