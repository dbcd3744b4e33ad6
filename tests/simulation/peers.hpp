// Whom daemons call: services that gates ask, receivers of deliveries, and people's pagers.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "daemon/core/verdict.hpp"
#include "tests/simulation/network.hpp"

namespace penstock::simulation {

// Answers what a gate asks of it by {"verdict": …}; the same question always gets the same answer.
class Examiner : public Peer {
 public:
  explicit Examiner(World& world) : world_(world) {}
  sdk::HttpResponse receive(const sdk::HttpRequest& request) override;
  // Whether it has ever answered this check with `passed`.
  bool has_passed(const std::string& check) const { return passed_.contains(check); }

 private:
  World& world_;
  std::set<std::string> passed_;
};

// Carries out each webhook once, and tells repeats by their webhook-id.
class Receiver : public Peer {
 public:
  struct Effect {
    std::string content;  // the body that it was carried out for
    std::string key;      // data.key of it
    std::string promotion;
    int times = 0;
  };
  // `refuses` tells of a body's data whether it wants it not; `done` is called once for each webhook carried out.
  struct Parts {
    World& world;
    std::string name;
    std::string secret;
    std::function<bool(const nlohmann::json& data)> refuses;
    std::function<void(const Effect&)> done;
  };
  explicit Receiver(Parts parts) : parts_(std::move(parts)) {}
  sdk::HttpResponse receive(const sdk::HttpRequest& request) override;

  const std::map<std::string, Effect>& effects() const { return effects_; }  // by webhook-id
  bool has_carried_out(const std::string& key) const { return by_key_.contains(key); }

 private:
  bool is_signed(const sdk::HttpRequest& request, const std::string& id) const;

  Parts parts_;
  std::map<std::string, Effect> effects_;
  std::map<std::string, std::string> by_key_;
  std::map<std::string, std::string> refused_;  // by webhook-id: the content
};

// The three names by which a check is known at its examiner.
std::string check_name(const std::string& promotion, const std::string& gate, int attempt);

}  // namespace penstock::simulation
