#include "daemon/intake/server.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <list>

#include "daemon/intake/connection.hpp"
#include "daemon/intake/server_shared.hpp"

namespace penstock::intake {
namespace {

using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

// Refusing politely takes a connection too; beyond this many at once they are just closed.
constexpr std::size_t most_turned_away = 64;

asio::ip::address plain_address(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address;
}

// One customer's line: an IPv4 address, or the /64 that an IPv6 customer has at least.
std::string place_of(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return asio::ip::address_v6(bytes).to_string();
}

std::optional<core::Problem> too_many(const Shared& shared, const std::string& place) {
  std::string message;
  const auto counted = shared.per_address.find(place);
  if (shared.served >= shared.limits.connections)
    message = std::to_string(shared.served) + " connections are open, the most allowed";
  else if (counted != shared.per_address.end() && counted->second >= shared.limits.connections_per_address)
    message = std::to_string(counted->second) + " connections are open from your address, the most allowed";
  if (message.empty()) return std::nullopt;
  return core::Problem{"overloaded", message, {}, "close idle ones, or try again later", true};
}

asio::awaitable<void> serve(std::shared_ptr<Connection> connection) { co_await connection->serve(); }

asio::awaitable<void> turn_away(std::shared_ptr<Connection> connection, core::Problem problem) {
  co_await connection->turn_away(std::move(problem));
}

void welcome(const std::shared_ptr<Shared>& shared, Socket socket, const asio::ip::address& peer) {
  const auto address = plain_address(peer);
  auto place = place_of(address);
  auto problem = too_many(*shared, place);
  if (problem && shared->turned_away >= most_turned_away) return;  // closes
  auto connection = std::make_shared<Connection>(shared, std::move(socket), address.to_string(), std::move(place),
                                                 problem.has_value());
  if (problem)
    asio::co_spawn(shared->executor, turn_away(std::move(connection), std::move(*problem)), asio::detached);
  else
    asio::co_spawn(shared->executor, serve(std::move(connection)), asio::detached);
}

asio::awaitable<void> accept_all(std::shared_ptr<Shared> shared, std::shared_ptr<Acceptor> acceptor) {
  constexpr std::chrono::milliseconds shortest(20);
  constexpr std::chrono::milliseconds longest(1000);
  auto pause = shortest;
  Timer timer(shared->executor);
  while (acceptor->is_open()) {
    asio::ip::tcp::endpoint peer;
    boost::system::error_code error;
    auto socket = co_await acceptor->async_accept(peer, asio::redirect_error(asio::use_awaitable, error));
    if (!acceptor->is_open()) break;
    if (!error) {
      pause = shortest;
      welcome(shared, std::move(socket), peer.address());
      continue;
    }
    // A peer that went while it waited is its own matter. Without descriptors or memory, accepting again at once would
    // only spin: those that are open must end first.
    if (error == asio::error::connection_aborted) continue;
    shared->report({"", "accept", "cannot accept connections: " + error.message()});
    timer.expires_after(pause);
    pause = std::min(pause * 2, longest);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

// One timer for all deadlines: setting one costs a connection no more than writing down a time.
asio::awaitable<void> watch_deadlines(std::shared_ptr<Shared> shared) {
  const auto length = shared->tick_length();
  boost::system::error_code error;
  while (!shared->stopped) {
    const auto now = Connection::Clock::now();
    for (auto* connection : shared->connections) connection->check_deadline(now);
    shared->tick.expires_after(length);
    co_await shared->tick.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

core::Problem cannot_listen(const std::string& where, const std::string& why) {
  return {"cannot-listen", "cannot listen: " + why, where,
          "choose an IP address of this machine and a port that nothing else uses"};
}

}  // namespace

struct Server::Listening {
  std::shared_ptr<Shared> shared;
  std::list<std::shared_ptr<Acceptor>> acceptors;

  void close_acceptors() {
    boost::system::error_code ignored;
    for (auto& acceptor : acceptors) acceptor->close(ignored);
  }
  void close_connections() {
    shared->stopped = true;
    for (auto* connection : shared->connections) connection->close();
    shared->tick.cancel();
  }
};

Server::Server(Parts parts) : listening_(std::make_unique<Listening>()) {
  listening_->shared = std::make_shared<Shared>(std::move(parts));
  const auto& shared = listening_->shared;
  asio::co_spawn(shared->executor, watch_deadlines(shared), asio::detached);
}

Server::~Server() {
  listening_->shared->stopping = true;
  listening_->close_acceptors();
  listening_->close_connections();
}

core::Result<std::uint16_t> Server::listen(const std::string& address, std::uint16_t port) {
  const auto where = address + " port " + std::to_string(port);
  boost::system::error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) return cannot_listen(where, "not an IP address");
  const asio::ip::tcp::endpoint endpoint(parsed, port);
  const auto acceptor = std::make_shared<Acceptor>(listening_->shared->executor);
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
  const auto bound = error ? asio::ip::tcp::endpoint() : acceptor->local_endpoint(error);
  if (error) return cannot_listen(where, error.message());
  listening_->acceptors.push_back(acceptor);
  asio::co_spawn(listening_->shared->executor, accept_all(listening_->shared, acceptor), asio::detached);
  return bound.port();
}

asio::awaitable<std::size_t> Server::stop(std::chrono::milliseconds grace) {
  const auto shared = listening_->shared;
  shared->stopping = true;
  listening_->close_acceptors();
  for (auto* connection : shared->connections) connection->end_if_idle();
  if (!shared->connections.empty()) {
    shared->drained.expires_after(grace);
    boost::system::error_code ignored;
    co_await shared->drained.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  const auto left = shared->connections.size();
  listening_->close_connections();
  co_return left;
}

std::size_t Server::connections() const { return listening_->shared->served; }

}  // namespace penstock::intake
