#include "plugins/deliveries/mlflow_alias.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/core/json_text.hpp"

namespace penstock::deliveries {
namespace {

using core::Problem;
using core::Result;
using core::declared::Shape;
using nlohmann::json;

struct Configuration {
  core::declared::EndpointName registry;
  std::string alias;
  static const Shape<Configuration>& shape() {
    static const auto shape =
        Shape<Configuration>("mlflow-alias", "Moves an alias of MLflow's registry to the candidate, and reads it back.")
            .required("registry", &Configuration::registry, "An endpoint of penstock.yaml of the kind mlflow.",
                      {.endpoint_kinds = {"mlflow"}})
            .required("alias", &Configuration::alias, "The alias, for example `champion`.",
                      {.min_length = 1, .max_length = 250});
    return shape;
  }
};

std::string query_escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || c == '-' ||
        c == '_' || c == '.') {
      result += c;
    } else {
      static constexpr char digits[] = "0123456789ABCDEF";
      result += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return result;
}

// The two calls of the registry that this delivery needs (MLflow REST API 2.0, model_registry.proto).
class Registry {
 public:
  static constexpr const char* no_such_model = "registry-has-no-such-model";

  Registry(sdk::Endpoint endpoint, sdk::Http& http, core::Duration timeout)
      : endpoint_(std::move(endpoint)), http_(http), timeout_(timeout) {}

  // The version that the alias points to, "" when there is no such alias. `registered-models/get` because the search
  // answers never carry aliases (mlflow#16734).
  Result<std::string> read(const std::string& model, const std::string& alias) {
    auto http = request("GET", "/api/2.0/mlflow/registered-models/get?name=" + query_escaped(model));
    const auto answer = exchange(http);
    if (!answer) return answer.error();
    if (!answer->is_object() || !answer->contains("registered_model") || !(*answer)["registered_model"].is_object())
      return not_understood("an answer without a registered_model");
    const auto& registered = (*answer)["registered_model"];
    const auto aliases = registered.value("aliases", json::array());
    if (!aliases.is_array()) return not_understood("aliases that are no list");
    for (const auto& one : aliases) {
      if (!one.is_object() || !one.contains("alias") || !one["alias"].is_string())
        return not_understood("an alias without a name");
      if (one["alias"] != alias) continue;
      const auto version = one.find("version");
      if (version == one.end()) return not_understood("an alias without a version");
      return version->is_string() ? version->get<std::string>() : version->dump();
    }
    return std::string();
  }

  Result<void> set(const std::string& model, const std::string& alias, const std::string& version) {
    auto http = request("POST", "/api/2.0/mlflow/registered-models/alias");
    http.body = json{{"name", model}, {"alias", alias}, {"version", version}}.dump();
    http.headers.emplace_back("Content-Type", "application/json");
    const auto answer = exchange(http);
    if (!answer) return answer.error();
    return Result<void>();
  }

 private:
  sdk::HttpRequest request(const std::string& method, const std::string& path) const {
    sdk::HttpRequest http;
    http.method = method;
    http.url = endpoint_.url + path;
    http.allow_private = endpoint_.allow_private;
    http.basic_auth = endpoint_.basic_auth;
    http.bearer_token = endpoint_.bearer_token;
    http.timeout = timeout_;
    if (const auto workspace = endpoint_.options.find("workspace"); workspace != endpoint_.options.end())
      http.headers.emplace_back("X-MLFLOW-WORKSPACE", workspace->second);
    return http;
  }

  Result<json> exchange(const sdk::HttpRequest& http) {
    const auto response = http_.send(http);
    if (!response) return response.error();
    auto body = core::read_json(response->body);
    if (response->status != 200) {
      std::string said;
      if (body && body->is_object() && body->contains("error_code") && (*body)["error_code"].is_string())
        said = ", " + (*body)["error_code"].get<std::string>();
      const bool later = response->status >= 500 || response->status == 429;
      // Its own word for that: a proxy's 404 says nothing of the model.
      const bool is_gone = response->status == 404 && said == ", RESOURCE_DOES_NOT_EXIST";
      return Problem{is_gone ? no_such_model : "registry-refused",
                     "the registry answered " + std::to_string(response->status) + said, endpoint_.name,
                     "see the registry's log, then retry", later};
    }
    if (!body)
      return not_understood(std::to_string(response->body.size()) +
                            " bytes that cannot be read as JSON: " + body.error().message);
    return body;
  }

  Problem not_understood(const std::string& what) const {
    return {"registry-not-understood", "the registry answered 200 with " + what, endpoint_.name,
            "is the endpoint's URL that of an MLflow server?", true};
  }

  sdk::Endpoint endpoint_;
  sdk::Http& http_;
  core::Duration timeout_;
};

std::string registry_value(const core::Candidate& candidate, const std::string& key) {
  const auto found = candidate.registry.find(key);
  return found == candidate.registry.end() ? std::string() : found->second;
}

sdk::DeliveryOutcome later_or_never(const Problem& problem) {
  if (problem.transient) return sdk::TryLater{problem, std::nullopt};
  return sdk::Refused{problem};
}

class MlflowAlias : public sdk::Delivery {
 public:
  explicit MlflowAlias(Configuration configuration) : configuration_(std::move(configuration)) {}

  sdk::DeliveryOutcome deliver(const sdk::DeliveryRequest& request, sdk::Tools& tools) const override {
    const auto endpoint = tools.endpoints.find(configuration_.registry.text);
    if (!endpoint) return sdk::Refused{endpoint.error()};
    const auto model = registry_value(request.candidate, "name");
    const auto version = registry_value(request.candidate, "version");
    if (registry_value(request.candidate, "kind") != "mlflow" || model.empty() || version.empty())
      return sdk::Refused{{"not-registered", "the candidate is not a version of an MLflow registry",
                           configuration_.registry.text, "promote a candidate that an mlflow source has seen", false}};
    Registry registry(*endpoint, tools.http,
                      std::min<core::Duration>(std::chrono::seconds(30), request.deadline - tools.clock.now()));
    const auto name = "alias " + configuration_.alias + " of " + model;
    const auto before = registry.read(model, configuration_.alias);
    if (!before) return later_or_never(before.error());
    if (*before == version) return sdk::Confirmed{name + " reads back as version " + version + " in " + endpoint->name};
    if (auto moved = moved_by_another(request, model, *before); moved && !request.puts_back)
      return sdk::Refused{*moved};
    if (const auto set = registry.set(model, configuration_.alias, version); !set) return later_or_never(set.error());
    const auto after = registry.read(model, configuration_.alias);
    if (!after) return later_or_never(after.error());
    if (*after == version) return sdk::Confirmed{name + " reads back as version " + version + " in " + endpoint->name};
    return sdk::Refused{{"alias-moved",
                         name + " was set to version " + version + " but reads back as " +
                             (after->empty() ? "nothing" : "version " + *after),
                         endpoint->name, "find out who else moves it, then retry", false}};
  }

  sdk::Look look(const sdk::DeliveryRequest& request, sdk::Tools& tools) const override {
    const auto endpoint = tools.endpoints.find(configuration_.registry.text);
    if (!endpoint) return endpoint.error();
    const auto model = registry_value(request.candidate, "name");
    const auto version = registry_value(request.candidate, "version");
    Registry registry(*endpoint, tools.http,
                      std::min<core::Duration>(std::chrono::seconds(30), request.deadline - tools.clock.now()));
    const auto name = "alias " + configuration_.alias + " of " + model;
    const auto found = registry.read(model, configuration_.alias);
    if (!found && found.error().code == Registry::no_such_model)
      return sdk::Drifted{"the model " + model + " is no longer in " + endpoint->name + ", version " + version +
                          " was promoted"};
    if (!found) return found.error();
    if (*found == version) return sdk::Kept{name + " reads back as version " + version + " in " + endpoint->name};
    return sdk::Drifted{name + " points to " + (found->empty() ? "nothing" : "version " + *found) + " in " +
                        endpoint->name + ", version " + version + " was promoted"};
  }

 private:
  // The alias has no compare-and-set, so what it points to is compared with what Penstock put live.
  std::optional<Problem> moved_by_another(const sdk::DeliveryRequest& request, const std::string& model,
                                          const std::string& found) const {
    if (!request.live || registry_value(request.live->candidate, "kind") != "mlflow" ||
        registry_value(request.live->candidate, "name") != model)
      return std::nullopt;
    const auto expected = registry_value(request.live->candidate, "version");
    if (found == expected) return std::nullopt;
    return Problem{"alias-moved",
                   "alias " + configuration_.alias + " of " + model + " points to " +
                       (found.empty() ? "nothing" : "version " + found) + ", but version " + expected +
                       " is what was promoted last",
                   configuration_.registry.text,
                   "somebody moved it outside Penstock: put it back or find out why, then retry", false};
  }

  Configuration configuration_;
};

}  // namespace

sdk::DeliveryKind mlflow_alias_kind() {
  sdk::DeliveryKind kind;
  kind.kind = "mlflow-alias";
  kind.description = "Moves an alias of MLflow's registry to the candidate, and reads it back.";
  kind.configuration = core::declared::any_shape<Configuration>();
  kind.needs = {sdk::Capability::http, sdk::Capability::endpoints};
  kind.make = [](const json& with) -> Result<std::unique_ptr<sdk::Delivery>> {
    auto configuration = core::declared::from_json<Configuration>(with);
    if (!configuration) return configuration.error();
    return std::make_unique<MlflowAlias>(std::move(*configuration));
  };
  return kind;
}

}  // namespace penstock::deliveries
