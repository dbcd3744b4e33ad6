#include "daemon/definitions/break_glass.hpp"

#include <algorithm>

namespace penstock::definitions {
namespace {

void check_group(const Written<Name>& group, int needed, const std::string& why, const std::string& file,
                 const Options& options, Lints& lints) {
  if (!options.people_in_group || group.value.empty()) return;
  const auto& people = *options.people_in_group;
  const auto found = people.find(group.value.text);
  const int count = found == people.end() ? 0 : found->second;
  if (count >= needed) return;
  complain(Severity::error, file, group,
           std::to_string(needed) + (needed == 1 ? " person of `" : " people of `") + group.value.text + "` must " +
               why + ", and it has " + std::to_string(count) +
               (found == people.end() ? suggestion(group.value.text, keys_of(people)) : std::string()),
           lints);
}

const GateUse* asked(const PolicyText& policy, const std::string& gate) {
  for (const auto& stage : policy.stages)
    for (const auto& use : stage.gates)
      if ((use.name ? use.name->value.text : use.use.value.text) == gate) return &use;
  return nullptr;
}

bool proves_integrity(const GateUse& use, const GatesByName& gates, const Options& options) {
  const auto definition = gates.find(use.use.value.text);
  if (definition == gates.end()) return false;
  const auto kind = options.kinds.gates.find(definition->second->document.spec.kind.value);
  return kind != options.kinds.gates.end() && kind->second.proves_integrity;
}

}  // namespace

void check_break_glass(const PolicyText& policy, const std::string& file, const GatesByName& gates,
                       const Options& options, Lints& lints) {
  if (!policy.break_glass) return;
  const auto& glass = *policy.break_glass;
  check_group(glass.group, 2, "break the glass", file, options, lints);
  check_group(glass.reviewers, 1, "review it", file, options, lints);
  if (glass.gates.empty() && glass.skip.empty())
    complain(Severity::error, file, glass.group,
             "nothing is gone without behind the glass; write which `gates`, or what else to `skip`", lints);
  for (const auto& gate : glass.gates) {
    const auto* use = asked(policy, gate.value.text);
    if (use == nullptr)
      complain(Severity::error, file, gate, "no stage of this policy asks a gate `" + gate.value.text + "`", lints);
    else if (proves_integrity(*use, gates, options))
      complain(Severity::error, file, gate,
               "`" + gate.value.text +
                   "` proves that the files are whole and what they seem to be, and is never gone " +
                   "without; a waiver can be asked for what else it finds",
               lints);
  }
}

core::BreakGlassSpec make_break_glass(const BreakGlassText& text) {
  core::BreakGlassSpec made;
  made.group = text.group.value.text;
  for (const auto& gate : text.gates) made.gates.push_back(gate.value.text);
  made.skips = text.skip;
  made.lasts = text.lasts;
  made.reviewers = text.reviewers.value.text;
  made.review = text.review;
  return made;
}

}  // namespace penstock::definitions
