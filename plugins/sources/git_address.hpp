// Which addresses a git server may have (SSRF: CWE-918), and finding them without waiting for ever.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <string>
#include <vector>

#include "daemon/core/result.hpp"

namespace penstock::sources {

using Steady = std::chrono::steady_clock::time_point;

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

enum class Reach {
  everywhere,  // a public address
  inside,      // loopback, private (RFC 1918, RFC 4193), shared (RFC 6598)
  nowhere,     // unspecified, link-local (cloud metadata), multicast, documentation, reserved: never a git server
};
Reach reach_of(const Address& address);
std::string to_text(const Address& address);

// The system's resolver, given up at `until`: Problem "timeout", or "unreachable" for a name that does not exist.
core::Result<std::vector<Address>> resolve(const std::string& host, const std::string& port, Steady until);

}  // namespace penstock::sources
