#include <algorithm>

#include "daemon/engine/replay.hpp"

namespace penstock::engine {
namespace {

bool is_asked_the_same(const core::GateSpec& a, const core::GateSpec& b) {
  return a.kind == b.kind && a.with == b.with;
}

const core::GateSpec* find_gate(const core::Policy& policy, const auto& is_meant) {
  for (const auto& stage : policy.stages)
    for (const auto& gate : stage.gates)
      if (is_meant(gate)) return &gate;
  return nullptr;
}

}  // namespace

GateMatches::GateMatches(const core::Policy& stored, const core::Policy& now) {
  const auto is_named = [](const std::string& name) {
    return [name](const core::GateSpec& gate) { return gate.name == name; };
  };
  for (const auto& stage : now.stages)
    for (const auto& gate : stage.gates) {
      const auto* same = find_gate(stored, is_named(gate.name));
      if (same != nullptr && is_asked_the_same(*same, gate)) {
        asked_as_[gate.name] = gate.name;
        continue;
      }
      const auto* renamed = find_gate(stored, [&](const core::GateSpec& other) {
        return is_asked_the_same(other, gate) && find_gate(now, is_named(other.name)) == nullptr;
      });
      if (renamed != nullptr)
        asked_as_[gate.name] = renamed->name;
      else if (same == nullptr)
        why_not_[gate.name] = "`" + gate.name + "` was never asked";
      else
        why_not_[gate.name] = "`" + gate.name + "` was asked " +
                              (same->kind == gate.kind ? "with other settings" : "as the kind `" + same->kind + "`");
    }
}

const std::string* GateMatches::asked_as(const std::string& gate) const {
  const auto found = asked_as_.find(gate);
  return found == asked_as_.end() ? nullptr : &found->second;
}

std::string GateMatches::why_not(const std::string& gate) const {
  const auto found = why_not_.find(gate);
  return found == why_not_.end() ? "`" + gate + "` would have been asked again, and was not" : found->second;
}

}  // namespace penstock::engine
