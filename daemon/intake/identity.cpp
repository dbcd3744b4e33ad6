#include "daemon/intake/identity.hpp"

#include <algorithm>

#include "daemon/runtime/digest.hpp"

namespace penstock::intake {
namespace {

core::Problem unauthenticated(std::string message) {
  return {"unauthenticated", std::move(message), "",
          "send `Authorization: Bearer <token>` with a token of penstock.yaml", false};
}

// The token of "Bearer <token>"; the scheme is case-insensitive (RFC 9110 §11.1), the token RFC 6750's b64token.
std::optional<std::string_view> bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (authorization.size() <= scheme.size() || authorization.size() > 4096) return std::nullopt;
  for (std::size_t i = 0; i < scheme.size(); ++i)
    if (static_cast<char>(authorization[i] | (scheme[i] == ' ' ? 0 : 0x20)) != scheme[i]) return std::nullopt;
  const auto token = authorization.substr(scheme.size());
  const bool plain = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  return plain ? std::optional(token) : std::nullopt;
}

}  // namespace

core::Result<Identity> Identity::make(std::vector<Token> tokens, const runtime::Clock& clock, FailureLimit limit) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto& token = tokens[i];
    if (token.caller.name.empty())
      return core::Problem{"invalid-token", "a token has no caller's name", "",
                           "name the person or service that holds it", false};
    if (token.sha256.size() != 64 || token.sha256.find_first_not_of("0123456789abcdef") != std::string::npos)
      return core::Problem{"invalid-token", "the token of " + token.caller.name + " is not 64 lower-case hex digits",
                           "", "write the token's SHA-256, never the token: printf %s \"$TOKEN\" | sha256sum", false};
    for (std::size_t j = 0; j < i; ++j)
      if (tokens[j].sha256 == token.sha256)
        return core::Problem{"invalid-token",
                             tokens[j].caller.name + " and " + token.caller.name + " have the same token", "",
                             "give each caller a token of its own", false};
  }
  return Identity(std::move(tokens), clock, limit);
}

core::Result<Caller> Identity::authenticate(const Request& request) {
  const auto authorization = request.header("authorization");
  const auto& remote = request.remote;
  const auto token = bearer_token(authorization);
  // A caller without a token guesses nothing: it is told, not counted.
  if (!token) return unauthenticated("the request carries no bearer token");
  const auto digest = runtime::sha256(*token).hex();
  const Token* found = nullptr;
  for (const auto& known : tokens_)
    if (runtime::equal_constant_time(known.sha256, digest)) found = &known;
  if (found == nullptr) return refuse_guess(remote);
  if (found->expires && *found->expires <= clock_->now())
    return unauthenticated("the token of " + found->caller.name + " expired at " + core::to_text(*found->expires));
  return found->caller;
}

core::Problem Identity::refuse_guess(const std::string& remote) {
  if (is_limited(remote))
    return {"too-many-failures",
            "more than " + std::to_string(limit_.failures) + " wrong tokens came from this address within " +
                core::to_text(limit_.window),
            remote, "send a token that is right; wrong ones are told apart again after a while", true};
  count_failure(remote);
  return unauthenticated("the bearer token is not known");
}

bool Identity::is_limited(const std::string& remote) {
  const auto found = failures_.find(remote);
  if (limit_.failures == 0 || found == failures_.end()) return false;
  if (clock_->now() - found->second.since < limit_.window) return found->second.count >= limit_.failures;
  failures_.erase(found);
  return false;
}

void Identity::count_failure(const std::string& remote) {
  if (limit_.failures == 0) return;
  if (failures_.size() >= limit_.addresses && !failures_.contains(remote)) {
    const auto older = [](const auto& left, const auto& right) { return left.second.since < right.second.since; };
    failures_.erase(std::min_element(failures_.begin(), failures_.end(), older));
  }
  auto& failures = failures_[remote];
  if (failures.count++ == 0) failures.since = clock_->now();
}

}  // namespace penstock::intake
