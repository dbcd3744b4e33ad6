#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>

#include "daemon/runtime/http_client.hpp"

namespace penstock::runtime {
namespace {

struct Range {
  std::uint32_t network;
  int bits;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

// RFC 6890 and its updates.
constexpr Range private_v4[] = {
    {v4(0, 0, 0, 0), 8},      {v4(10, 0, 0, 0), 8},    {v4(100, 64, 0, 0), 10}, {v4(127, 0, 0, 0), 8},
    {v4(169, 254, 0, 0), 16}, {v4(172, 16, 0, 0), 12}, {v4(192, 0, 0, 0), 24},  {v4(192, 168, 0, 0), 16},
    {v4(198, 18, 0, 0), 15},  {v4(224, 0, 0, 0), 4},   {v4(240, 0, 0, 0), 4},
};

bool is_private_v4(std::uint32_t address) {
  for (const auto& range : private_v4)
    if ((address >> (32 - range.bits)) == (range.network >> (32 - range.bits))) return true;
  return false;
}

std::uint32_t v4_inside(const unsigned char* bytes) { return v4(bytes[0], bytes[1], bytes[2], bytes[3]); }

bool is_private_v6(const unsigned char* bytes) {
  static constexpr unsigned char zeros[12] = {};
  static constexpr unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static constexpr unsigned char nat64[12] = {0, 0x64, 0xff, 0x9b};
  // ::, ::1 and the old IPv4-compatible addresses.
  if (std::memcmp(bytes, zeros, 12) == 0) return true;
  if (std::memcmp(bytes, mapped, 12) == 0 || std::memcmp(bytes, nat64, 12) == 0)
    return is_private_v4(v4_inside(bytes + 12));
  if (bytes[0] == 0x20 && bytes[1] == 0x02) return is_private_v4(v4_inside(bytes + 2));        // 6to4
  const bool teredo = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0 && bytes[3] == 0;  // hides an IPv4 address
  // What else is public is global unicast, 2000::/3 (RFC 4291 §2.4): this leaves out unique-local, link-local,
  // multicast and all that nobody was given yet.
  return teredo || (bytes[0] & 0xe0) != 0x20;
}

}  // namespace

bool is_private_address(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4_address{};
    std::memcpy(&v4_address, address, sizeof v4_address);
    return is_private_v4(ntohl(v4_address.sin_addr.s_addr));
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6_address{};
    std::memcpy(&v6_address, address, sizeof v6_address);
    return is_private_v6(v6_address.sin6_addr.s6_addr);
  }
  return true;
}

}  // namespace penstock::runtime
