#include "plugins/notifiers/webhook.hpp"

#include <nlohmann/json.hpp>

#include "plugins/sdk/signed_webhook.hpp"

namespace penstock::notifiers {
namespace {

using nlohmann::json;

std::string payload(const sdk::Notice& notice) {
  const std::string kind(core::name_of(notice.kind));
  json data{
      {"key", notice.key},    {"kind", kind},    {"model", notice.lane.model}, {"environment", notice.lane.environment},
      {"promotion", nullptr}, {"to", notice.to}, {"text", notice.text}};
  if (!notice.promotion.empty()) data["promotion"] = notice.promotion;
  if (!notice.href.empty()) data["href"] = notice.href;
  return json{{"type", "notice." + kind}, {"timestamp", core::to_text(notice.at)}, {"data", std::move(data)}}.dump(
      -1, ' ', false, json::error_handler_t::replace);
}

struct ToOutcome {
  const std::string& endpoint;

  sdk::NoticeOutcome operator()(const sdk::Taken& taken) const {
    return sdk::Told{std::to_string(taken.status) + " from " + endpoint};
  }
  sdk::NoticeOutcome operator()(const sdk::TryLater& later) const { return later; }
  sdk::NoticeOutcome operator()(const sdk::Refused& refused) const { return refused; }
};

class Webhook : public sdk::Notifier {
 public:
  sdk::NoticeOutcome tell(const sdk::Notice& notice, sdk::Tools& tools) const override {
    const auto endpoint = tools.endpoints.find(notice.endpoint);
    if (!endpoint) return sdk::Refused{endpoint.error()};
    // Two endpoints may lead to one receiver, for which each is a message of its own.
    const sdk::SignedWebhook webhook{notice.key + "@" + notice.endpoint, payload(notice), notice.deadline,
                                     "ask whoever runs it"};
    return std::visit(ToOutcome{notice.endpoint}, sdk::send_signed(*endpoint, webhook, tools));
  }
};

}  // namespace

sdk::NotifierKind webhook_kind() {
  sdk::NotifierKind kind;
  kind.kind = "webhook";
  kind.description = "Tells an endpoint by a POST signed by the Standard Webhooks scheme.";
  kind.needs = {sdk::Capability::http, sdk::Capability::endpoints};
  kind.make = [] { return std::make_unique<Webhook>(); };
  return kind;
}

}  // namespace penstock::notifiers
