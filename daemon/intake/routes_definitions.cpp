#include "daemon/intake/api_definitions.hpp"
#include "daemon/intake/api_plan.hpp"
#include "daemon/intake/routes_table.hpp"

namespace penstock::intake {

void add_definitions(Table& table) {
  auto& plan = table.add("GET", "/v1/lanes/{model}/{environment}/plan", "planPromotion",
                         "What a version would have to pass to get into this lane now. Nothing is done.",
                         Access::caller, get_plan);
  plan.query = {{"version", "Which version of the model; needed. It need not have been seen."}};
  plan.answers = {{200, "Gates, approvals, deliveries, and what stands in the way."},
                  {400, "`version` is missing."},
                  {422, "No policy covers the lane."}};
  table
      .add("GET", "/v1/definitions", "getDefinitions", "The policies, gates and frameworks that are loaded.",
           Access::caller, get_definitions)
      .answers = {{200, "All of them."}};
  auto& simulate = table.add("POST", "/v1/simulations", "simulatePolicy",
                             "Decide the newest promotions of its lanes again under another policy. Nothing is done.",
                             Access::caller, post_simulation);
  simulate.request_schema = simulation_schema();
  simulate.max_body = simulation_body;
  simulate.answers = {{200, "Which would have ended differently, and of which nobody can tell."},
                      {400, "The body cannot be read, or the files have problems, each with file, line and column."}};
}

}  // namespace penstock::intake
