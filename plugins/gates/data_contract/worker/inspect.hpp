// The worker's whole errand: contract and data in, report out.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "plugins/gates/data_contract/plan.hpp"

namespace penstock::gates::data_contract::worker {

// A Problem means that Penstock could not find out.
core::Result<nlohmann::json> inspect(const Plan& plan);

}  // namespace penstock::gates::data_contract::worker
