// Sends a webhook signed by the Standard Webhooks scheme 1.0.0, and judges the answer. Shared by all that send one.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "plugins/sdk/outcome.hpp"
#include "plugins/sdk/tools.hpp"

namespace penstock::sdk {

struct SignedWebhook {
  // The same for every try: `webhook-id` is made of it, by which receivers tell a repeat.
  std::string key;
  std::string body;  // JSON: {"type", "timestamp", "data"}
  core::Time deadline{};
  std::string when_refused;  // what a person can do when the receiver does not take it
};

// The receiver answered 2xx.
struct Taken {
  int status = 0;
};
using WebhookOutcome = std::variant<Taken, TryLater, Refused>;

// Blocks, for at most 30 s. Needs http and endpoints. An endpoint without a secret is refused: nothing is sent
// unsigned. Later: no answer, 408, 409, 425, 429 and 5xx, not before Retry-After. Refused: every other answer, and
// redirects.
WebhookOutcome send_signed(const Endpoint& endpoint, const SignedWebhook& webhook, Tools& tools);

// Seconds or an HTTP date (RFC 9110 §10.2.3); nothing for anything else. At most a day is waited.
std::optional<core::Duration> parse_retry_after(const std::string& value, core::Time now);

}  // namespace penstock::sdk
