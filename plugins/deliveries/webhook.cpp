#include "plugins/deliveries/webhook.hpp"

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

namespace penstock::deliveries {
namespace {

using core::declared::Shape;
using nlohmann::json;

struct Configuration {
  core::declared::EndpointName receiver;
  json extra = json::object();
  static const Shape<Configuration>& shape() {
    static const auto shape =
        Shape<Configuration>("webhook", "Tells a receiver to serve the candidate.")
            .required("receiver", &Configuration::receiver, "An endpoint of penstock.yaml of the kind webhook.",
                      {.endpoint_kinds = {"webhook"}})
            .optional("extra", &Configuration::extra, "Handed over as `data.extra`.");
    return shape;
  }
};

constexpr core::Duration longest_retry_after = std::chrono::hours(24);

std::string payload(const sdk::DeliveryRequest& request, const json& extra, core::Time now) {
  json data{{"promotion", request.promotion},
            {"model", request.lane.model},
            {"environment", request.lane.environment},
            {"candidate_id", request.candidate_id.text()},
            {"candidate", core::to_json(request.candidate)},
            {"policy", request.policy.text()},
            {"approved_by", request.approved_by},
            {"delivery", request.delivery},
            {"key", request.key},
            {"replaces", nullptr}};
  if (request.live)
    data["replaces"] = {{"candidate_id", request.live->id.text()}, {"version", request.live->candidate.version}};
  if (!extra.empty()) data["extra"] = extra;
  return json{{"type", "promotion.deliver"}, {"timestamp", core::to_text(now)}, {"data", std::move(data)}}.dump(
      -1, ' ', false, json::error_handler_t::replace);
}

// Standard Webhooks: `whsec_` and base64 of the key; any other secret is taken as it is.
core::Result<std::string> signing_key(const sdk::Endpoint& endpoint, const sdk::Crypto& crypto) {
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

class Webhook : public sdk::Delivery {
 public:
  explicit Webhook(Configuration configuration) : configuration_(std::move(configuration)) {}

  sdk::DeliveryOutcome deliver(const sdk::DeliveryRequest& request, sdk::Tools& tools) const override {
    const auto endpoint = tools.endpoints.find(configuration_.receiver.text);
    if (!endpoint) return sdk::Refused{endpoint.error()};
    const auto key = signing_key(*endpoint, tools.crypto);
    if (!key) return sdk::Refused{key.error()};
    const auto now = tools.clock.now();
    sdk::HttpRequest http;
    http.method = "POST";
    http.url = endpoint->url;
    http.allow_private = endpoint->allow_private;
    http.bearer_token = endpoint->bearer_token;
    http.basic_auth = endpoint->basic_auth;
    http.body = payload(request, configuration_.extra, now);
    http.timeout = std::min<core::Duration>(std::chrono::seconds(30), request.deadline - now);
    // The id is the same for every try, so that the receiver can tell a repeat; the scheme forbids dots in it.
    const auto id = "msg_" + tools.crypto.sha256(request.key).hex().substr(0, 32);
    const auto stamp = std::to_string(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
    http.headers = {{"Content-Type", "application/json"},
                    {"webhook-id", id},
                    {"webhook-timestamp", stamp},
                    {"webhook-signature",
                     "v1," + tools.crypto.base64(tools.crypto.hmac_sha256(*key, id + "." + stamp + "." + http.body))}};
    const auto response = tools.http.send(http);
    if (response) return judge(*endpoint, *response, now);
    if (response.error().transient) return sdk::TryLater{response.error(), std::nullopt};
    return sdk::Refused{response.error()};
  }

 private:
  static sdk::DeliveryOutcome judge(const sdk::Endpoint& endpoint, const sdk::HttpResponse& response, core::Time now) {
    const auto code = std::to_string(response.status);
    if (response.status >= 200 && response.status < 300) {
      const auto option = endpoint.options.find("receipt");
      if (option != endpoint.options.end() && option->second == "callback")
        return sdk::Sent{code + " from " + endpoint.name + "; its receipt follows"};
      return sdk::Confirmed{code + " from " + endpoint.name};
    }
    const core::Problem problem{"receiver-refused", "the receiver answered " + code, endpoint.name,
                                "ask whoever runs it, then retry or reject", false};
    if (response.status == 410) {
      auto gone = problem;
      gone.message = "the receiver answered 410 Gone: it no longer takes webhooks";
      return sdk::Refused{gone};
    }
    if (response.status >= 300 && response.status < 400) {
      auto redirect = problem;
      redirect.message = "the receiver answered " + code + ": redirects are not followed";
      redirect.hint = "configure the address it redirects to, if that is where the webhook shall go";
      return sdk::Refused{redirect};
    }
    // RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4: these say "later"; other 4xx say that this request is wrong.
    const bool later = response.status >= 500 || response.status == 408 || response.status == 409 ||
                       response.status == 425 || response.status == 429;
    if (!later) return sdk::Refused{problem};
    return sdk::TryLater{problem, parse_retry_after(response.header("retry-after"), now)};
  }

  Configuration configuration_;
};

}  // namespace

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

sdk::DeliveryKind webhook_kind() {
  sdk::DeliveryKind kind;
  kind.kind = "webhook";
  kind.description = "Tells a receiver to serve the candidate, signed by the Standard Webhooks scheme.";
  kind.configuration = core::declared::any_shape<Configuration>();
  kind.needs = {sdk::Capability::http, sdk::Capability::endpoints};
  kind.make = [](const json& with) -> core::Result<std::unique_ptr<sdk::Delivery>> {
    auto configuration = core::declared::from_json<Configuration>(with);
    if (!configuration) return configuration.error();
    return std::make_unique<Webhook>(std::move(*configuration));
  };
  return kind;
}

}  // namespace penstock::deliveries
