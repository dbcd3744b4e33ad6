#include "daemon/definitions/gate_uses.hpp"

#include <algorithm>

#include "daemon/definitions/gate_settings.hpp"

namespace penstock::definitions {
namespace {

const Written<Name>& name_of(const GateUse& use) { return use.name ? *use.name : use.use; }

void check_use(const GateUse& use, const std::string& file, const GatesByName& gates, const Options& options,
               UniqueNames& names, Lints& lints) {
  names.take(name_of(use).value.text, file, name_of(use), lints, "; give this one a `name` of its own");
  if (use.use.value.empty()) return;
  if (const auto found = gates.find(use.use.value.text); found == gates.end())
    complain(Severity::error, file, use.use,
             "no gate is named `" + use.use.value.text + "`" + suggestion(use.use.value.text, keys_of(gates)), lints);
  else
    check_gate_use(*found->second, use, file, options, lints);
}

bool is_blocking(const GateUse& use, const GatesByName& gates) {
  const auto found = gates.find(use.use.value.text);
  // One that is not there was told, and may be meant as anything.
  return use.blocking.value_or(found == gates.end() || found->second->document.spec.blocking);
}

core::GateSpec make_gate(const GateUse& use, const GatesByName& gates) {
  const auto& definition = gates.at(use.use.value.text)->document.spec;
  return {name_of(use).value.text,
          definition.kind.value,
          core::declared::json_of(merged_with(definition, use)),
          use.blocking.value_or(definition.blocking),
          use.deadline.value_or(definition.deadline),
          use.attempts.value_or(definition.attempts),
          use.max_age};
}

// How many looks there are before the watch ends: at its start, and after each `every`.
std::int64_t looks(const WatchText& watch) {
  return (watch.duration.value.count() + watch.every.value.count() - 1) / watch.every.value.count();
}

// Told at the key that was written, when one of the two was left out.
template <class A, class B>
void complain_at(const Written<A>& first, const Written<B>& second, const std::string& file, std::string message,
                 Lints& lints) {
  if (first.mark.line > 0)
    complain(Severity::error, file, first, std::move(message), lints);
  else
    complain(Severity::error, file, second, std::move(message), lints);
}

// Durations out of their bounds were told, and may be anything.
void check_rhythm(const WatchText& watch, const std::string& file, Lints& lints) {
  if (watch.every.value <= core::Duration(0) || watch.duration.value <= core::Duration(0)) return;
  if (watch.looks_back() < watch.failures.value)
    complain(Severity::error, file, watch.failures,
             std::to_string(watch.failures.value) + " failures among the last " + std::to_string(watch.looks_back()) +
                 " looks cannot be; `of` must be at least `failures`",
             lints);
  if (watch.duration.value < watch.every.value)
    return complain_at(watch.every, watch.duration, file,
                       "a look every " + core::to_text(watch.every.value) + " does not fit into a watch for " +
                           core::to_text(watch.duration.value) + "; `for` must be at least `every`",
                       lints);
  if (looks(watch) < watch.failures.value)
    complain_at(watch.failures, watch.every, file,
                std::to_string(watch.failures.value) + " looks never fail when there are only " +
                    std::to_string(looks(watch)) + ", one every " + core::to_text(watch.every.value) + " for " +
                    core::to_text(watch.duration.value),
                lints);
}

}  // namespace

void check_stages(const std::vector<StageText>& stages, const std::string& file, const GatesByName& gates,
                  const Options& options, Lints& lints) {
  UniqueNames stage_names("stage");
  UniqueNames gate_names("gate");
  for (const auto& stage : stages) {
    stage_names.take(stage.name.value.text, file, stage.name, lints);
    for (const auto& use : stage.gates) check_use(use, file, gates, options, gate_names, lints);
  }
}

void check_watch(const WatchText& watch, const std::string& file, const GatesByName& gates, const Options& options,
                 Lints& lints) {
  UniqueNames names("gate of the watch");
  for (const auto& use : watch.gates) {
    check_use(use, file, gates, options, names, lints);
    if (use.attempts)
      complain(Severity::error, file, use.use,
               "`attempts` means nothing in a watch: what could not be found out is asked again at the next look; "
               "remove it",
               lints);
  }
  check_rhythm(watch, file, lints);
  const auto blocking = [&gates](const GateUse& use) { return is_blocking(use, gates); };
  if (!watch.gates.empty() && std::none_of(watch.gates.begin(), watch.gates.end(), blocking))
    complain(Severity::warning, file, watch.gates.front().use,
             "no gate of the watch is blocking: none of them can make it fail", lints);
}

std::vector<core::Stage> make_stages(const std::vector<StageText>& stages, const GatesByName& gates) {
  std::vector<core::Stage> made;
  for (const auto& stage : stages) {
    made.push_back({stage.name.value.text, {}});
    for (const auto& use : stage.gates) made.back().gates.push_back(make_gate(use, gates));
  }
  return made;
}

core::WatchSpec make_watch(const WatchText& watch, const GatesByName& gates) {
  core::WatchSpec made;
  made.duration = watch.duration.value;
  made.every = watch.every.value;
  for (const auto& use : watch.gates) {
    auto gate = make_gate(use, gates);
    gate.name = "watch/" + gate.name;
    made.gates.push_back(std::move(gate));
  }
  made.failures = watch.failures.value;
  made.of = watch.looks_back();
  made.on_failure = watch.on_failure;
  return made;
}

void for_each_use(const PolicyText& policy, const std::function<void(const GateUse&)>& visit) {
  for (const auto* stages : {&policy.stages, &policy.rollback.stages})
    for (const auto& stage : *stages)
      for (const auto& use : stage.gates) visit(use);
  if (policy.watch)
    for (const auto& use : policy.watch->gates) visit(use);
}

}  // namespace penstock::definitions
