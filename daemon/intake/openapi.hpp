// The OpenAPI 3.1 description of a route table.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "daemon/intake/http.hpp"

namespace penstock::intake {

// Every row with its parameters, body, answers and who may call it, and the refusals that the server itself gives.
// Answers that are no problem carry no content: the table does not know their shape, and nothing is claimed of it.
nlohmann::json openapi_document(const Routes& routes, const std::string& version);

// The row that serves the description of `routes` and of itself at /openapi.json: add it to the table last.
Route openapi_route(Routes routes, const std::string& version);

}  // namespace penstock::intake
