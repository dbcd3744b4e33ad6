#include "daemon/definitions/approvals.hpp"

#include <algorithm>

namespace penstock::definitions {
namespace {

bool excludes_editor(const ApprovalText& rule) {
  const auto& excluded = rule.excluded.value;
  return std::find(excluded.begin(), excluded.end(), core::Excluded::editor) != excluded.end();
}

// How many people are in the group; nothing when that is not known, and told when there are none.
std::optional<int> people_in(const Written<Name>& group, const std::string& file, const Options& options,
                             Lints& lints) {
  if (!options.people_in_group || group.value.empty()) return std::nullopt;
  const auto& people = *options.people_in_group;
  const auto& name = group.value.text;
  if (const auto found = people.find(name); found != people.end()) return found->second;
  complain(Severity::error, file, group, "no person is in the group `" + name + "`" + suggestion(name, keys_of(people)),
           lints);
  return std::nullopt;
}

void check_count(const ApprovalText& rule, const std::string& file, const Options& options, Lints& lints) {
  const auto people = people_in(rule.group, file, options, lints);
  if (!people || rule.count.value <= *people) return;
  complain(Severity::error, file,
           rule.count.mark.line > 0 ? rule.count : Written<int>{0, rule.group.mark, rule.group.path},
           std::to_string(rule.count.value) + " approvals are needed of the group `" + rule.group.value.text +
               "`, which has " + std::to_string(*people) + (*people == 1 ? " person" : " people"),
           lints);
}

// An optional rule is not waited for, so its `expires` ends nothing.
void check_times(const ApprovalText& rule, const std::string& file, Lints& lints) {
  const auto too_late = [&](const Written<core::Duration>& when, const std::string& what) {
    if (!rule.required || when.value < rule.expires) return;
    complain(Severity::error, file, when,
             what + " after " + core::to_text(when.value) + " comes too late: the approval expires after " +
                 core::to_text(rule.expires) + "; write less, or a longer `expires`",
             lints);
  };
  if (rule.remind) too_late(*rule.remind, "a reminder");
  if (!rule.escalate) return;
  too_late(rule.escalate->after, "an escalation");
  const auto& group = rule.escalate->group;
  if (!group.value.empty() && group.value == rule.group.value)
    complain(Severity::error, file, group,
             "`" + group.value.text + "` is the group that is asked already; name another one", lints);
}

void check_editor(const ApprovalText& rule, const std::string& file, const Options& options, Editors& editors,
                  Lints& lints) {
  if (!excludes_editor(rule)) return;
  const auto& editor = editors.of(file);
  if (editor) return;
  auto message = "`editor` keeps nobody from approving, because nobody can tell who edited this policy last: " +
                 editor.error().message;
  if (!editor.error().hint.empty()) message += "; " + editor.error().hint;
  complain(options.editor_unknown, file, rule.excluded, std::move(message), lints);
}

}  // namespace

void check_approvals(const std::vector<ApprovalText>& rules, const std::string& file, const Options& options,
                     Editors& editors, Lints& lints) {
  for (const auto& rule : rules) {
    check_count(rule, file, options, lints);
    if (rule.escalate) people_in(rule.escalate->group, file, options, lints);
    check_times(rule, file, lints);
    check_editor(rule, file, options, editors, lints);
  }
}

core::ApprovalRule make_rule(const ApprovalText& rule) {
  core::ApprovalRule made{rule.group.value.text, rule.count.value, rule.expires, rule.excluded.value, rule.required};
  if (rule.remind) made.remind = rule.remind->value;
  if (rule.escalate) made.escalate = core::Escalation{rule.escalate->after.value, rule.escalate->group.value.text};
  return made;
}

bool excludes_editor(const PolicyText& policy) {
  const auto any = [](const std::vector<ApprovalText>& rules) {
    return std::any_of(rules.begin(), rules.end(), [](const ApprovalText& rule) { return excludes_editor(rule); });
  };
  return any(policy.approvals) || any(policy.rollback.approvals);
}

}  // namespace penstock::definitions
