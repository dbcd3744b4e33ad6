// Tells operators what came of reading the gate definitions again: in the log every problem, in the metrics that there
// are some.
#pragma once

#include "daemon/intake/metrics.hpp"
#include "daemon/policies_in_force.hpp"

namespace penstock {

void report_reload(const Reloaded& reloaded, intake::Metrics& metrics);
// The same metrics at the start, where nothing is wrong.
void report_start(std::size_t policies, intake::Metrics& metrics);

}  // namespace penstock
