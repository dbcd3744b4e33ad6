#include "plugins/gates/security_signoff/pickle_scan.hpp"

namespace penstock::gates::security {
namespace {

PickleMachine machine_for(Scan& scan, std::string_view bytes, const std::string& where) {
  return PickleMachine(bytes, scan.rules().allow, [&scan, where](PickleRemark remark) {
    scan.remark(remark.level, remark.rule, at_byte(where, remark.offset), std::move(remark.observed), remark.needed);
  });
}

}  // namespace

void scan_pickle(Scan& scan, std::string_view bytes, const std::string& where) {
  auto machine = machine_for(scan, bytes, where);
  if (!machine.execute_stream(0) || machine.position() == bytes.size()) return;
  // What is behind the first stream is not read by pickle.load, but by whoever calls it twice.
  const auto first_end = machine.position();
  scan.remark(Level::warn, "pickle/several-streams", at_byte(where, first_end),
              std::to_string(bytes.size() - first_end) + " bytes follow the first stream",
              "one stream, and nothing behind it");
  while (machine.position() < bytes.size())
    if (!machine.execute_stream(machine.position())) return;
}

std::vector<NamedStorage> scan_torch_pickle(Scan& scan, std::string_view bytes, const std::string& where) {
  auto machine = machine_for(scan, bytes, where);
  machine.accept_storages();
  if (machine.execute_stream(0) && machine.position() != bytes.size())
    scan.remark(Level::unknown, "pickle/residual-bytes", at_byte(where, machine.position()), "bytes follow the stream",
                "one stream, and nothing behind it");
  return machine.storages();
}

bool is_also_a_pickle(const ScanRules& rules, std::string_view bytes) {
  PickleMachine machine(bytes, rules.allow, nullptr);
  machine.execute_stream(0);
  return machine.acts() || machine.exceeded();
}

}  // namespace penstock::gates::security
