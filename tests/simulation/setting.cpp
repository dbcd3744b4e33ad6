#include "tests/simulation/setting.hpp"

#include <algorithm>
#include <cstdio>

#include "daemon/runtime/digest.hpp"

namespace penstock::simulation {
namespace {

using namespace std::chrono_literals;

core::Duration minutes(Chance& chance, int least, int most) {
  return std::chrono::seconds(chance.between(least * 60, most * 60));
}

core::GateSpec gate(Chance& chance, const Setting& setting, const std::string& name) {
  core::GateSpec spec;
  spec.name = name;
  spec.kind = "asks";
  spec.with = {{"host", chance.one_of(setting.examiners)}};
  spec.blocking = !chance.percent(15);
  // Some are longer than what is claimed stays claimed.
  spec.deadline = std::chrono::seconds(chance.percent(85) ? chance.between(20, 240) : chance.between(240, 540));
  spec.attempts = chance.between(1, 3);
  return spec;
}

std::vector<core::Stage> stages(Chance& chance, const Setting& setting, int least) {
  std::vector<core::Stage> all;
  int gates = 0;
  for (int n = chance.between(least, 2); n > 0; --n) {
    core::Stage stage;
    stage.name = "stage-" + std::to_string(n);
    for (int m = chance.between(1, 2); m > 0; --m)
      stage.gates.push_back(gate(chance, setting, "gate-" + std::to_string(++gates)));
    all.push_back(std::move(stage));
  }
  return all;
}

std::vector<core::ApprovalRule> approvals(Chance& chance) {
  std::vector<core::ApprovalRule> all;
  for (const auto* group : {"managers", "infosec"}) {
    if (chance.percent(45)) continue;
    core::ApprovalRule rule;
    rule.group = group;
    rule.count = group == std::string("managers") ? chance.between(1, 2) : 1;
    rule.expires = minutes(chance, 4, 20);
    rule.required = !chance.percent(10);
    if (chance.percent(40)) rule.remind = minutes(chance, 1, 3);
    if (chance.percent(15)) rule.escalate = core::Escalation{minutes(chance, 1, 3), "directors"};
    all.push_back(std::move(rule));
  }
  return all;
}

std::vector<core::DeliverySpec> deliveries(Chance& chance, const Setting& setting) {
  std::vector<core::DeliverySpec> all;
  const auto count = static_cast<std::size_t>(chance.percent(15) ? 0 : chance.between(1, 2));
  for (std::size_t n = 0; n < count; ++n)
    all.push_back(
        {"to-" + setting.receivers[n], "webhook", {{"receiver", setting.receivers[n]}}, minutes(chance, 1, 12)});
  if (chance.percent(35))
    all.push_back({"alias", "alias", {{"registry", setting.registries.front()}}, minutes(chance, 1, 12)});
  return all;
}

std::string time_of_day(int minutes) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d", minutes / 60, minutes % 60);
  return text.data();
}

// Again and again in the first hours of each day: histories are short, and begin at midnight.
std::vector<OpenTime> open_times(Chance& chance) {
  std::vector<OpenTime> all;
  const auto every = chance.between(6, 25);
  const auto open = chance.between(2, every - 1);
  for (auto from = chance.between(0, every - 1); from < 4 * 60; from += every) all.push_back({from, from + open});
  return all;
}

std::vector<core::Window> windows(const std::vector<OpenTime>& times) {
  std::vector<core::Window> all;
  for (const auto& time : times)
    all.push_back({core::WindowKind::allow, time_of_day(time.from) + " - " + time_of_day(time.to), "UTC", ""});
  return all;
}

class Utc : public core::TimeZones {
 public:
  bool knows(const std::string&) const override { return true; }
  core::Duration offset_at(const std::string&, core::Time) const override { return core::Duration(0); }
  core::Time from_local(const std::string&, core::LocalTime local) const override {
    return core::Time(local.time_since_epoch());
  }
};

std::shared_ptr<const core::Policy> policy(Chance& chance, const Setting& setting, const std::string& environment) {
  core::Policy made;
  made.name = environment;
  made.model = "*";
  made.environment = environment;
  constexpr core::QueueMode modes[] = {core::QueueMode::queue, core::QueueMode::supersede_waiting,
                                       core::QueueMode::cancel_running};
  made.queue = chance.one_of(modes);
  made.order = chance.percent(70) ? core::QueueOrder::oldest_first : core::QueueOrder::newest_first;
  made.queue_for = minutes(chance, 10, 40);
  made.hold_for = minutes(chance, 5, 20);
  made.window_for = minutes(chance, 5, 30);
  made.stages = stages(chance, setting, 1);
  made.approvals = approvals(chance);
  made.deliveries = deliveries(chance, setting);
  if (const auto times = setting.open_times.find(environment); times != setting.open_times.end())
    made.windows = windows(times->second);
  if (chance.percent(20)) {
    core::WatchSpec watch;
    watch.duration = 3min;
    watch.every = 50s;
    watch.gates = {gate(chance, setting, "watched")};
    watch.failures = 1;
    watch.of = 2;
    watch.on_failure = chance.percent(70) ? core::OnFailure::roll_back : core::OnFailure::alarm;
    made.watch = std::move(watch);
  }
  if (chance.percent(70))
    made.drift = core::DriftSpec{std::chrono::seconds(chance.between(20, 120)), chance.percent(70)};
  if (chance.percent(40)) made.rollback.stages = stages(chance, setting, 0);
  if (environment == "production" && setting.policies.size() == 1)
    made.after = core::AfterSpec{"staging", minutes(chance, 0, 3)};
  made.digest = runtime::sha256(core::canonical_bytes(made));
  return std::make_shared<const core::Policy>(std::move(made));
}

sdk::Endpoint webhook(const std::string& name, bool calls_back) {
  sdk::Endpoint endpoint;
  endpoint.name = name;
  endpoint.kind = "webhook";
  endpoint.url = "http://" + name;
  endpoint.secret = "the secret of " + name;
  if (calls_back) endpoint.options["receipt"] = "callback";
  return endpoint;
}

}  // namespace

std::vector<std::shared_ptr<const core::Policy>> Setting::covering(const std::string& model) const {
  std::vector<std::shared_ptr<const core::Policy>> found;
  for (const auto& policy : policies)
    if (core::glob_match(policy->model, model)) found.push_back(policy);
  return found;
}

const sdk::Endpoint& Setting::endpoint(const std::string& name) const {
  return *std::find_if(endpoints.begin(), endpoints.end(), [&](const auto& one) { return one.name == name; });
}

bool Setting::is_open(const std::string& environment, core::Time at) const {
  const auto times = open_times.find(environment);
  if (times == open_times.end()) return true;
  const auto minute = std::chrono::floor<std::chrono::minutes>(at - std::chrono::floor<std::chrono::days>(at)).count();
  return std::any_of(times->second.begin(), times->second.end(),
                     [&](const OpenTime& time) { return time.from <= minute && minute < time.to; });
}

void Setting::lose_leaver() {
  auto now = *people;
  auto& groups = now.at(leaver);
  groups.pop_back();
  if (groups.empty()) now.erase(leaver);
  people = std::make_shared<const core::People>(std::move(now));
}

const core::TimeZones& time_zones() {
  static const Utc utc;
  return utc;
}

Setting invented_setting(World& world) {
  auto& chance = world.chance;
  Setting setting;
  setting.pair = chance.percent(33);
  setting.models = {"fraud"};
  if (chance.percent(30)) setting.models.emplace_back("churn");
  setting.examiners = {"examiner-0", "examiner-1"};
  setting.receivers = {"serving", "mirror"};
  setting.pagers = {"chat"};
  setting.registries = {"registry"};
  if (chance.percent(30)) setting.pagers.emplace_back("pager");
  for (const auto& name : setting.receivers) setting.endpoints.push_back(webhook(name, chance.percent(35)));
  for (const auto& name : setting.pagers) {
    setting.endpoints.push_back(webhook(name, false));
    setting.listeners.push_back({name, "webhook"});
  }
  for (const auto* environment : {"staging", "production"})
    if (chance.percent(25)) setting.open_times[environment] = open_times(chance);
  if (chance.percent(35)) setting.policies.push_back(policy(chance, setting, "staging"));
  setting.policies.push_back(policy(chance, setting, "production"));
  setting.people = std::make_shared<const core::People>(core::People{{"ann", {"managers"}},
                                                                     {"bob", {"managers", "directors"}},
                                                                     {"cem", {"managers", "infosec"}},
                                                                     {"dora", {"infosec"}},
                                                                     {"eve", {}},
                                                                     {"sue", {"managers", "infosec"}}});
  constexpr const char* leavers[] = {"ann", "bob", "cem", "dora"};
  if (chance.percent(30)) setting.leaver = chance.one_of(leavers);
  setting.faults_for = world.between(2min, 10min);
  setting.versions = chance.between(2, 6);
  return setting;
}

}  // namespace penstock::simulation
