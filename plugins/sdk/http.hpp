// Outbound HTTP, as Penstock lends it to plugins. Holds nothing of the domain, so that daemon/runtime implements it
// directly.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::sdk {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::string body;
  core::Duration timeout = std::chrono::seconds(10);  // for the whole exchange
  std::size_t max_body = 1 << 20;                     // bytes of the answer; more is a Problem, never a cut-off text
  // Loopback, private, link-local and unique-local addresses are refused unless this is set (SSRF; OWASP API7).
  bool allow_private = false;
  // "user:password" for HTTP Basic; kept apart from headers so that it is never logged.
  std::string basic_auth;
  std::string bearer_token;
  // When set, the body is written to this file (which must not exist) instead of into the response.
  std::filesystem::path body_to;
};

struct HttpResponse {
  int status = 0;
  Headers headers;  // names in lower case
  std::string body;
  core::Duration took{};
  std::string header(const std::string& name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
};

// Redirects are not followed. A Problem is "no answer": code "unreachable", "timeout", "too-large", "address-refused".
class Http {
 public:
  virtual ~Http() = default;
  virtual core::Result<HttpResponse> send(const HttpRequest& request) = 0;
};

}  // namespace penstock::sdk
