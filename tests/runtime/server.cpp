#include "tests/runtime/server.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

TestServer::TestServer(Answer answer) : answer_(std::move(answer)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no server for the test");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

TestServer::~TestServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::vector<std::string> TestServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void TestServer::serve() {
  for (;;) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    ++connections_;
    serve_connection(connection);
    ::close(connection);
  }
}

void TestServer::serve_connection(int connection) {
  std::string received;
  std::array<char, 65536> piece{};
  for (;;) {
    auto end = received.find("\r\n\r\n");
    std::size_t size = 0;
    if (end != std::string::npos) {
      const auto length = received.find("Content-Length: ");
      size = end + 4 + (length < end ? std::stoul(received.substr(length + 16)) : 0);
    }
    if (end != std::string::npos && received.size() >= size) {
      const auto request = received.substr(0, size);
      received.erase(0, size);
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const auto answer = answer_(request, connection);
      if (answer.empty() || !send_text(connection, answer)) return;
      continue;
    }
    // A kept-alive connection must not keep the test from ending.
    pollfd waiting{connection, POLLIN, 0};
    while (!stopping_ && ::poll(&waiting, 1, 5) == 0) {
    }
    const auto count = stopping_ ? 0 : ::read(connection, piece.data(), piece.size());
    if (count <= 0) return;
    received.append(piece.data(), static_cast<std::size_t>(count));
  }
}

std::string http_answer(const std::string& status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

bool send_text(int connection, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const auto count = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

void await_close(int connection) {
  pollfd waiting{connection, POLLIN | POLLRDHUP, 0};
  ::poll(&waiting, 1, 5000);
}
