// A lane whose story a test tells: it keeps the lane, the commands and the time.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "daemon/core/advance.hpp"
#include "daemon/core/approval.hpp"

namespace penstock::tests {

using namespace penstock::core;
using namespace std::chrono_literals;

// A digest that shows which letter it stands for: its character code, 32 times.
inline Digest digest_of(char letter) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += {digits[static_cast<unsigned char>(letter) >> 4], digits[letter & 15]};
  return Digest::from_hex(hex);
}

inline const LaneKey eu_lane{"fraud-eu", "production"};

inline std::shared_ptr<Policy> plain_policy() {
  auto policy = std::make_shared<Policy>();
  policy->name = "fraud-production";
  policy->model = "fraud-*";
  policy->environment = "production";
  policy->digest = digest_of('9');
  policy->stages = {{"data", {{"contract", "data-contract"}}},
                    {"security", {{"scan", "security-signoff"}, {"smoke", "smoke-test"}}}};
  policy->approvals = {{"release-managers", 2}};
  policy->deliveries = {{"serving", "webhook"}, {"registry", "mlflow-alias"}};
  return policy;
}

// A world in which every clock shows UTC.
class Utc : public TimeZones {
 public:
  bool knows(const std::string&) const override { return true; }
  Duration offset_at(const std::string&, Time) const override { return Duration(0); }
  Time from_local(const std::string&, LocalTime local) const override { return Time(local.time_since_epoch()); }
};
inline const Utc utc;

inline Finding finding(Verdict verdict, std::string observed = "") {
  Finding finding;
  finding.verdict = verdict;
  finding.observed = std::move(observed);
  return finding;
}

class Story {
 public:
  explicit Story(std::shared_ptr<const Policy> policy = plain_policy()) : policy_(std::move(policy)) {
    lane.key = {"fraud-eu", "production"};
  }

  Story& happens(const Event& event) {
    world.policy = policy_;
    world.fresh_id = "p" + std::to_string(++fresh_);
    decision = advance(lane, event, now, world);
    lane = decision.lane;
    without_ended(lane);
    for (const auto& promotion : decision.lane.promotions)
      if (is_end(promotion.phase)) ended.push_back(promotion);
    return *this;
  }
  // The candidate is named by one letter, and so is its promotion: "p" + letter.
  Story& sees(char letter, std::string submitter = "source:main",
              std::vector<std::string> authors = {"author@example.com"}) {
    return happens(CandidateSeen{id(letter), digest_of(letter), std::string(1, letter), std::move(authors),
                                 std::move(submitter), "poll", policy_});
  }
  Story& gate(char letter, const std::string& name, Verdict verdict, int attempt = 1, std::string observed = "") {
    return happens(CheckReported{id(letter), name, attempt, finding(verdict, std::move(observed))});
  }
  Story& passes_all_gates(char letter) {
    for (const auto& stage : policy_->stages)
      for (const auto& one : stage.gates) gate(letter, one.name, Verdict::passed);
    return *this;
  }
  Story& approves(char letter, const std::string& person, std::vector<std::string> groups = {"release-managers"},
                  std::vector<std::string> aliases = {}) {
    return happens(ApprovalGiven{id(letter), of(letter).candidate, of(letter).policy->digest, person, std::move(groups),
                                 std::move(aliases), "", "", findings_digest(of(letter), world)});
  }
  Story& confirms(char letter, const std::string& delivery, int round = 1) {
    return happens(DeliveryConfirmed{id(letter), delivery, round, "204"});
  }
  Story& goes_live(char letter) {
    passes_all_gates(letter).approves(letter, "ann").approves(letter, "bob");
    return confirms(letter, "serving").confirms(letter, "registry");
  }
  Story& later(Duration by) {
    now += by;
    return *this;
  }

  Story& deadline(char letter, const std::string& timer) { return happens(DeadlinePassed{id(letter), timer, {}}); }
  // Of the last decision.
  std::vector<Notify> notices() const {
    std::vector<Notify> found;
    for (const auto& command : decision.commands)
      if (const auto* notice = std::get_if<Notify>(&command)) found.push_back(*notice);
    return found;
  }

  static PromotionId id(char letter) { return std::string("p") + letter; }
  const Promotion& of(char letter) const {
    if (const auto* found = find(lane, id(letter))) return *found;
    for (const auto& promotion : ended)
      if (promotion.id == id(letter)) return promotion;
    throw std::logic_error("no such promotion");
  }
  std::string phase(char letter) const { return std::string(phase_name(of(letter).phase)); }
  template <class Phase>
  const Phase& in(char letter) const {
    return std::get<Phase>(of(letter).phase);
  }
  // The keys of the last decision's commands; CallOff as "call_off/<promotion>", ClearTimer as "clear_<key>".
  std::vector<std::string> commands() const {
    std::vector<std::string> keys;
    for (const auto& command : decision.commands) {
      if (const auto* off = std::get_if<CallOff>(&command)) {
        keys.push_back("call_off/" + off->promotion);
      } else {
        keys.push_back((std::holds_alternative<ClearTimer>(command) ? "clear_" : "") + key_of(command));
      }
    }
    return keys;
  }
  bool wants(const std::string& key) const {
    const auto keys = commands();
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  }
  std::string refusal() const { return decision.refused ? decision.refused->code : ""; }

  Lane lane;
  World world{digest_of_text, nullptr, &utc, nullptr, nullptr, {}, nullptr, ""};
  Decision decision;
  std::vector<Promotion> ended;
  Time now = Time(1'795'219'200'000ms);  // 2026-11-21T00:00:00Z

 private:
  // Tells texts apart, which is all that the core asks of a digest.
  static Digest digest_of_text(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    std::uint64_t hash = 14695981039346656037ULL;
    std::string hex;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    for (int i = 0; i < 64; ++i) hex += digits[(hash >> (i % 16 * 4)) & 15];
    return Digest::from_hex(hex);
  }

  std::shared_ptr<const Policy> policy_;
  int fresh_ = 0;
};

}  // namespace penstock::tests
