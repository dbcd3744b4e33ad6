#include "plugins/deliveries/webhook.hpp"

#include <nlohmann/json.hpp>

#include "daemon/core/json_writing.hpp"

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

// The same for every try: what comes under one webhook-id is one message.
std::string payload(const sdk::DeliveryRequest& request, const json& extra) {
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
  return core::json_text(
      {{"type", "promotion.deliver"}, {"timestamp", core::to_text(request.asked_at)}, {"data", std::move(data)}});
}

struct ToOutcome {
  const sdk::Endpoint& endpoint;

  sdk::DeliveryOutcome operator()(const sdk::Taken& taken) const {
    const auto answer = std::to_string(taken.status) + " from " + endpoint.name;
    const auto option = endpoint.options.find("receipt");
    if (option != endpoint.options.end() && option->second == "callback")
      return sdk::Sent{answer + "; its receipt follows"};
    return sdk::Confirmed{answer};
  }
  sdk::DeliveryOutcome operator()(const sdk::TryLater& later) const { return later; }
  sdk::DeliveryOutcome operator()(const sdk::Refused& refused) const { return refused; }
};

class Webhook : public sdk::Delivery {
 public:
  explicit Webhook(Configuration configuration) : configuration_(std::move(configuration)) {}

  sdk::DeliveryOutcome deliver(const sdk::DeliveryRequest& request, sdk::Tools& tools) const override {
    const auto endpoint = tools.endpoints.find(configuration_.receiver.text);
    if (!endpoint) return sdk::Refused{endpoint.error()};
    const sdk::SignedWebhook webhook{request.key, payload(request, configuration_.extra), request.deadline,
                                     "ask whoever runs it, then retry or reject"};
    return std::visit(ToOutcome{*endpoint}, sdk::send_signed(*endpoint, webhook, tools));
  }

 private:
  Configuration configuration_;
};

}  // namespace

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
