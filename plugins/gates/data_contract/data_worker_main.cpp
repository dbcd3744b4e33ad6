// penstock-data-worker: a plan on stdin, a report on stdout. Exit 0 = there is a report; anything else means that
// Penstock could not find out, and stderr says why.
#include <exception>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "plugins/gates/data_contract/worker/inspect.hpp"
#include "plugins/gates/data_contract/worker/limits.hpp"

namespace {

using namespace penstock;

int answer() {
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  const auto document = nlohmann::json::parse(input, nullptr, false);
  if (document.is_discarded()) {
    std::cerr << "the plan on stdin is not JSON\n";
    return 2;
  }
  const auto plan = core::declared::from_json<gates::data_contract::Plan>(document);
  if (!plan) {
    std::cerr << core::to_text(plan.error()) << "\n";
    return 2;
  }
  if (!gates::data_contract::worker::limit_process(plan->memory_mb, plan->threads)) {
    std::cerr << "the limits of the process could not be set\n";
    return 3;
  }
  const auto report = gates::data_contract::worker::inspect(*plan);
  if (!report) {
    std::cerr << report.error().code << ": " << core::to_text(report.error()) << "\n";
    return 1;
  }
  std::cout << report->dump(1, ' ', false, nlohmann::json::error_handler_t::replace) << std::flush;
  return std::cout.good() ? 0 : 3;
}

}  // namespace

int main() {
  try {
    return answer();
  } catch (const std::exception& error) {
    std::cerr << "defect: " << error.what() << "\n";
    return 3;
  }
}
