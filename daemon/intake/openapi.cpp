#include "daemon/intake/openapi.hpp"

#include <algorithm>
#include <memory>

#include "daemon/intake/explanation.hpp"
#include "daemon/intake/problem.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

// RFC 9457, with the members that Penstock adds.
json problem_schema() {
  const json text{{"type", "string"}};
  return {{"type", "object"},
          {"required", {"type", "title", "status", "detail", "code", "retryable", "request_id"}},
          {"properties",
           {{"type", {{"type", "string"}, {"format", "uri-reference"}}},
            {"title", text},
            {"status", {{"type", "integer"}}},
            {"detail", {{"type", "string"}, {"description", "What was observed and what was needed."}}},
            {"code", {{"type", "string"}, {"description", "Stable, for programs."}}},
            {"where", {{"type", "string"}, {"description", "The file, address or object concerned."}}},
            {"hint", {{"type", "string"}, {"description", "What to do next."}}},
            {"retryable", {{"type", "boolean"}, {"description", "The same request may succeed later."}}},
            {"request_id", text}}}};
}

json security_schemes() {
  return {{"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"description", "A token of a person or a service."}}},
          {"signature",
           {{"type", "apiKey"},
            {"in", "header"},
            {"name", "webhook-signature"},
            {"description",
             "A signature over the raw body: Standard Webhooks, or the header that the sender's product defines."}}}};
}

json problem_answer(const std::string& description) {
  return {{"description", description},
          {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
}

json parameter(const std::string& name, const char* in, const json& schema, const std::string& description = "") {
  json result{{"name", name}, {"in", in}, {"required", std::string_view(in) == "path"}, {"schema", schema}};
  if (!description.empty()) result["description"] = description;
  return result;
}

json parameters_of(const Route& route) {
  const json text{{"type", "string"}};
  auto parameters = json::array();
  for (std::size_t open = route.path.find('{'); open != std::string::npos; open = route.path.find('{', open + 1)) {
    const auto close = route.path.find('}', open);
    if (close == std::string::npos) break;
    parameters.push_back(parameter(route.path.substr(open + 1, close - open - 1), "path", text));
  }
  for (const auto& query : route.query)
    parameters.push_back(parameter(query.name, "query", query.schema, query.description));
  for (const auto& header : route.request_headers) parameters.push_back(parameter(header, "header", text));
  return parameters;
}

json answers_of(const Route& route) {
  json answers = json::object();
  const auto refuse = [&](int status, const char* description) {
    answers[std::to_string(status)] = problem_answer(description);
  };
  const bool takes_body = !route.request_schema.is_null() || route.access == Access::hook;
  if (route.access == Access::caller || route.access == Access::person) refuse(401, "No valid token.");
  if (route.access == Access::person) refuse(403, "The caller is not a person.");
  if (takes_body) refuse(413, "The body is too large.");
  if (takes_body && route.access != Access::hook) refuse(415, "The body is not JSON.");
  for (const auto& [status, meaning] : route.answers)
    answers[std::to_string(status)] = status >= 400 ? problem_answer(meaning) : json{{"description", meaning}};
  if (!route.answer_schema.is_null())
    answers["200"]["content"] = {{"application/json", {{"schema", route.answer_schema}}}};
  answers["default"] = problem_answer("Any other refusal.");
  return answers;
}

json security_of(Access access) {
  switch (access) {
    case Access::open:
      return json::array();
    case Access::hook:
      return json::array({json{{"signature", json::array()}}});
    case Access::caller:
    case Access::person:
      break;
  }
  return json::array({json{{"bearer", json::array()}}});
}

json operation_of(const Route& route) {
  json operation{{"operationId", route.operation},
                 {"summary", route.summary},
                 {"security", security_of(route.access)},
                 {"responses", answers_of(route)}};
  auto parameters = parameters_of(route);
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!route.request_schema.is_null())
    operation["requestBody"] = {{"content", {{"application/json", {{"schema", route.request_schema}}}}}};
  else if (route.access == Access::hook)
    operation["requestBody"] = {{"content", {{"*/*", json::object()}}}};
  return operation;
}

json schemas() {
  auto all = explanation_schemas();
  all["Problem"] = problem_schema();
  return all;
}

}  // namespace

json openapi_document(const Routes& routes, const std::string& version) {
  json paths = json::object();
  for (const auto& route : routes) {
    auto method = route.method;
    std::transform(method.begin(), method.end(), method.begin(), [](char letter) {
      return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    paths[route.path][method] = operation_of(route);
  }
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "Penstock"},
            {"version", version},
            {"description", "Decides which model versions go into production."},
            {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
          {"paths", paths},
          {"components", {{"schemas", schemas()}, {"securitySchemes", security_schemes()}}}};
}

Route openapi_route(Routes routes, const std::string& version) {
  Route route;
  route.method = "GET";
  route.path = "/openapi.json";
  route.operation = "getApiDescription";
  route.summary = "This API as an OpenAPI 3.1 document.";
  route.access = Access::open;
  route.answers = {{200, "The document."}};
  routes.push_back(route);
  // Printed once: the table does not change while the daemon lives.
  const auto text = std::make_shared<const std::string>(openapi_document(routes, version).dump());
  route.handler = [text](Request) -> asio::awaitable<Response> {
    Response response;
    response.body = *text;
    co_return response;
  };
  return route;
}

}  // namespace penstock::intake
