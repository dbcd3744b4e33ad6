#include "plugins/sources/git_address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

namespace penstock::sources {
namespace {

struct Block4 {
  std::uint32_t network;
  int bits;
  Reach reach;
};
// IANA IPv4 Special-Purpose Address Registry (RFC 6890) and multicast (RFC 5771).
constexpr Block4 blocks4[] = {
    {0x00000000, 8, Reach::nowhere},  {0x0a000000, 8, Reach::inside},   {0x64400000, 10, Reach::inside},
    {0x7f000000, 8, Reach::inside},   {0xa9fe0000, 16, Reach::nowhere}, {0xac100000, 12, Reach::inside},
    {0xc0000000, 24, Reach::nowhere}, {0xc0000200, 24, Reach::nowhere}, {0xc0a80000, 16, Reach::inside},
    {0xc6120000, 15, Reach::nowhere}, {0xc6336400, 24, Reach::nowhere}, {0xcb007100, 24, Reach::nowhere},
    {0xe0000000, 3, Reach::nowhere},
};

Reach reach_of_4(std::uint32_t address) {
  for (const auto& block : blocks4)
    if ((address >> (32 - block.bits)) == (block.network >> (32 - block.bits))) return block.reach;
  return Reach::everywhere;
}

std::uint32_t four_bytes(const unsigned char* bytes) {
  return (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) | (std::uint32_t{bytes[2]} << 8) | bytes[3];
}

Reach reach_of_6(const unsigned char* bytes) {
  static constexpr unsigned char zeros[16] = {};
  static constexpr unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static constexpr unsigned char nat64[12] = {0, 0x64, 0xff, 0x9b};
  if (std::memcmp(bytes, zeros, 15) == 0 && bytes[15] == 1) return Reach::inside;  // ::1
  // An IPv4 address in IPv6 clothes (RFC 4291 2.5.5, RFC 6052, RFC 3056) is judged as what it is.
  if (std::memcmp(bytes, mapped, 12) == 0 || std::memcmp(bytes, nat64, 12) == 0)
    return reach_of_4(four_bytes(bytes + 12));
  if (bytes[0] == 0x20 && bytes[1] == 0x02) return reach_of_4(four_bytes(bytes + 2));
  if ((bytes[0] & 0xfe) == 0xfc) return Reach::inside;  // fc00::/7
  if ((bytes[0] & 0xe0) != 0x20)
    return Reach::nowhere;  // only 2000::/3 is given out: ::, fe80::/10, ff00::/8 are not in it
  if (four_bytes(bytes) == 0x20010000) return Reach::nowhere;  // Teredo hides an IPv4 address
  if (four_bytes(bytes) == 0x20010db8) return Reach::nowhere;  // documentation
  return Reach::everywhere;
}

struct Answer {
  std::mutex mutex;
  std::condition_variable came;
  bool done = false;
  int error = 0;
  std::vector<Address> addresses;
};

int look_up(const std::string& host, const std::string& port, int flags, std::vector<Address>& addresses) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) return error;
  for (const auto* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_addrlen > sizeof(sockaddr_storage)) continue;
    Address address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.length = entry->ai_addrlen;
    addresses.push_back(address);
  }
  ::freeaddrinfo(found);
  return 0;
}

}  // namespace

Reach reach_of(const Address& address) {
  if (address.storage.ss_family == AF_INET)
    return reach_of_4(ntohl(reinterpret_cast<const sockaddr_in&>(address.storage).sin_addr.s_addr));
  if (address.storage.ss_family == AF_INET6)
    return reach_of_6(reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr.s6_addr);
  return Reach::nowhere;
}

std::string to_text(const Address& address) {
  char text[NI_MAXHOST] = "?";
  ::getnameinfo(reinterpret_cast<const sockaddr*>(&address.storage), address.length, text, sizeof text, nullptr, 0,
                NI_NUMERICHOST);
  return text;
}

core::Result<std::vector<Address>> resolve(const std::string& host, const std::string& port, Steady until) {
  std::vector<Address> addresses;
  if (look_up(host, port, AI_NUMERICHOST, addresses) == 0) return addresses;
  // getaddrinfo has no deadline: it runs on a thread of its own, which keeps what it needs and is left behind when it
  // is late. The resolver's own time-outs (resolv.conf) end it.
  auto answer = std::make_shared<Answer>();
  std::thread([answer, host, port] {
    std::vector<Address> found;
    const int error = look_up(host, port, 0, found);
    const std::lock_guard lock(answer->mutex);
    answer->error = error;
    answer->addresses = std::move(found);
    answer->done = true;
    answer->came.notify_one();
  }).detach();
  std::unique_lock lock(answer->mutex);
  if (!answer->came.wait_until(lock, until, [&] { return answer->done; }))
    return core::Problem{"timeout", "the name " + host + " was not resolved in time", host, "check the name server",
                         true};
  if (answer->error != 0 || answer->addresses.empty())
    return core::Problem{"unreachable", "the name " + host + " has no address: " + ::gai_strerror(answer->error), host,
                         "check the host in the url and the name server", true};
  return answer->addresses;
}

}  // namespace penstock::sources
