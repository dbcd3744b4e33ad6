#include "tests/simulation/peers.hpp"

#include <nlohmann/json.hpp>

#include "tests/simulation/promises.hpp"

namespace penstock::simulation {
namespace {

using nlohmann::json;

sdk::HttpResponse answer(int status, const json& body = nullptr) {
  sdk::HttpResponse response;
  response.status = status;
  if (!body.is_null()) response.body = body.dump();
  return response;
}

std::string header(const sdk::HttpRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.headers)
    if (key == name) return value;
  return {};
}

}  // namespace

std::string check_name(const std::string& promotion, const std::string& gate, int attempt) {
  return promotion + "/" + gate + "/" + std::to_string(attempt);
}

sdk::HttpResponse Examiner::receive(const sdk::HttpRequest& request) {
  const auto asked = json::parse(request.body);
  const auto check = asked.at("check").get<std::string>();
  // Not by chance as it comes: asked twice, it says the same.
  const auto lot = runtime::sha256(std::to_string(world_.seed) + check).hex();
  const auto number = std::stoul(lot.substr(0, 4), nullptr, 16) % 100;
  const auto* verdict = number < 80 ? "passed" : number < 88 ? "failed" : number < 95 ? "inconclusive" : "nonsense";
  if (number < 80) passed_.insert(check);
  return answer(200, {{"verdict", verdict}});
}

bool Receiver::is_signed(const sdk::HttpRequest& request, const std::string& id) const {
  const auto text = id + "." + header(request, "webhook-timestamp") + "." + request.body;
  return header(request, "webhook-signature") == "v1," + runtime::base64(runtime::hmac_sha256(parts_.secret, text));
}

sdk::HttpResponse Receiver::receive(const sdk::HttpRequest& request) {
  auto& world = parts_.world;
  const auto id = header(request, "webhook-id");
  if (id.empty() || !is_signed(request, id)) {
    world.broken(promises::once, parts_.name + " got a webhook without an id or a good signature");
    return answer(401);
  }
  const auto body = json::parse(request.body);
  const auto& data = body.at("data");
  if (const auto known = effects_.find(id); known != effects_.end()) {
    world.history.tell(parts_.name, "knows " + known->second.key);
    if (known->second.content != request.body)
      world.broken(promises::once, parts_.name + " got other content under the same webhook-id: first " +
                                       known->second.content + ", now " + request.body);
    return answer(204);
  }
  if (parts_.refuses(data)) {
    world.history.tell(parts_.name, "refuses " + data.at("key").get<std::string>());
    return answer(422);
  }
  Effect effect{request.body, data.at("key"), data.at("promotion").is_string() ? data.at("promotion") : json(""), 1};
  if (!by_key_.emplace(effect.key, id).second)
    world.broken(promises::once, parts_.name + " carries out " + effect.key + " for the second time, as " + id);
  world.history.tell(parts_.name, "carries out " + effect.key);
  parts_.done(effects_.emplace(id, std::move(effect)).first->second);
  return answer(204);
}

}  // namespace penstock::simulation
