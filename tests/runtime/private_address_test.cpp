#include <arpa/inet.h>
#include <netinet/in.h>

#include "daemon/runtime/http_client.hpp"
#include "tests/catch.hpp"

namespace {

bool is_private(const std::string& text) {
  if (sockaddr_in v4{}; ::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    return penstock::runtime::is_private_address(reinterpret_cast<const sockaddr*>(&v4));
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  REQUIRE(::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1);
  return penstock::runtime::is_private_address(reinterpret_cast<const sockaddr*>(&v6));
}

}  // namespace

TEST_CASE("the first and last address of every private or reserved range is private") {
  for (const auto* address : {"0.0.0.0",
                              "0.255.255.255",
                              "10.0.0.0",
                              "10.255.255.255",
                              "100.64.0.0",
                              "100.127.255.255",
                              "127.0.0.1",
                              "127.255.255.255",
                              "169.254.0.0",
                              "169.254.169.254",
                              "169.254.255.255",
                              "172.16.0.0",
                              "172.31.255.255",
                              "192.0.0.0",
                              "192.168.0.0",
                              "192.168.255.255",
                              "198.18.0.0",
                              "198.19.255.255",
                              "224.0.0.1",
                              "239.255.255.255",
                              "240.0.0.0",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::7f00:1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "::ffff:169.254.169.254",
                              "64:ff9b::10.0.0.1",
                              "64:ff9b:1::1",
                              "2002:7f00:1::",
                              "2002:a00:1::1",
                              "2001::1",
                              "fc00::1",
                              "fdff::1",
                              "fd00:ec2::254",
                              "fe80::1",
                              "febf::1",
                              "fec0::1",
                              "ff02::1",
                              "100::1",
                              "4000::1"}) {
    CAPTURE(address);
    CHECK(is_private(address));
  }
}

TEST_CASE("the addresses beside the ranges are public") {
  for (const auto* address :
       {"1.1.1.1",          "9.255.255.255",   "11.0.0.0",      "100.63.255.255",  "100.128.0.0",     "126.255.255.255",
        "128.0.0.0",        "169.253.255.255", "169.255.0.0",   "172.15.255.255",  "172.32.0.0",      "192.167.255.255",
        "192.169.0.0",      "198.17.255.255",  "198.20.0.0",    "223.255.255.255", "2606:4700::1111", "2a00:1450::1",
        "64:ff9b::8.8.8.8", "2002:808:808::1", "::ffff:8.8.8.8"}) {
    CAPTURE(address);
    CHECK_FALSE(is_private(address));
  }
}

TEST_CASE("an address of another family is never public") {
  sockaddr address{};
  address.sa_family = AF_UNIX;
  CHECK(penstock::runtime::is_private_address(&address));
}
