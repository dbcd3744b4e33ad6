#include "tests/simulation/registry.hpp"

#include <nlohmann/json.hpp>

namespace penstock::simulation {
namespace {

using core::Problem;
using core::Result;
using nlohmann::json;

std::string place_of(const core::LaneKey& lane) { return lane.model + "/" + lane.environment; }
std::string place_of(const std::string& url) { return url.substr(url.find('/', url.find("//") + 2) + 1); }

struct Configuration {
  std::string registry;
  static const core::declared::Shape<Configuration>& shape() {
    static const auto shape = core::declared::Shape<Configuration>("alias", "Moves an alias.")
                                  .required("registry", &Configuration::registry, "Where.");
    return shape;
  }
};

class AliasDelivery : public sdk::Delivery {
 public:
  explicit AliasDelivery(std::string host) : host_(std::move(host)) {}

  sdk::DeliveryOutcome deliver(const sdk::DeliveryRequest& request, sdk::Tools& tools) const override {
    const auto moved = exchange(request, tools, "PUT", json{{"promotion", request.promotion}, {"key", request.key}});
    if (!moved) return sdk::TryLater{moved.error(), std::nullopt};
    const auto read = exchange(request, tools, "GET", nullptr);
    if (!read) return sdk::TryLater{read.error(), std::nullopt};
    if (*read != request.promotion)
      return sdk::TryLater{{"moved", "it reads back as " + *read, host_, "", true}, std::nullopt};
    return sdk::Confirmed{"it reads back as " + *read};
  }
  sdk::Look look(const sdk::DeliveryRequest& request, sdk::Tools& tools) const override {
    const auto read = exchange(request, tools, "GET", nullptr);
    if (!read) return read.error();
    if (*read != request.promotion) return sdk::Drifted{"it reads back as " + *read};
    return sdk::Kept{"it reads back as " + *read};
  }

 private:
  Result<std::string> exchange(const sdk::DeliveryRequest& request, sdk::Tools& tools, const char* method,
                               const json& body) const {
    sdk::HttpRequest http;
    http.method = method;
    http.url = "http://" + host_ + "/" + place_of(request.lane);
    if (!body.is_null()) http.body = body.dump();
    const auto response = tools.http.send(http);
    if (!response) return response.error();
    const auto said = json::parse(response->body, nullptr, false);
    if (response->status != 200 || !said.is_object())
      return Problem{"no-answer", "status " + std::to_string(response->status), host_, "", true};
    return said.at("promotion").get<std::string>();
  }

  const std::string host_;
};

}  // namespace

sdk::HttpResponse Registry::receive(const sdk::HttpRequest& request) {
  const auto place = place_of(request.url);
  if (request.method == "PUT") {
    const auto body = json::parse(request.body);
    aliases_[place] = body.at("promotion");
    keys_.insert(body.at("key"));
    world_.history.tell("registry", place + " points to " + aliases_[place]);
  }
  sdk::HttpResponse response;
  response.status = 200;
  response.body = json{{"promotion", aliases_[place]}}.dump();
  return response;
}

void Registry::move_by_hand() {
  if (aliases_.empty()) return;
  const auto place = std::next(aliases_.begin(), static_cast<std::ptrdiff_t>(world_.chance.below(aliases_.size())));
  place->second = "";
  world_.history.tell("registry", "somebody moves " + place->first);
}

std::string Registry::alias_of(const core::LaneKey& lane) const {
  const auto found = aliases_.find(place_of(lane));
  return found == aliases_.end() ? "" : found->second;
}

sdk::DeliveryKind alias_kind() {
  sdk::DeliveryKind kind;
  kind.kind = "alias";
  kind.description = "Moves an alias.";
  kind.configuration = core::declared::any_shape<Configuration>();
  kind.needs = {sdk::Capability::http};
  kind.make = [](const json& with) -> Result<std::unique_ptr<sdk::Delivery>> {
    return std::make_unique<AliasDelivery>(with.at("registry").get<std::string>());
  };
  return kind;
}

}  // namespace penstock::simulation
