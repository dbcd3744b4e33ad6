#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/intake/connection.hpp"
#include "daemon/intake/connection_parser.hpp"

namespace penstock::intake {
namespace {

std::string_view text_of(const boost::beast::flat_buffer& buffer) {
  const auto data = buffer.cdata();
  return {static_cast<const char*>(data.data()), data.size()};
}

}  // namespace

Connection::Got Connection::refuse(int status, std::string code, std::string message, std::string hint) {
  refusal_ = Refusal{status, {std::move(code), std::move(message), {}, std::move(hint)}};
  return Got::refused;
}

asio::awaitable<bool> Connection::read_some() {
  // A head is small; only a body that fills what was read before gets larger pieces.
  const auto room = buffer_.max_size() - buffer_.size();
  const auto piece = std::min<std::size_t>(room, std::max<std::size_t>(4096, buffer_.capacity() - buffer_.size()));
  boost::system::error_code error;
  const auto count =
      co_await socket_.async_read_some(buffer_.prepare(piece), asio::redirect_error(asio::use_awaitable, error));
  buffer_.commit(count);
  co_return !error && count > 0;
}

asio::awaitable<Connection::Got> Connection::read_head(RequestParser& parser, BodyPlan& plan) {
  HeadScan scan(shared_->limits);
  idle_ = buffer_.size() == 0;
  set_deadline(idle_ && requests_ > 0 ? shared_->limits.idle_time : shared_->limits.header_time);
  for (;;) {
    const auto state = scan.feed(text_of(buffer_));
    if (state == HeadScan::State::whole) break;
    if (state == HeadScan::State::refused) {
      clear_deadline();
      refusal_ = scan.refusal();
      co_return Got::refused;
    }
    if (idle_ && shared_->stopping) co_return Got::gone;
    const bool received = co_await read_some();
    if (!received) {
      const bool too_slow = expired_ && !idle_;
      clear_deadline();
      if (!too_slow) co_return Got::gone;
      co_return refuse(408, "too-slow", "the request's head did not arrive in time");
    }
    if (idle_ && requests_ > 0) set_deadline(shared_->limits.header_time);
    idle_ = false;
  }
  idle_ = false;
  clear_deadline();
  co_return parse_head(parser, plan, scan.begin(), scan.end());
}

Connection::Got Connection::parse_head(RequestParser& parser, BodyPlan& plan, std::size_t begin, std::size_t end) {
  buffer_.consume(begin);
  const asio::const_buffer bytes(buffer_.cdata().data(), end - begin);
  boost::system::error_code error;
  const auto parsed = parser.put(bytes, error);
  // The scan and the parser must agree on where the head ends.
  if (error || parsed != bytes.size() || !parser.is_header_done())
    return refuse(400, "malformed-request",
                  "the request's head is malformed" + (error ? ": " + error.message() : std::string()));
  buffer_.consume(parsed);
  auto judged = check_head(parser.head);
  if (auto* refusal = std::get_if<Refusal>(&judged)) {
    refusal_ = std::move(*refusal);
    return Got::refused;
  }
  plan = std::get<BodyPlan>(judged);
  return Got::request;
}

asio::awaitable<Connection::Got> Connection::read_body(RequestParser& parser, const BodyPlan& plan,
                                                       Exchange& exchange) {
  if (plan.kind == BodyPlan::Kind::none) co_return Got::request;
  const auto& limits = shared_->limits;
  const auto limit = exchange.route->max_body;
  parser.take_body(limit);
  if (plan.expects_continue && buffer_.size() == 0) {
    const bool invited = co_await write("HTTP/1.1 100 Continue\r\n\r\n");
    if (!invited) co_return Got::gone;
  }

  const auto began = Clock::now();
  while (true) {
    if (buffer_.size() > 0) {
      boost::system::error_code error;
      buffer_.consume(parser.put(buffer_.cdata(), error));
      exchange.hold(parser.body.size());
      if (error == http::error::body_limit)
        co_return refuse(413, "too-large",
                         "the body is larger than " + std::to_string(limit) + " bytes, the most this route takes");
      if (error && error != http::error::need_more)
        co_return refuse(400, "malformed-request", "the body is malformed: " + error.message());
    }
    if (parser.is_done()) break;
    if (shared_->bodies_bytes > limits.bodies_bytes)
      co_return refuse(503, "overloaded", "too many request bodies are being received at once", "try again later");
    if (buffer_.size() >= buffer_.max_size())
      co_return refuse(400, "malformed-request", "a chunk's header or the trailer is too long");
    const auto earned =
        std::chrono::milliseconds(parser.body.size() * 1000 / std::max<std::size_t>(limits.body_bytes_per_second, 1));
    deadline_ = began + std::min(limits.body_time, limits.body_start + earned);
    expired_ = false;
    const bool more = co_await read_some();
    clear_deadline();
    if (more) continue;
    if (!expired_) co_return Got::gone;
    co_return refuse(408, "too-slow", "the request's body did not arrive in time");
  }
  co_return Got::request;
}

}  // namespace penstock::intake
