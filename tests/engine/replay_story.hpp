// A lane's past told fact by fact under one policy, and decided again under others.
#pragma once

#include "daemon/core/codec.hpp"
#include "daemon/engine/simulation.hpp"
#include "daemon/runtime/time_zones.hpp"
#include "tests/catch.hpp"

namespace penstock::engine {

using namespace std::chrono_literals;

// Friday 2026-11-20 10:00 UTC.
inline constexpr core::Time friday{std::chrono::seconds(1795168800)};

inline core::GateSpec gate(const std::string& name, const nlohmann::json& with = nlohmann::json::object()) {
  core::GateSpec made;
  made.name = name;
  made.kind = "candidate-fields";
  made.with = with;
  return made;
}

inline core::Policy two_stages() {
  core::Policy policy;
  policy.name = "fraud";
  policy.model = "fraud";
  policy.environment = "production";
  policy.stages = {{"data", {gate("contract")}}, {"security", {gate("scan"), gate("style")}}};
  policy.stages[1].gates[1].blocking = false;
  policy.approvals = {{"managers", 1}};
  policy.deliveries = {{"serving", "webhook"}};
  return policy;
}

class Past {
 public:
  explicit Past(core::Policy policy = two_stages()) : policy_(std::make_shared<core::Policy>(std::move(policy))) {
    lane_.key = {"fraud", "production"};
    world_.zones = &zones_;
    world_.policy = policy_;
    tell(core::CandidateSeen{"prm_1", {}, "7", {"mia"}, "ci", "api", policy_});
  }
  Past& after(core::Duration time) {
    now_ += time;
    return *this;
  }
  Past& tell(const core::Event& event) {
    auto decision = core::advance(lane_, event, now_, world_);
    INFO(decision.ignored);
    REQUIRE(decision.ignored.empty());
    REQUIRE_FALSE(decision.refused);
    lane_ = std::move(decision.lane);
    return *this;
  }
  Past& answer(const std::string& name, core::Verdict verdict, int attempt = 1) {
    core::Finding finding;
    finding.verdict = verdict;
    finding.observed = name + " saw it";
    finding.at = now_;
    return tell(core::CheckReported{"prm_1", name, attempt, finding});
  }
  Past& pass(std::initializer_list<const char*> names) {
    for (const auto* name : names) answer(name, core::Verdict::passed);
    return *this;
  }
  Past& approve(const std::string& person, std::vector<std::string> groups = {"managers"}) {
    return tell(core::ApprovalGiven{"prm_1", {}, policy_->digest, person, std::move(groups), {}, ""});
  }
  Past& reject(const std::string& person) {
    return tell(core::RejectionGiven{"prm_1", {}, policy_->digest, person, {"managers"}, "no"});
  }
  Past& deliver() { return tell(core::DeliveryConfirmed{"prm_1", "serving", 1, "204"}); }
  Past& expire(const std::string& timer) { return tell(core::DeadlinePassed{"prm_1", timer}); }
  const core::Promotion& promotion() const { return lane_.promotions.front(); }

  Replayed under(core::Policy policy) const {
    for (auto& rule : policy.approvals) rule.remind.reset();
    const GateMatches matches(*policy_, policy);
    // As the journal keeps it.
    const auto stored = core::decode_promotion(encoded(), [this](const core::Digest&) { return policy_; });
    REQUIRE(stored);
    return replay(*stored, {std::make_shared<const core::Policy>(std::move(policy)), matches, &zones_, &people});
  }
  // "delivered", or "?" for nobody can tell.
  std::string ends(const core::Policy& policy) const {
    const auto replayed = under(policy);
    UNSCOPED_INFO(replayed.why);
    return replayed.came_to ? std::string(core::name_of(*replayed.came_to)) : "?";
  }

  core::People people{{"ann", {"managers"}}, {"bob", {"managers"}}};

 private:
  std::string encoded() const {
    auto promotion = this->promotion();
    auto policy = *policy_;
    policy.digest = core::Digest::from_hex(std::string(64, 'a'));
    promotion.policy = std::make_shared<const core::Policy>(policy);
    promotion.candidate = policy.digest;
    return core::encode(promotion);
  }

  std::shared_ptr<core::Policy> policy_;
  core::Lane lane_;
  core::Time now_ = friday;
  runtime::TimeZones zones_;
  core::World world_;
};

// All gates passed, ann approved an hour later, and it was delivered.
inline Past delivered_past(core::Policy policy = two_stages()) {
  Past past(std::move(policy));
  past.after(1min).pass({"contract"}).after(1min).pass({"scan", "style"}).after(1h).approve("ann").after(1s).deliver();
  return past;
}

}  // namespace penstock::engine
