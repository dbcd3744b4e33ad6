// Outbound HTTP over libcurl: bounded in time and size, no redirects, no proxy of the environment, no cookies, no
// private addresses unless the request allows them.
#pragma once

#include <memory>

#include "plugins/sdk/http.hpp"

struct sockaddr;

namespace penstock::runtime {

// Safe from any thread: each call borrows a handle, so that connections are kept alive between calls. A connection that
// was made for a request that may reach private addresses never serves one that may not.
class HttpClient : public sdk::Http {
 public:
  HttpClient();
  ~HttpClient() override;
  HttpClient(HttpClient&&) noexcept;

  // Any status is an answer. Problems: "bad-url", "bad-request" (a header or method that is none), "address-refused",
  // "too-large", "store-full" and "store-failed" (of body_to, which is then removed), "timeout" (transient) and
  // "unreachable" (transient, but for a certificate that is not trusted). Their texts hold no more of the URL than its
  // scheme, host and port: paths and queries may be secrets, too. So may credentials, which are refused in a URL.
  core::Result<sdk::HttpResponse> send(const sdk::HttpRequest& request) override;

 private:
  class Handles;
  std::unique_ptr<Handles> handles_;
};

// Whether the address is of this machine or of a private network: loopback, RFC 1918, link-local, RFC 6598, "this
// network", multicast and reserved ranges, unique-local IPv6 (RFC 4193), and IPv4 inside IPv6 alike (RFC 6890).
bool is_private_address(const sockaddr* address);

}  // namespace penstock::runtime
