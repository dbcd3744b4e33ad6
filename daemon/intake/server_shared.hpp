// What a server's connections share. Inside intake only; one thread.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <ctime>
#include <list>
#include <map>
#include <string>

#include "daemon/intake/router.hpp"
#include "daemon/intake/server.hpp"

namespace penstock::intake {

// Not any_io_executor: sockets and timers of the busiest path pay no type erasure.
using Executor = asio::io_context::executor_type;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

class Connection;

// Owned by the server and by every connection, so that a connection may outlive the server's destructor.
struct Shared {
  explicit Shared(Server::Parts parts);

  Executor executor;
  Limits limits;
  Router router;
  Authenticate authenticate;
  std::function<void(const Fault&)> on_fault;
  std::function<void(const Answered&)> on_answer;

  bool stopping = false;
  bool stopped = false;  // everything is closed
  Timer drained;         // its wait is cancelled when the last connection goes while stopping
  Timer tick;

  std::list<Connection*> connections;  // each removes itself when it dies
  std::size_t served = 0;              // those of `connections` that are being served
  std::size_t turned_away = 0;         // those that are being refused
  std::map<std::string, std::size_t> per_address;
  std::size_t bodies_bytes = 0;

  // Tells on_fault, or the log when there is none.
  void report(const Fault& fault) const;
  // Different for every request of this process, and most likely of all others.
  std::string next_request_id();
  // The Date field's value (RFC 9110 §5.6.7), printed once a second.
  const std::string& date();
  // How often deadlines are looked at.
  std::chrono::milliseconds tick_length() const;

 private:
  std::string id_prefix_;
  std::uint64_t last_id_ = 0;
  std::time_t date_at_ = 0;
  std::string date_;
};

}  // namespace penstock::intake
