// What a policy demands, told to whoever plans a promotion or a way back.
#pragma once

#include <nlohmann/json.hpp>

#include "daemon/core/policy.hpp"

namespace penstock::intake {

// [{"name", "gates": [{"name", "uses", "blocking", "deadline", "attempts", "max_age"}]}]
nlohmann::json stages_json(const core::Policy& policy);
// [{"group", "needed", "required", "expires", "not": ["submitter", …], "escalates": {"after", "group"}}]
nlohmann::json approvals_json(const core::Policy& policy);
// [{"name", "uses", "deadline"}]
nlohmann::json deliveries_json(const core::Policy& policy);

}  // namespace penstock::intake
