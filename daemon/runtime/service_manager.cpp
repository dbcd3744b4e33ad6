#include "daemon/runtime/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstring>

namespace penstock::runtime {
namespace {

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

core::Result<ServiceManager> ServiceManager::make(const Environment& environment) {
  ServiceManager manager;
  const auto& socket = environment.notify_socket;
  if (socket.empty()) return manager;
  if (socket.size() >= sizeof(sockaddr_un::sun_path) || (socket.front() != '/' && socket.front() != '@'))
    return core::Problem{"invalid-environment", "NOTIFY_SOCKET is `" + socket.substr(0, 100) + "`, needed a path", "",
                         "leave it to systemd to set it", false};
  manager.socket_ = socket;
  const auto usec = number(environment.watchdog_usec);
  const auto pid = number(environment.watchdog_pid);
  if (usec && (environment.watchdog_pid.empty() || (pid && *pid == ::getpid())))
    manager.watchdog_ = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::microseconds(*usec / 4));
  return manager;
}

bool ServiceManager::tell(const std::string& message) const {
  if (socket_.empty()) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return false;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const auto sent = ::sendto(descriptor, message.data(), message.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), length);
  ::close(descriptor);
  return sent == static_cast<ssize_t>(message.size());
}

}  // namespace penstock::runtime
