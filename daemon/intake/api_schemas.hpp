// JSON Schemas of what the routes take, for the API's description. The readers are stricter than any schema.
#pragma once

#include <nlohmann/json.hpp>

namespace penstock::intake {

nlohmann::json candidate_schema();  // core::candidate_from_json, and `again`
nlohmann::json decision_schema();
nlohmann::json nothing_schema();                 // an empty object, or no body
nlohmann::json reason_schema(const char* what);  // {"reason"}: why
nlohmann::json rollback_schema();
nlohmann::json review_schema();
nlohmann::json delegation_schema();
nlohmann::json waiver_schema();
nlohmann::json stop_schema();
nlohmann::json hook_schema();  // whatever the hook's kind sends

}  // namespace penstock::intake
