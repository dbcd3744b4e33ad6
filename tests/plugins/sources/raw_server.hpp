// Servers on loopback that behave as a test tells them, on real sockets.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace penstock::sources::test {

// Takes one connection after another and hands each to `serve`, which gets its descriptor and whether the test is over.
class RawServer {
 public:
  using Serve = std::function<void(int connection, const std::atomic<bool>& over)>;

  explicit RawServer(Serve serve) : serve_(std::move(serve)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no listening socket");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { accept_all(); });
  }
  ~RawServer() {
    over_ = true;
    thread_.join();
    ::close(listener_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::string port() const { return std::to_string(port_); }
  int connections() const { return connections_; }

 private:
  void accept_all() {
    while (!over_) {
      pollfd entry{listener_, POLLIN, 0};
      if (::poll(&entry, 1, 5) <= 0) continue;
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      ++connections_;
      serve_(connection, over_);
      ::close(connection);
    }
  }

  Serve serve_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> over_{false};
  std::atomic<int> connections_{0};
  std::thread thread_;
};

// Waits until the peer closes or the test is over.
inline void hang(int connection, const std::atomic<bool>& over) {
  char buffer[4096];
  while (!over) {
    pollfd entry{connection, POLLIN, 0};
    if (::poll(&entry, 1, 5) > 0 && ::recv(connection, buffer, sizeof buffer, 0) <= 0) return;
  }
}

// Sends `text` again and again, a byte every few milliseconds.
inline void trickle(int connection, const std::atomic<bool>& over, const std::string& text) {
  for (std::size_t i = 0; !over; ++i) {
    if (::send(connection, &text[i % text.size()], 1, MSG_NOSIGNAL) != 1) return;
    ::poll(nullptr, 0, 3);
  }
}

inline void send_all(int connection, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const auto count = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<std::size_t>(count);
  }
}

struct HttpAsked {
  std::string method;
  std::string target;
  std::string head;  // all header lines
  std::string body;
};

// Reads one HTTP/1.1 request with Content-Length; an empty method when there is none.
inline HttpAsked read_request(int connection, const std::atomic<bool>& over) {
  std::string received;
  HttpAsked asked;
  char buffer[65536];
  const auto more = [&] {
    while (!over) {
      pollfd entry{connection, POLLIN, 0};
      if (::poll(&entry, 1, 5) <= 0) continue;
      const auto count = ::recv(connection, buffer, sizeof buffer, 0);
      if (count <= 0) return false;
      received.append(buffer, static_cast<std::size_t>(count));
      return true;
    }
    return false;
  };
  while (received.find("\r\n\r\n") == std::string::npos)
    if (!more()) return asked;
  const auto end = received.find("\r\n\r\n");
  asked.head = received.substr(0, end + 2);
  std::size_t length = 0;
  std::string lower = asked.head;
  for (auto& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (const auto at = lower.find("content-length:"); at != std::string::npos)
    length = std::stoul(lower.substr(at + 15));
  while (received.size() < end + 4 + length)
    if (!more()) return asked;
  asked.body = received.substr(end + 4, length);
  const auto first = asked.head.find(' ');
  const auto second = asked.head.find(' ', first + 1);
  asked.method = asked.head.substr(0, first);
  asked.target = asked.head.substr(first + 1, second - first - 1);
  return asked;
}

}  // namespace penstock::sources::test
