// Outbound HTTP over libcurl: bounded in time and size, no redirects, no proxy of the environment, no private addresses
// unless the request allows them.
#pragma once

#include <memory>

#include "plugins/sdk/http.hpp"

struct sockaddr;

namespace penstock::runtime {

// Safe from any thread: each call borrows a handle, so that connections are kept alive between calls.
class HttpClient : public sdk::Http {
 public:
  HttpClient();
  ~HttpClient() override;
  HttpClient(HttpClient&&) noexcept;

  // Problems: "bad-url", "address-refused" (both final), "unreachable", "timeout" (both transient), "too-large". No
  // text of a Problem holds credentials or the query of the URL.
  core::Result<sdk::HttpResponse> send(const sdk::HttpRequest& request) override;

 private:
  class Handles;
  std::unique_ptr<Handles> handles_;
};

// Whether the address is of this machine or of a private network: loopback, RFC 1918, link-local, RFC 6598, "this
// network", multicast and reserved ranges, unique-local IPv6 (RFC 4193), and IPv4 mapped into IPv6 alike (RFC 6890).
bool is_private_address(const sockaddr* address);

}  // namespace penstock::runtime
