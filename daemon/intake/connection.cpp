#include "daemon/intake/connection.hpp"

#include <algorithm>

#include "daemon/intake/connection_parser.hpp"

namespace penstock::intake {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{64} * 1024;

bool is_sane_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), [](char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           byte == '-' || byte == '_' || byte == '.';
  });
}

// Takes the caller's id out of the header fields when it is usable, else makes one; either way it is the only one
// there.
std::string take_request_id(Head& head, Shared& shared) {
  std::string id;
  auto& headers = head.headers;
  for (const auto& [name, value] : headers)
    if (name == "x-request-id" && id.empty() && is_sane_id(value)) id = value;
  headers.erase(
      std::remove_if(headers.begin(), headers.end(), [](const auto& field) { return field.first == "x-request-id"; }),
      headers.end());
  if (id.empty()) id = shared.next_request_id();
  headers.emplace_back("x-request-id", id);
  return id;
}

// What a handler answers goes onto the wire as it is: a line break in it would be a second header.
bool is_sound(const Response& response) {
  const auto is_plain = [](std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char byte) {
      return (static_cast<unsigned char>(byte) < 0x20 && byte != '\t') || byte == 0x7f;
    });
  };
  if (response.status < 200 || response.status > 599 || !is_plain(response.content_type)) return false;
  return std::all_of(response.headers.begin(), response.headers.end(), [&](const auto& field) {
    return !field.first.empty() && field.first.find_first_of(" :\t") == std::string::npos && is_plain(field.first) &&
           is_plain(field.second);
  });
}

core::Problem internal_fault() {
  return {"internal-error",
          "the request could not be carried out because of a fault in Penstock",
          {},
          "look for the request id in the daemon's log"};
}

}  // namespace

Connection::Connection(std::shared_ptr<Shared> shared, Socket socket, std::string remote, std::string place,
                       bool turned_away)
    : shared_(std::move(shared)),
      socket_(std::move(socket)),
      remote_(std::move(remote)),
      place_(std::move(place)),
      turned_away_(turned_away),
      buffer_(std::max(buffer_bytes, shared_->limits.header_bytes + 4096)) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  shared_->connections.push_back(this);
  if (turned_away_) {
    ++shared_->turned_away;
  } else {
    ++shared_->served;
    ++shared_->per_address[place_];
  }
}

Connection::~Connection() {
  shared_->connections.remove(this);
  if (turned_away_) {
    --shared_->turned_away;
  } else {
    --shared_->served;
    const auto counted = shared_->per_address.find(place_);
    if (--counted->second == 0) shared_->per_address.erase(counted);
  }
  if (shared_->stopping && shared_->connections.empty()) shared_->drained.cancel();
}

void Connection::check_deadline(Clock::time_point now) {
  if (now < deadline_) return;
  expired_ = true;
  clear_deadline();
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Connection::end_if_idle() {
  boost::system::error_code ignored;
  if (idle_) socket_.cancel(ignored);
}

void Connection::close() {
  broken_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Connection::set_deadline(std::chrono::milliseconds from_now) {
  expired_ = false;
  deadline_ = Clock::now() + from_now;
}

void Connection::report(const Exchange& exchange, std::string what) const {
  shared_->report({exchange.id, exchange.route == nullptr ? "" : exchange.route->operation, std::move(what)});
}

asio::awaitable<void> Connection::serve() {
  // GCC 12 miscompiles a co_await in a loop's condition.
  for (bool more = true; more;) {
    more = co_await serve_one();
    // What a large body needed is given back before the wait for the next request.
    if (buffer_.size() == 0 && buffer_.capacity() > std::size_t{16} * 1024) buffer_.shrink_to_fit();
  }
  co_await linger();
}

asio::awaitable<void> Connection::turn_away(core::Problem problem) {
  Exchange exchange(shared_->bodies_bytes);
  exchange.id = shared_->next_request_id();
  co_await send(problem_response(503, problem), exchange);
  co_await linger();
}

asio::awaitable<bool> Connection::serve_one() {
  RequestParser parser;
  BodyPlan plan;
  Exchange exchange(shared_->bodies_bytes);
  refusal_.reset();
  const auto got = co_await read_head(parser, plan);
  if (got == Got::gone) {
    broken_ = true;
    co_return false;
  }
  exchange.began = Clock::now();
  exchange.id = take_request_id(parser.head, *shared_);
  exchange.version = parser.head.version;
  exchange.is_head = parser.head.method == "HEAD";
  ++requests_;
  exchange.keep_alive = got == Got::request && plan.keep_alive && requests_ < shared_->limits.requests_per_connection &&
                        !shared_->stopping;
  bool more = false;
  if (got == Got::refused) {
    co_await send(refusal_response(*refusal_), exchange);
    if (shared_->on_answer) shared_->on_answer({"", refusal_->status, Clock::now() - exchange.began});
  } else {
    more = co_await serve_head(parser, plan, exchange);
  }
  co_return more;
}

asio::awaitable<bool> Connection::serve_head(RequestParser& parser, const BodyPlan& plan, Exchange& exchange) {
  auto found = shared_->router.find(parser.head.method, parser.head.target);
  Request request;
  if (auto* match = std::get_if<Router::Match>(&found)) {
    exchange.route = match->route;
    refusal_ = Router::check_body(*match->route, plan, parser.head);
    request.method = std::move(parser.head.method);
    request.path = std::move(match->path);
    request.query = std::move(match->query);
    request.headers = std::move(parser.head.headers);
    request.parameters = std::move(match->parameters);
    request.remote = remote_;
    // Who may not call is told only that.
    if (auto refusal = check_caller(request, exchange)) refusal_ = std::move(refusal);
  } else {
    refusal_ = std::move(std::get<Refusal>(found));
  }
  if (!refusal_) {
    const auto got = co_await read_body(parser, plan, exchange);
    if (got == Got::gone) {
      broken_ = true;
      co_return false;
    }
  }

  Response response;
  if (refusal_) {
    // A body that was not read, or not to its end, hides where the next request begins.
    if (plan.kind != BodyPlan::Kind::none) exchange.keep_alive = false;
    response = refusal_response(*refusal_);
  } else {
    request.body = std::move(parser.body);
    response = co_await call(*exchange.route, std::move(request), exchange);
  }
  if (shared_->stopping) exchange.keep_alive = false;

  const int status = response.status;
  bool sent = false;
  if (response.stream) {
    exchange.keep_alive = false;
    co_await send_stream(std::move(response), exchange);
  } else {
    sent = co_await send(std::move(response), exchange);
  }
  if (shared_->on_answer)
    shared_->on_answer(
        {exchange.route == nullptr ? "" : exchange.route->operation, status, Clock::now() - exchange.began});
  co_return sent&& exchange.keep_alive;
}

std::optional<Refusal> Connection::check_caller(Request& request, const Exchange& exchange) const {
  const auto& route = *exchange.route;
  if (route.access == Access::open || route.access == Access::hook) return std::nullopt;
  core::Result<Caller> caller = internal_fault();
  try {
    caller = shared_->authenticate(request);
  } catch (const std::exception& thrown) {
    report(exchange, thrown.what());
  }
  if (!caller) return Refusal{status_of(caller.error().code), caller.error()};
  if (route.access == Access::person && !caller->person)
    return Refusal{403,
                   {"not-allowed",
                    "`" + caller->name + "` is a service; " + route.method + " " + route.path + " needs a person",
                    {},
                    "use the token of a person"}};
  request.caller = std::move(*caller);
  return std::nullopt;
}

asio::awaitable<Response> Connection::call(const Route& route, Request request, const Exchange& exchange) {
  try {
    auto response = co_await route.handler(std::move(request));
    if (is_sound(response)) co_return response;
    report(exchange, "the handler's answer has a status or a header field that HTTP does not allow");
  } catch (const std::exception& thrown) {
    report(exchange, thrown.what());
  } catch (...) {
    report(exchange, "something that is no std::exception was thrown");
  }
  co_return problem_response(internal_fault());
}

}  // namespace penstock::intake
