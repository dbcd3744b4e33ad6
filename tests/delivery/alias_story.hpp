// A model whose alias in an MLflow registry is moved by Penstock, and by hand.
#pragma once

#include "plugins/catalog.hpp"
#include "tests/daemon/performing_world.hpp"
#include "tests/runtime/server.hpp"

namespace penstock {

inline core::DeliverySpec shipped(const std::string& name, const std::string& kind, nlohmann::json with) {
  core::DeliverySpec spec;
  spec.name = name;
  spec.kind = kind;
  spec.with = std::move(with);
  return spec;
}

// One of the world's endpoints, here on loopback.
inline sdk::Endpoint local(std::size_t number, const std::string& url) {
  auto endpoint = LendingWorld::three_endpoints().at(number);
  endpoint.url = url;
  endpoint.allow_private = true;
  return endpoint;
}

// MLflow's registry, as far as an alias goes (MLflow REST API 2.0).
class AliasRegistry {
 public:
  std::string url() const { return server_.url(""); }
  std::string version;
  std::string refuses;   // the status of every answer; empty: it answers
  bool is_gone = false;  // there is no such model any more
  std::mutex mutex;

 private:
  std::string answer(const std::string& request) {
    const std::lock_guard lock(mutex);
    if (!refuses.empty()) return http_answer(refuses, "");
    if (is_gone) return http_answer("404 Not Found", R"({"error_code": "RESOURCE_DOES_NOT_EXIST"})");
    if (request.starts_with("POST /api/2.0/mlflow/registered-models/alias "))
      version = nlohmann::json::parse(request.substr(request.find("\r\n\r\n") + 4)).at("version");
    auto aliases = nlohmann::json::array();
    if (!version.empty()) aliases.push_back({{"alias", "champion"}, {"version", version}});
    return http_answer("200 OK", nlohmann::json{{"registered_model", {{"aliases", aliases}}}}.dump());
  }
  TestServer server_{[this](const std::string& request, int) { return answer(request); }};
};

struct AliasStory {
  AliasStory() {
    world.policy.deliveries = {shipped("alias", "mlflow-alias", {{"registry", "main"}, {"alias", "champion"}})};
    world.start();
  }
  core::PromotionId see(const std::string& version) {
    auto candidate = world.candidate();
    candidate.version = version;
    candidate.registry = {{"kind", "mlflow"}, {"name", "fraud"}, {"version", version}};
    return world.see(candidate);
  }
  void move_by_hand(const std::string& version) {
    const std::lock_guard lock(registry.mutex);
    registry.version = version;
  }
  AliasRegistry registry;
  PerformingWorld world{{}, plugins::catalog().deliveries, {local(1, registry.url())}};
};

}  // namespace penstock
