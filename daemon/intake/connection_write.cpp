#include <sys/socket.h>

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>

#include "daemon/intake/connection.hpp"

namespace penstock::intake {
namespace {

// RFC 9110 §8.6 and §15: these answers have neither a body nor a Content-Length.
bool has_no_body(int status) { return status == 204 || status == 304; }

std::string hex(std::size_t number) {
  std::string text;
  do {
    text.insert(text.begin(), "0123456789abcdef"[number & 0xfU]);
    number >>= 4U;
  } while (number > 0);
  return text;
}

}  // namespace

asio::awaitable<bool> Connection::write(std::string_view first, std::string_view second) {
  std::array<asio::const_buffer, 2> buffers = {asio::buffer(first), asio::buffer(second)};
  const auto whole = first.size() + second.size();
  // A small answer fits into the kernel's buffer: no trip through the scheduler.
  boost::system::error_code error;
  auto written = socket_.write_some(buffers, error);
  if (error == asio::error::would_block) error = {};
  if (!error && written < whole) {
    for (auto& buffer : buffers) {
      const auto part = std::min(written, buffer.size());
      buffer += part;
      written -= part;
    }
    set_deadline(shared_->limits.write_time);
    co_await asio::async_write(socket_, buffers, asio::redirect_error(asio::use_awaitable, error));
    clear_deadline();
  }
  broken_ = broken_ || error.failed();
  co_return !broken_;
}

void Connection::print_head(const Response& response, const Exchange& exchange, std::string_view framing) {
  out_.clear();
  out_ += "HTTP/1.1 ";
  out_ += std::to_string(response.status);
  out_ += ' ';
  out_ += reason_of(response.status);
  out_ += "\r\nDate: ";
  out_ += shared_->date();
  if (!has_no_body(response.status)) {
    out_ += "\r\nContent-Type: ";
    out_ += response.content_type;
  }
  out_ += framing;
  out_ += "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nX-Request-Id: ";
  out_ += exchange.id;
  for (const auto& [name, value] : response.headers) {
    out_ += "\r\n";
    out_ += name;
    out_ += ": ";
    out_ += value;
  }
  if (!exchange.keep_alive)
    out_ += "\r\nConnection: close";
  else if (exchange.version == 10)
    out_ += "\r\nConnection: keep-alive";
  out_ += "\r\n\r\n";
}

asio::awaitable<bool> Connection::send(Response response, const Exchange& exchange) {
  add_request_id(response, exchange.id);
  const bool bare = has_no_body(response.status);
  const auto framing = bare ? std::string() : "\r\nContent-Length: " + std::to_string(response.body.size());
  print_head(response, exchange, framing);
  const bool with_body = !bare && !exchange.is_head;
  co_return co_await write(out_, with_body ? std::string_view(response.body) : std::string_view());
}

asio::awaitable<void> Connection::send_stream(Response response, const Exchange& exchange) {
  // HTTP/1.0 knows no chunks: there the end of the connection is the end of the answer.
  const bool chunked = exchange.version == 11;
  print_head(response, exchange, chunked ? "\r\nTransfer-Encoding: chunked" : "");
  const bool begun = co_await write(out_);
  if (!begun || exchange.is_head) co_return;
  bool whole = false;
  WriteChunk write_chunk = [self = shared_from_this(), chunked](std::string piece) {
    return write_piece(self, std::move(piece), chunked);
  };
  try {
    co_await response.stream(std::move(write_chunk));
    whole = true;
  } catch (const std::exception& thrown) {
    report(exchange, thrown.what());
  } catch (...) {
    report(exchange, "something that is no std::exception was thrown");
  }
  // Without the last chunk the peer knows that the answer was cut short.
  if (whole && chunked && !broken_) co_await write("0\r\n\r\n");
  broken_ = broken_ || !whole;
}

asio::awaitable<bool> Connection::write_piece(std::shared_ptr<Connection> self, std::string piece, bool chunked) {
  if (self->shared_->stopping || self->peer_is_gone()) co_return false;
  if (piece.empty()) co_return true;  // an empty chunk would end the answer
  if (!chunked) co_return co_await self->write(piece);
  const auto length = hex(piece.size()) + "\r\n";
  piece += "\r\n";
  co_return co_await self->write(length, piece);
}

bool Connection::peer_is_gone() {
  if (broken_ || !socket_.is_open()) return true;
  char byte = 0;
  const auto count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  broken_ = count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
  return broken_;
}

asio::awaitable<void> Connection::linger() {
  if (broken_ || !socket_.is_open()) co_return;
  boost::system::error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  set_deadline(shared_->limits.linger_time);
  std::size_t left = std::size_t{16} * 1024 * 1024;
  while (!error && !expired_ && left > 0) {
    buffer_.clear();
    const bool more = co_await read_some();
    if (!more) break;
    left -= std::min(left, buffer_.size());
  }
  clear_deadline();
}

}  // namespace penstock::intake
