#include "tests/property/invent.hpp"

namespace penstock::property {
namespace {

using namespace std::chrono_literals;

constexpr Duration spans[] = {1min, 10min, 1h, 8h, 24h, 72h, 24h * 30};

std::vector<GateSpec> invented_gates(Chance& chance, const std::string& prefix, int most) {
  std::vector<GateSpec> gates;
  for (int n = chance.between(1, most); n > 0; --n) {
    GateSpec gate;
    gate.name = prefix + std::to_string(n);
    gate.kind = "smoke-test";
    gate.blocking = chance.percent(80);
    gate.deadline = chance.one_of(spans);
    if (chance.percent(15)) gate.max_age = chance.one_of(spans);
    gate.attempts = chance.percent(70) ? 1 : chance.between(2, 3);
    gates.push_back(std::move(gate));
  }
  return gates;
}

std::vector<Stage> invented_stages(Chance& chance, const std::string& prefix, int most) {
  std::vector<Stage> stages;
  for (int n = chance.between(0, most); n > 0; --n) {
    const auto name = prefix + static_cast<char>('a' + static_cast<int>(stages.size()));
    stages.push_back({name, invented_gates(chance, name, chance.percent(60) ? 1 : 3)});
  }
  return stages;
}

std::vector<ApprovalRule> invented_rules(Chance& chance, int most) {
  std::vector<ApprovalRule> rules;
  // The rules of one policy are about as patient as each other, so that reminders do not go on without end.
  const auto patience = chance.one_of(spans);
  for (int n = chance.between(0, most); n > 0; --n) {
    ApprovalRule rule;
    rule.group = chance.one_of(all_groups);
    rule.count = chance.percent(70) ? 1 : 2;
    rule.expires = patience * chance.between(1, 3);
    rule.required = chance.percent(75);
    rule.excluded.clear();
    for (const auto who : {Excluded::submitter, Excluded::author, Excluded::editor})
      if (chance.percent(50)) rule.excluded.push_back(who);
    if (chance.percent(30)) rule.remind = patience / chance.between(1, 3);
    if (chance.percent(35)) rule.escalate = Escalation{rule.expires / chance.between(2, 4), chance.one_of(all_groups)};
    rules.push_back(std::move(rule));
  }
  return rules;
}

WatchSpec invented_watch(Chance& chance) {
  WatchSpec watch;
  watch.every = chance.one_of(spans);
  watch.duration = watch.every * chance.between(1, 4);
  watch.gates = invented_gates(chance, "watch/", 2);
  watch.of = chance.between(1, 3);
  watch.failures = chance.between(1, watch.of);
  watch.on_failure = chance.percent(60) ? OnFailure::roll_back : OnFailure::alarm;
  return watch;
}

BreakGlassSpec invented_glass(Chance& chance, const Policy& policy) {
  BreakGlassSpec glass;
  glass.group = chance.one_of(all_groups);
  for (const auto& stage : policy.stages)
    for (const auto& gate : stage.gates)
      if (chance.percent(50)) glass.gates.push_back(gate.name);
  for (const auto& [skip, name] : EnumNames<Dispensable>::names)
    if (chance.percent(50)) glass.skips.push_back(skip);
  glass.lasts = chance.one_of(spans);
  glass.reviewers = chance.one_of(all_groups);
  glass.review = chance.one_of(spans);
  return glass;
}

constexpr const char* all_windows[] = {"MON-FRI 09:00 - 17:00", "FRI 16:00 - MON 08:00", "2026-11-20 - 2026-11-25",
                                       "22:00 - 06:00", "2030-01-01 - 2030-01-02"};

std::shared_ptr<const Policy> invented_policy(Chance& chance, const std::string& name) {
  static constexpr QueueMode modes[] = {QueueMode::queue, QueueMode::supersede_waiting, QueueMode::cancel_running};
  auto policy = std::make_shared<Policy>();
  policy->name = name;
  policy->model = "fraud-*";
  policy->environment = "production";
  policy->queue = chance.one_of(modes);
  policy->queue_for = chance.one_of(spans);
  policy->hold_for = chance.one_of(spans);
  policy->stages = invented_stages(chance, "", chance.percent(60) ? 1 : 3);
  policy->approvals = invented_rules(chance, 3);
  for (int n = chance.between(0, 2); n > 0; --n)
    policy->deliveries.push_back({"d" + std::to_string(n), "webhook", nlohmann::json::object(), chance.one_of(spans)});
  if (chance.percent(25)) {
    policy->windows = {
        {chance.percent(50) ? WindowKind::allow : WindowKind::deny, chance.one_of(all_windows), "UTC", ""}};
    policy->window_for = chance.one_of(spans);
    policy->most_per_window = chance.between(0, 1);
  }
  if (chance.percent(30)) policy->semaphore = the_semaphore;
  if (chance.percent(25)) policy->audit = {{"vault"}, chance.one_of(spans)};
  if (chance.percent(30)) policy->order = QueueOrder::newest_first;
  if (chance.percent(45)) policy->watch = invented_watch(chance);
  if (chance.percent(35)) policy->drift = DriftSpec{chance.one_of(spans), chance.percent(60)};
  if (chance.percent(40)) policy->rollback = {invented_stages(chance, "back/", 1), invented_rules(chance, 1)};
  if (chance.percent(30)) policy->break_glass = invented_glass(chance, *policy);
  if (chance.percent(40)) policy->editor = std::string(chance.one_of(all_people)) + (chance.percent(50) ? "@x" : "");
  // No other policy has it; its content does not matter to the core.
  policy->digest = digest_of_text(name + std::to_string(chance.bits()));
  return policy;
}

}  // namespace

Case invented_setting(std::uint64_t seed, Chance& chance) {
  Case setting;
  setting.seed = seed;
  setting.policies = {invented_policy(chance, "first"), invented_policy(chance, "second")};
  for (const auto* person : all_people) {
    std::vector<std::string> groups;
    for (const auto* group : all_groups)
      if (chance.percent(50)) groups.emplace_back(group);
    setting.people[person] = std::move(groups);
  }
  setting.people_are_known = chance.percent(75);
  setting.begins = Time(1'795'219'200'000ms);  // 2026-11-21T00:00:00Z
  setting.salt = chance.bits();
  setting.places = chance.between(1, 2);
  return setting;
}

}  // namespace penstock::property
