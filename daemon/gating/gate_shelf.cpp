#include "daemon/gating/gate_shelf.hpp"

namespace penstock::gating {

core::Result<ShelvedGate> GateShelf::find(const core::GateSpec& spec) {
  auto key = spec.kind + " " + spec.with.dump();
  if (const auto found = gates_.find(key); found != gates_.end()) return found->second;
  const auto* kind = sdk::find_kind(kinds_, spec.kind);
  if (kind == nullptr)
    return core::Problem{"unknown-kind", "this Penstock has no gate of the kind `" + spec.kind + "`", spec.name,
                         "withdraw the promotion and submit it again under the policy that is loaded now", false};
  auto made = kind->make(spec.with);
  if (!made) return made.error();
  return gates_.emplace(std::move(key), ShelvedGate{kind, sdk::loan_for(*kind, spec.with), std::move(*made)})
      .first->second;
}

}  // namespace penstock::gating
