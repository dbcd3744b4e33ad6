#include "daemon/definitions/gate_settings.hpp"

#include <algorithm>

namespace penstock::definitions {
namespace {

namespace declared = core::declared;
using declared::Mark;
using declared::Value;

// The place of a `with` as a whole: a fault there is a key that is missing.
constexpr Mark whole_mark{-1, -1};
// The place of everything that a definition brings into a stage's `with`.
constexpr Mark elsewhere_mark{-2, -2};

void move_all(Value& value, Mark mark) {
  value.mark = mark;
  if (auto* sequence = std::get_if<declared::Sequence>(&value.data))
    for (auto& item : *sequence) move_all(item, mark);
  if (auto* mapping = std::get_if<declared::Mapping>(&value.data))
    for (auto& entry : *mapping) {
      entry.mark = mark;
      move_all(entry.value, mark);
    }
}

Value whole(const Block& block) { return {declared::Mapping(block.mapping()), whole_mark}; }

// The shape of a `with`, and the endpoints that it names.
declared::Faults faults_of(const Kind& kind, const Value& with, const std::string& path, const Options& options) {
  declared::Faults faults;
  kind.with.check(with, path, faults);
  if (options.endpoints) declared::check_endpoints(kind.with.endpoints(with, path), *options.endpoints, faults);
  return faults;
}

// Tries out a `with` whose shape is right.
void probe(const Kind& kind, const Value& with, const std::string& file, Mark mark, const std::string& path,
           Lints& lints) {
  if (!kind.probe) return;
  if (const auto made = kind.probe(declared::json_of(with)); !made)
    lints.push_back({Severity::error, file, mark, path, core::to_text(made.error())});
}

}  // namespace

void check_gate_alone(const Parsed<GateText>& gate, const Options& options, Lints& lints) {
  const auto& kinds = options.kinds;
  const auto& spec = gate.document.spec;
  if (spec.kind.value.empty()) return;
  const auto found = kinds.gates.find(spec.kind.value);
  if (found == kinds.gates.end())
    return complain(
        Severity::error, gate.file, spec.kind,
        "unknown kind of gate `" + spec.kind.value + "`" + suggestion(spec.kind.value, keys_of(kinds.gates)), lints);
  const auto with = whole(spec.with);
  auto faults = faults_of(found->second, with, "spec.with", options);
  std::erase_if(faults, [](const declared::Fault& fault) { return fault.mark == whole_mark; });
  add_faults(faults, gate.file, lints);
}

Value merged_with(const GateText& gate, const GateUse& use) {
  Value result{use.with.mapping(), whole_mark};
  auto& merged = std::get<declared::Mapping>(result.data);
  for (const auto& entry : gate.with.mapping())
    if (declared::find_entry(use.with.mapping(), entry.key) == nullptr) merged.push_back(entry);
  return result;
}

void check_gate_use(const Parsed<GateText>& gate, const GateUse& use, const std::string& file, const Options& options,
                    Lints& lints) {
  const auto& kinds = options.kinds;
  const auto& spec = gate.document.spec;
  const auto found = kinds.gates.find(spec.kind.value);
  if (found == kinds.gates.end()) return;
  const auto path = use.use.path.substr(0, use.use.path.rfind('.')) + ".with";
  auto with = merged_with(spec, use);
  for (auto& entry : std::get<declared::Mapping>(with.data))
    if (declared::find_entry(use.with.mapping(), entry.key) == nullptr) {
      entry.mark = elsewhere_mark;
      move_all(entry.value, elsewhere_mark);
    }
  auto faults = faults_of(found->second, with, path, options);
  if (faults.empty()) {
    if (!use.with.empty()) return probe(found->second, with, file, use.with.value.mark, path, lints);
    const auto& written = spec.with.empty() ? spec.kind.mark : spec.with.value.mark;
    return probe(found->second, with, gate.file, written, "spec.with", lints);
  }
  std::erase_if(faults, [](const declared::Fault& fault) { return fault.mark == elsewhere_mark; });
  for (auto& fault : faults)
    if (fault.mark == whole_mark) {
      fault.mark = use.with.empty() ? use.use.mark : use.with.value.mark;
      fault.message += " (neither here nor in the gate `" + use.use.value.text + "`)";
    }
  add_faults(faults, file, lints);
}

void check_delivery(const DeliveryText& delivery, const std::string& file, const Options& options, Lints& lints) {
  const auto& kinds = options.kinds;
  if (delivery.kind.value.empty()) return;
  const auto found = kinds.deliveries.find(delivery.kind.value);
  if (found == kinds.deliveries.end())
    return complain(Severity::error, file, delivery.kind,
                    "unknown kind of delivery `" + delivery.kind.value + "`" +
                        suggestion(delivery.kind.value, keys_of(kinds.deliveries)),
                    lints);
  const auto path = delivery.kind.path.substr(0, delivery.kind.path.rfind('.')) + ".with";
  auto with = whole(delivery.with);
  with.mark = delivery.with.empty() ? delivery.kind.mark : delivery.with.value.mark;
  const auto faults = faults_of(found->second, with, path, options);
  if (faults.empty()) return probe(found->second, with, file, with.mark, path, lints);
  add_faults(faults, file, lints);
}

}  // namespace penstock::definitions
