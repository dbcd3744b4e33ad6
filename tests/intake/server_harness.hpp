// A server on a loopback port, and a client that sends exactly the bytes it is told to.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "daemon/intake/server.hpp"

namespace penstock::intake::harness {

// Runs a server on a thread of its own from construction to stop().
class Running {
 public:
  explicit Running(Routes routes, Limits limits = {});
  ~Running();
  std::uint16_t port() const { return port_; }
  // Stops it and waits for its thread; returns what Server::stop() did.
  std::size_t stop(std::chrono::milliseconds grace = std::chrono::seconds(2));
  std::vector<Fault> faults();
  std::vector<Answered> answered();

 private:
  std::mutex mutex_;
  std::vector<Fault> faults_;
  std::vector<Answered> answered_;
  asio::io_context context_{1};
  std::optional<Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

struct Answer {
  int status = 0;                              // 0: the connection ended before an answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // chunks put together
  bool whole = false;                          // its framing was kept
};
inline nlohmann::json body_of(const Answer& answer) { return nlohmann::json::parse(answer.body); }

class Client {
 public:
  explicit Client(std::uint16_t port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  void send(const std::string& bytes);
  // The next answer; `to_head`: one without a body.
  Answer receive(bool to_head = false);
  // Everything until the server closes; stops after 3 s.
  std::string drain();
  // The server closed, and nothing is left to read.
  bool ended();
  void shut_down_sending();
  int descriptor() const { return socket_; }

 private:
  bool fill();
  int socket_ = -1;
  std::string bytes_;
};

// "GET /x HTTP/1.1" with a Host and whatever `fields` hold ("A: b\r\n").
std::string request(const std::string& line, const std::string& fields = "", const std::string& body = "");
Answer ask(std::uint16_t port, const std::string& bytes);

using Handler = std::function<asio::awaitable<Response>(Request)>;
Route route(const std::string& method, const std::string& path, Handler handler);
// Answers with what it was given, as JSON.
asio::awaitable<Response> echo(Request request);

}  // namespace penstock::intake::harness
