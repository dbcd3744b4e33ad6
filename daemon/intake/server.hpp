// The HTTP/1.1 server: accepts, guards, routes, authenticates, answers.
//
// Lives on one thread: everything, stop() included, is called on the executor's. No TLS: put a reverse proxy before it,
// or listen on loopback.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "daemon/core/result.hpp"
#include "daemon/intake/http.hpp"
#include "daemon/intake/server_limits.hpp"

namespace penstock::intake {

// Who sends the request; the Problem's code decides the status ("unauthenticated": 401). Asked before the body is read,
// so `body` is empty.
using Authenticate = std::function<core::Result<Caller>(const Request&)>;

// A handler that threw, or whose answer was no HTTP. The caller was told 500 and the request id, nothing else.
struct Fault {
  std::string request_id;
  std::string operation;
  std::string what;
};

struct Answered {
  std::string operation;  // Route::operation; empty when no route was found
  int status = 0;
  std::chrono::steady_clock::duration took{};  // from the whole head to the written answer
};

class Server {
 public:
  struct Parts {
    asio::io_context::executor_type executor;
    Routes routes;
    Authenticate authenticate;
    Limits limits = {};
    std::function<void(const Fault&)> on_fault = {};  // without it faults are logged as `http.fault`
    std::function<void(const Answered&)> on_answer = {};
  };
  // Throws std::invalid_argument for a route table that cannot be meant (see Router).
  explicit Server(Parts parts);
  // Closes what is open at once; the executor's context must still be there.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens on an IP address; may be called for several. Returns the port, chosen by the system for port 0.
  // Problem "cannot-listen".
  core::Result<std::uint16_t> listen(const std::string& address, std::uint16_t port);

  // Stops accepting, ends idle connections, lets requests in flight finish for at most `grace`, then closes the rest.
  // Streamed answers are told to end. Returns how many connections were cut off.
  asio::awaitable<std::size_t> stop(std::chrono::milliseconds grace);

  // Open now, without those being refused.
  std::size_t connections() const;

 private:
  struct Listening;
  std::unique_ptr<Listening> listening_;
};

}  // namespace penstock::intake
