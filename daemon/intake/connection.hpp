// One client's connection, from the accept to the close. Inside intake only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <memory>
#include <optional>
#include <string>

#include "daemon/intake/server_shared.hpp"

namespace penstock::intake {

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

class RequestParser;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  // Counts itself in `shared` until it dies. `place` is what connections are counted by: an address or an IPv6 /64.
  Connection(std::shared_ptr<Shared> shared, Socket socket, std::string remote, std::string place, bool turned_away);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Serves requests until the connection ends. The caller keeps the connection alive meanwhile.
  asio::awaitable<void> serve();
  // Answers whatever comes with 503 and closes.
  asio::awaitable<void> turn_away(core::Problem problem);

  // Called now and then: ends a read or a write that is past its deadline.
  void check_deadline(Clock::time_point now);
  // Ends a connection that waits for its next request.
  void end_if_idle();
  void close();

 private:
  enum class Got {
    request,  // as asked for
    refused,  // refusal_ says why
    gone,     // the peer went, or was too slow to be told
  };
  // What a refusal or an answer needs to know of its request.
  struct Exchange {
    std::string id;
    const Route* route = nullptr;
    int version = 11;
    bool is_head = false;
    bool keep_alive = false;
    Clock::time_point began{};
    // Bytes of the body, counted in the server's sum until the exchange is over.
    std::size_t held = 0;
    std::size_t& held_by_all;

    explicit Exchange(std::size_t& bodies_bytes) : held_by_all(bodies_bytes) {}
    ~Exchange() { held_by_all -= held; }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    void hold(std::size_t bytes) {
      held_by_all += bytes - held;
      held = bytes;
    }
  };

  // True when another request may follow.
  asio::awaitable<bool> serve_one();
  asio::awaitable<bool> serve_head(RequestParser& parser, const BodyPlan& plan, Exchange& exchange);
  asio::awaitable<Response> call(const Route& route, Request request, const Exchange& exchange);
  std::optional<Refusal> check_caller(Request& request, const Exchange& exchange) const;
  void report(const Exchange& exchange, std::string what) const;

  asio::awaitable<Got> read_head(RequestParser& parser, BodyPlan& plan);
  Got parse_head(RequestParser& parser, BodyPlan& plan, std::size_t begin, std::size_t end);
  asio::awaitable<Got> read_body(RequestParser& parser, const BodyPlan& plan, Exchange& exchange);
  // Adds to buffer_; false at the end, an error or the deadline.
  asio::awaitable<bool> read_some();
  Got refuse(int status, std::string code, std::string message, std::string hint = "");

  asio::awaitable<bool> send(Response response, const Exchange& exchange);
  asio::awaitable<void> send_stream(Response response, const Exchange& exchange);
  static asio::awaitable<bool> write_piece(std::shared_ptr<Connection> self, std::string piece, bool chunked);
  // Writes all of `first` and `second`, which must stay.
  asio::awaitable<bool> write(std::string_view first, std::string_view second = {});
  void print_head(const Response& response, const Exchange& exchange, std::string_view framing);
  bool peer_is_gone();
  // Lets the peer read the last answer: closing with bytes unread would reset the connection under it.
  asio::awaitable<void> linger();
  void set_deadline(std::chrono::milliseconds from_now);
  void clear_deadline() { deadline_ = Clock::time_point::max(); }

  std::shared_ptr<Shared> shared_;
  Socket socket_;
  std::string remote_;
  std::string place_;
  bool turned_away_;
  boost::beast::flat_buffer buffer_;
  std::string out_;
  std::optional<Refusal> refusal_;
  Clock::time_point deadline_ = Clock::time_point::max();
  bool expired_ = false;
  bool idle_ = false;
  bool broken_ = false;  // nothing more can be written
  std::size_t requests_ = 0;
};

}  // namespace penstock::intake
