// Who calls the API: bearer tokens, known only by their SHA-256.
//
// Lives on the server's thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/intake/http.hpp"
#include "daemon/runtime/clock.hpp"

namespace penstock::intake {

// A token as configured: printf %s "$TOKEN" | sha256sum
struct Token {
  std::string sha256;  // 64 lower-case hex digits of the token's SHA-256
  Caller caller;
  std::optional<core::Time> expires;  // nothing: never
};

struct FailureLimit {
  int failures = 20;  // wrong tokens from one address in `window`, then further ones are 429; 0 = no limit
  core::Duration window = std::chrono::minutes(1);
  std::size_t addresses = 10'000;  // remembered at once; the oldest is forgotten first
};

class Identity {
 public:
  // Problem "invalid-token" names the caller whose token is malformed, or the two that share one.
  static core::Result<Identity> make(std::vector<Token> tokens, const runtime::Clock& clock, FailureLimit limit = {});

  // The caller that `Authorization: Bearer <token>` stands for. Problems: "unauthenticated" (401: none, unknown or
  // expired), "too-many-failures" (429). A right token is never refused for the wrong ones that others send from the
  // same address: behind a proxy that is everybody's. A wrong one costs one SHA-256 of at most 4 KiB and a comparison
  // in constant time with every token, limited or not.
  core::Result<Caller> authenticate(const Request& request);

 private:
  Identity(std::vector<Token> tokens, const runtime::Clock& clock, FailureLimit limit)
      : tokens_(std::move(tokens)), clock_(&clock), limit_(limit) {}
  core::Problem refuse_guess(const std::string& remote);
  bool is_limited(const std::string& remote);
  void count_failure(const std::string& remote);

  struct Failures {
    int count = 0;
    core::Time since{};
  };
  std::vector<Token> tokens_;
  const runtime::Clock* clock_;
  FailureLimit limit_;
  std::map<std::string, Failures> failures_;
};

}  // namespace penstock::intake
