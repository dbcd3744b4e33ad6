// penstock-scan-worker: looks at the files of one artifact, in a process that can do nothing else.
// A request on standard input, a report on standard output; exit 0 only with a whole report.
#include <cstdio>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "plugins/gates/security_signoff/scan_request.hpp"
#include "plugins/gates/security_signoff/worker_limits.hpp"

namespace {

int refuse(const std::string& reason) {
  std::fprintf(stderr, "penstock-scan-worker: %s\n", reason.c_str());
  return 3;
}

int scan() {
  using namespace penstock::gates::security;
  if (const auto reason = give_up_rights(); !reason.empty()) return refuse(reason);
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  const auto request = decode_scan_request(input);
  if (!request) return refuse(penstock::core::to_text(request.error()));
  const auto report = scan_folder(request->folder, rules_of(*request));
  if (!report) return refuse(penstock::core::to_text(report.error()));
  std::cout << to_json(*report).dump() << std::flush;
  return std::cout ? 0 : refuse("cannot write the report");
}

}  // namespace

int main() {
  try {
    return scan();
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
}
