// A real HTTP server for one test, on loopback, that behaves as badly as the test wants.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

class TestServer {
 public:
  // Called with a request (head and body as received) and its connection; what it returns is sent. Returning nothing
  // closes the connection. Connections are served one after another.
  using Answer = std::function<std::string(const std::string& request, int connection)>;

  explicit TestServer(Answer answer);
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string url(const std::string& path = "/") const { return "http://127.0.0.1:" + port() + path; }
  std::string port() const { return std::to_string(port_); }
  int connections() const { return connections_; }
  std::vector<std::string> requests() const;

 private:
  void serve();
  void serve_connection(int connection);

  Answer answer_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

// A whole answer with the length of its body.
std::string http_answer(const std::string& status, const std::string& body, const std::string& headers = "");
// Sends without regard to a peer that is gone. False when it is.
bool send_text(int connection, const std::string& text);
// Waits until the peer closes the connection; at most five seconds, in case it never does.
void await_close(int connection);
