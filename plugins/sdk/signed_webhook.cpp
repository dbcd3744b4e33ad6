#include "plugins/sdk/signed_webhook.hpp"

#include <algorithm>
#include <ctime>

namespace penstock::sdk {
namespace {

constexpr core::Duration longest_retry_after = std::chrono::hours(24);
constexpr core::Duration longest_exchange = std::chrono::seconds(30);

// `whsec_` and base64 of the key; any other secret is taken as it is.
core::Result<std::string> signing_key(const Endpoint& endpoint, const Crypto& crypto) {
  constexpr std::string_view prefix = "whsec_";
  if (endpoint.secret.empty())
    return core::Problem{"no-secret", "the receiver has no secret: Penstock sends no unsigned webhooks", endpoint.name,
                         "give it one in penstock.yaml", false};
  if (endpoint.secret.rfind(prefix, 0) != 0) return endpoint.secret;
  auto key = crypto.from_base64(std::string_view(endpoint.secret).substr(prefix.size()));
  if (!key)
    return core::Problem{"bad-secret", "the receiver's secret begins with whsec_ but is not base64 after it",
                         endpoint.name, "correct it", false};
  return std::move(*key);
}

HttpRequest signed_request(const Endpoint& endpoint, const SignedWebhook& webhook, const std::string& key,
                           const Crypto& crypto, core::Time now) {
  HttpRequest http;
  http.method = "POST";
  http.url = endpoint.url;
  http.allow_private = endpoint.allow_private;
  http.bearer_token = endpoint.bearer_token;
  http.basic_auth = endpoint.basic_auth;
  http.body = webhook.body;
  http.timeout = std::min(longest_exchange, webhook.deadline - now);
  // The scheme forbids dots in the id.
  const auto id = "msg_" + crypto.sha256(webhook.key).hex().substr(0, 32);
  const auto stamp = std::to_string(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
  http.headers = {
      {"Content-Type", "application/json"},
      {"webhook-id", id},
      {"webhook-timestamp", stamp},
      {"webhook-signature", "v1," + crypto.base64(crypto.hmac_sha256(key, id + "." + stamp + "." + http.body))}};
  return http;
}

WebhookOutcome judge(const Endpoint& endpoint, const SignedWebhook& webhook, const HttpResponse& response,
                     core::Time now) {
  const auto code = std::to_string(response.status);
  if (response.status >= 200 && response.status < 300) return Taken{response.status};
  const core::Problem problem{"receiver-refused", "the receiver answered " + code, endpoint.name, webhook.when_refused,
                              false};
  if (response.status == 410) {
    auto gone = problem;
    gone.message = "the receiver answered 410 Gone: it no longer takes webhooks";
    return Refused{gone};
  }
  if (response.status >= 300 && response.status < 400) {
    auto redirect = problem;
    redirect.message = "the receiver answered " + code + ": redirects are not followed";
    redirect.hint = "configure the address it redirects to, if that is where the webhook shall go";
    return Refused{redirect};
  }
  // RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4: these say "later"; other 4xx say that this request is wrong.
  const bool later = response.status >= 500 || response.status == 408 || response.status == 409 ||
                     response.status == 425 || response.status == 429;
  if (!later) return Refused{problem};
  return TryLater{problem, parse_retry_after(response.header("retry-after"), now)};
}

}  // namespace

WebhookOutcome send_signed(const Endpoint& endpoint, const SignedWebhook& webhook, Tools& tools) {
  const auto key = signing_key(endpoint, tools.crypto);
  if (!key) return Refused{key.error()};
  const auto now = tools.clock.now();
  const auto response = tools.http.send(signed_request(endpoint, webhook, *key, tools.crypto, now));
  if (response) return judge(endpoint, webhook, *response, now);
  if (response.error().transient) return TryLater{response.error(), std::nullopt};
  return Refused{response.error()};
}

std::optional<core::Duration> parse_retry_after(const std::string& value, core::Time now) {
  if (value.empty()) return std::nullopt;
  if (value.find_first_not_of("0123456789") == std::string::npos) {
    const auto seconds = value.size() > 6 ? 1'000'000 : std::stoll(value);
    return std::min<core::Duration>(std::chrono::seconds(seconds), longest_retry_after);
  }
  std::tm date{};
  const auto* end = strptime(value.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const auto at = core::Time(std::chrono::seconds(timegm(&date)));
  return std::clamp<core::Duration>(at - now, core::Duration(0), longest_retry_after);
}

}  // namespace penstock::sdk
