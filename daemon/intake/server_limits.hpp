// What one peer may take of the server: sizes, counts and times, each with a default that suits webhooks and people.
#pragma once

#include <chrono>
#include <cstddef>

namespace penstock::intake {

struct Limits {
  std::size_t connections = 1024;
  // One IPv4 address, or one IPv6 /64. Behind a reverse proxy all callers share its address: raise it there.
  std::size_t connections_per_address = 128;
  std::size_t requests_per_connection = 10'000;  // then `Connection: close`

  std::size_t header_bytes = 16 * 1024;  // request line and fields
  std::size_t header_fields = 100;
  std::size_t target_bytes = 8000;  // RFC 9112 §3 recommends at least that
  // All bodies in memory at once; a route's own limit is Route::max_body.
  std::size_t bodies_bytes = std::size_t{256} * 1024 * 1024;

  std::chrono::milliseconds header_time = std::chrono::seconds(5);  // from the first byte (or the accept) to the last
  std::chrono::milliseconds idle_time = std::chrono::seconds(60);   // between two requests
  std::chrono::milliseconds body_time = std::chrono::seconds(15);
  // Within body_time a body must also arrive at this rate, after body_start.
  std::size_t body_bytes_per_second = 1024;
  std::chrono::milliseconds body_start = std::chrono::seconds(5);
  std::chrono::milliseconds write_time = std::chrono::seconds(15);  // one answer, or one piece of a streamed one
  // How long a refused peer is listened to, so that it reads the refusal before the connection is reset.
  std::chrono::milliseconds linger_time = std::chrono::seconds(1);
};

}  // namespace penstock::intake
