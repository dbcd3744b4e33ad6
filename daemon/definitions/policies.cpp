#include "daemon/definitions/policies.hpp"

#include "daemon/definitions/gate_settings.hpp"

namespace penstock::definitions {
namespace {

const Written<Name>& name_of(const GateUse& use) { return use.name ? *use.name : use.use; }
const std::string& name_of(const DeliveryText& delivery) {
  return delivery.name ? delivery.name->value.text : delivery.kind.value;
}

void check_stages(const Parsed<PolicyText>& policy, const GatesByName& gates, const Options& options, Lints& lints) {
  UniqueNames stage_names("stage");
  UniqueNames gate_names("gate");
  for (const auto& stage : policy.document.spec.stages) {
    stage_names.take(stage.name.value.text, policy.file, stage.name, lints);
    for (const auto& use : stage.gates) {
      gate_names.take(name_of(use).value.text, policy.file, name_of(use), lints, "; give this one a `name` of its own");
      if (use.use.value.empty()) continue;
      if (const auto found = gates.find(use.use.value.text); found == gates.end())
        complain(Severity::error, policy.file, use.use,
                 "no gate is named `" + use.use.value.text + "`" + suggestion(use.use.value.text, keys_of(gates)),
                 lints);
      else
        check_gate_use(*found->second, use, policy.file, options, lints);
    }
  }
}

void check_approvals(const Parsed<PolicyText>& policy, const std::map<std::string, int>& people, Lints& lints) {
  for (const auto& rule : policy.document.spec.approvals) {
    if (rule.group.value.empty()) continue;
    const auto& name = rule.group.value.text;
    const auto found = people.find(name);
    if (found == people.end())
      complain(Severity::error, policy.file, rule.group,
               "no person is in the group `" + name + "`" + suggestion(name, keys_of(people)), lints);
    else if (rule.count.value > found->second)
      complain(Severity::error, policy.file,
               rule.count.mark.line > 0 ? rule.count : Written<int>{0, rule.group.mark, rule.group.path},
               std::to_string(rule.count.value) + " approvals are needed of the group `" + name + "`, which has " +
                   std::to_string(found->second) + (found->second == 1 ? " person" : " people"),
               lints);
  }
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

core::GateSpec make_gate(const GateUse& use, const GateText& definition) {
  return {name_of(use).value.text,
          definition.kind.value,
          core::declared::json_of(merged_with(definition, use)),
          use.blocking.value_or(definition.blocking),
          use.deadline.value_or(definition.deadline),
          use.attempts.value_or(definition.attempts)};
}

}  // namespace

void check_policies(const std::vector<Parsed<PolicyText>>& policies, const GatesByName& gates, const Options& options,
                    Lints& lints) {
  UniqueNames names("policy");
  UniqueNames lanes("policy for");
  for (const auto& policy : policies) {
    const auto& spec = policy.document.spec;
    names.take(policy.name(), policy.file, policy.document.metadata.name, lints);
    if (!spec.model.value.empty() && !spec.environment.value.empty())
      lanes.take(spec.model.value + " in " + spec.environment.value.text, policy.file, spec.model, lints);
    check_stages(policy, gates, options, lints);
    if (options.people_in_group) check_approvals(policy, *options.people_in_group, lints);
    check_deliveries(policy, options, lints);
    if (policy.sound && spec.stages.empty() && spec.approvals.empty())
      complain(Severity::warning, policy.file, policy.document.metadata.name,
               "the policy `" + policy.name() + "` demands nothing: every candidate is promoted at once", lints);
  }
}

std::shared_ptr<const core::Policy> make_policy(const Parsed<PolicyText>& parsed, const GatesByName& gates,
                                                const Options& options) {
  const auto& spec = parsed.document.spec;
  auto policy = std::make_shared<core::Policy>();
  policy->name = parsed.name();
  policy->model = spec.model.value;
  policy->environment = spec.environment.value.text;
  policy->queue = spec.queue;
  policy->queue_for = spec.queue_for;
  policy->hold_for = spec.hold_for;
  for (const auto& stage : spec.stages) {
    core::Stage made{stage.name.value.text, {}};
    for (const auto& use : stage.gates)
      made.gates.push_back(make_gate(use, gates.at(use.use.value.text)->document.spec));
    policy->stages.push_back(std::move(made));
  }
  for (const auto& rule : spec.approvals)
    policy->approvals.push_back({rule.group.value.text, rule.count.value, rule.expires, rule.excluded});
  for (const auto& delivery : spec.deliver)
    policy->deliveries.push_back({name_of(delivery), delivery.kind.value,
                                  core::declared::json_of({delivery.with.mapping(), {}}), delivery.deadline});
  policy->digest = options.sha256(core::canonical_bytes(*policy));
  return policy;
}

}  // namespace penstock::definitions
