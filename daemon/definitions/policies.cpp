#include "daemon/definitions/policies.hpp"

#include <algorithm>
#include <set>

#include "daemon/definitions/approvals.hpp"
#include "daemon/definitions/break_glass.hpp"
#include "daemon/definitions/gate_settings.hpp"
#include "daemon/definitions/windows.hpp"

namespace penstock::definitions {
namespace {

const std::string& name_of(const DeliveryText& delivery) {
  return delivery.name ? delivery.name->value.text : delivery.kind.value;
}

void check_deliveries(const Parsed<PolicyText>& policy, const Options& options, Lints& lints) {
  UniqueNames names("delivery");
  for (const auto& delivery : policy.document.spec.deliver) {
    if (delivery.name)
      names.take(name_of(delivery), policy.file, *delivery.name, lints);
    else
      names.take(name_of(delivery), policy.file, delivery.kind, lints, "; give this one a `name` of its own");
    check_delivery(delivery, policy.file, options, lints);
  }
}

void check_semaphore(const Parsed<PolicyText>& policy, const Options& options, Lints& lints) {
  const auto& semaphore = policy.document.spec.semaphore;
  if (!semaphore || semaphore->value.empty() || !options.semaphores) return;
  if (options.semaphores->contains(semaphore->value.text)) return;
  std::vector<std::string> known;
  for (const auto& [name, limit] : *options.semaphores) known.push_back(name);
  auto message = "there is no semaphore " + core::declared::quote(semaphore->value.text);
  if (const auto near = core::declared::nearest(semaphore->value.text, known); !near.empty())
    message += ", did you mean `" + near + "`?";
  else
    message += "; declare it under `semaphores` of penstock.yaml";
  complain(Severity::error, policy.file, *semaphore, message, lints);
}

// Of the daemon's sinks and witnesses, each once.
void check_audit(const Parsed<PolicyText>& policy, const Options& options, Lints& lints) {
  if (!policy.document.spec.audit) return;
  std::set<std::string> seen;
  for (const auto& name : policy.document.spec.audit->acknowledged_by) {
    const auto& text = name.value.text;
    if (text.empty()) continue;
    if (!seen.insert(text).second) complain(Severity::error, policy.file, name, "is there already; remove it", lints);
    if (!options.acknowledgers) continue;
    const auto& known = *options.acknowledgers;
    if (std::find(known.begin(), known.end(), text) != known.end()) continue;
    auto message = "the audit log has no sink or witness " + core::declared::quote(text);
    if (const auto near = core::declared::nearest(text, known); !near.empty())
      message += ", did you mean `" + near + "`?";
    else
      message += "; declare it under `audit` of penstock.yaml";
    complain(Severity::error, policy.file, name, message, lints);
  }
}

bool waits_for_people(const PolicyText& spec) {
  return std::any_of(spec.approvals.begin(), spec.approvals.end(),
                     [](const ApprovalText& rule) { return rule.required; });
}

// Of a policy without gates and approvals.
std::string told_of_open(const Parsed<PolicyText>& policy) {
  const auto name = "the policy `" + policy.name() + "` ";
  if (!policy.document.spec.watch) return name + "demands nothing: every candidate is promoted at once";
  return name +
         "has no gate and no approval before delivery: every candidate is delivered at once, and only watched "
         "afterwards";
}

std::vector<core::ApprovalRule> make_rules(const std::vector<ApprovalText>& rules) {
  std::vector<core::ApprovalRule> made;
  for (const auto& rule : rules) made.push_back(make_rule(rule));
  return made;
}

}  // namespace

void check_policies(const std::vector<Parsed<PolicyText>>& policies, const GatesByName& gates, const Options& options,
                    Editors& editors, Lints& lints) {
  UniqueNames names("policy");
  UniqueNames lanes("policy for");
  for (const auto& policy : policies) {
    const auto& spec = policy.document.spec;
    names.take(policy.name(), policy.file, policy.document.metadata.name, lints);
    if (!spec.model.value.empty() && !spec.environment.value.empty())
      lanes.take(spec.model.value + " in " + spec.environment.value.text, policy.file, spec.model, lints);
    check_stages(spec.stages, policy.file, gates, options, lints);
    check_approvals(spec.approvals, policy.file, options, editors, lints);
    check_deliveries(policy, options, lints);
    check_windows(spec, policy.file, options, lints);
    check_semaphore(policy, options, lints);
    check_audit(policy, options, lints);
    if (spec.watch) check_watch(*spec.watch, policy.file, gates, options, lints);
    check_stages(spec.rollback.stages, policy.file, gates, options, lints);
    check_approvals(spec.rollback.approvals, policy.file, options, editors, lints);
    check_break_glass(spec, policy.file, gates, options, lints);
    if (policy.sound && spec.stages.empty() && !waits_for_people(spec))
      complain(Severity::warning, policy.file, policy.document.metadata.name, told_of_open(policy), lints);
  }
}

std::shared_ptr<const core::Policy> make_policy(const Parsed<PolicyText>& parsed, const GatesByName& gates,
                                                const Options& options, Editors& editors) {
  const auto& spec = parsed.document.spec;
  auto policy = std::make_shared<core::Policy>();
  policy->name = parsed.name();
  policy->model = spec.model.value;
  policy->environment = spec.environment.value.text;
  policy->queue = spec.queue;
  policy->queue_for = spec.queue_for;
  policy->hold_for = spec.hold_for;
  policy->stages = make_stages(spec.stages, gates);
  policy->approvals = make_rules(spec.approvals);
  for (const auto& delivery : spec.deliver)
    policy->deliveries.push_back({name_of(delivery), delivery.kind.value,
                                  core::declared::json_of({delivery.with.mapping(), {}}), delivery.deadline});
  policy->windows = make_windows(spec.windows);
  policy->window_jitter = spec.window_jitter;
  policy->most_per_window = spec.most_per_window;
  policy->window_for = spec.window_for;
  if (spec.semaphore) policy->semaphore = spec.semaphore->value.text;
  if (spec.audit) {
    for (const auto& name : spec.audit->acknowledged_by) policy->audit.acknowledged_by.push_back(name.value.text);
    policy->audit.within = spec.audit->within;
  }
  policy->order = spec.order;
  if (spec.after) policy->after = core::AfterSpec{spec.after->environment.value.text, spec.after->soak};
  if (spec.watch) policy->watch = make_watch(*spec.watch, gates);
  if (spec.drift) policy->drift = core::DriftSpec{spec.drift->every, spec.drift->repair};
  policy->rollback = {make_stages(spec.rollback.stages, gates), make_rules(spec.rollback.approvals)};
  if (spec.break_glass) policy->break_glass = make_break_glass(*spec.break_glass);
  // Only where it matters: a policy's digest does not change with whoever corrected a comment.
  if (excludes_editor(spec))
    if (const auto& editor = editors.of(parsed.file)) policy->editor = *editor;
  policy->digest = options.sha256(core::canonical_bytes(*policy));
  return policy;
}

}  // namespace penstock::definitions
