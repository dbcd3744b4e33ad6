#include "daemon/intake/openapi.hpp"

#include <set>

#include "tests/catch.hpp"
#include "tests/intake/server_harness.hpp"

using namespace penstock::intake;
using namespace penstock::intake::harness;
using nlohmann::json;

namespace {

Routes table() {
  auto live = route("GET", "/livez", echo);
  live.answers = {{200, "Alive."}};
  auto decide = route("POST", "/v1/promotions/{id}/decisions", echo);
  decide.access = Access::person;
  decide.request_headers = {"If-Match", "Idempotency-Key"};
  decide.request_schema = {{"type", "object"}, {"required", {"decision", "reason"}}};
  decide.answers = {{200, "Decided."}, {412, "The promotion has moved on."}};
  auto show = route("GET", "/v1/promotions/{id}", echo);
  show.access = Access::caller;
  show.query = {{"wait", "How long to wait, such as 30s.", {{"type", "string"}, {"pattern", "^[0-9]+s$"}}}};
  show.answers = {{200, "The promotion."}, {404, "There is none."}};
  auto hook = route("POST", "/hooks/{source}", echo);
  hook.access = Access::hook;
  hook.request_schema = nullptr;
  hook.answers = {{202, "Noted."}};
  Routes routes = {live, decide, show, hook};
  routes.push_back(openapi_route(routes, "1.2.3"));
  return routes;
}

std::set<std::string> names_in(const json& operation, const std::string& place) {
  std::set<std::string> names;
  for (const auto& parameter : operation.value("parameters", json::array()))
    if (parameter["in"] == place) names.insert(parameter["name"].get<std::string>());
  return names;
}

}  // namespace

TEST_CASE("every row of the table is in the document, whole, and the document has nothing else") {
  const auto routes = table();
  const auto document = openapi_document(routes, "1.2.3");
  std::size_t operations = 0;
  for (const auto& [path, item] : document["paths"].items()) operations += item.size();
  CHECK(operations == routes.size());

  for (const auto& row : routes) {
    INFO(row.operation);
    auto method = row.method;
    for (auto& letter : method) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    REQUIRE(document["paths"].contains(row.path));
    REQUIRE(document["paths"][row.path].contains(method));
    const auto& operation = document["paths"][row.path][method];
    CHECK(operation["operationId"] == row.operation);
    CHECK(operation["summary"] == row.summary);
    std::set<std::string> query;
    for (const auto& parameter : row.query) query.insert(parameter.name);
    CHECK(names_in(operation, "query") == query);
    CHECK(names_in(operation, "header") ==
          std::set<std::string>(row.request_headers.begin(), row.request_headers.end()));
    for (const auto& name : names_in(operation, "path")) CHECK(row.path.find("{" + name + "}") != std::string::npos);
    CHECK(names_in(operation, "path").size() ==
          static_cast<std::size_t>(std::count(row.path.begin(), row.path.end(), '{')));
    for (const auto& [status, meaning] : row.answers)
      CHECK(operation["responses"][std::to_string(status)]["description"] == meaning);
    CHECK(operation["responses"].contains("default"));
    CHECK(operation.contains("requestBody") == (!row.request_schema.is_null() || row.access == Access::hook));
    if (!row.request_schema.is_null())
      CHECK(operation["requestBody"]["content"]["application/json"]["schema"] == row.request_schema);
    const bool needs_token = row.access == Access::caller || row.access == Access::person;
    CHECK(operation["security"] == (row.access == Access::open ? json::array()
                                    : needs_token              ? json::parse(R"([{"bearer": []}])")
                                                               : json::parse(R"([{"signature": []}])")));
    CHECK(operation["responses"].contains("401") == needs_token);
    CHECK(operation["responses"].contains("403") == (row.access == Access::person));
  }
}

TEST_CASE("refusals in the document are problems, and the schemes it uses are defined") {
  const auto document = openapi_document(table(), "1.2.3");
  CHECK(document["openapi"] == "3.1.0");
  CHECK(document["info"]["version"] == "1.2.3");
  CHECK(document["components"]["securitySchemes"].contains("bearer"));
  CHECK(document["components"]["securitySchemes"].contains("signature"));
  for (const auto& [path, item] : document["paths"].items())
    for (const auto& [method, operation] : item.items())
      for (const auto& [status, answer] : operation["responses"].items()) {
        INFO(path << " " << method << " " << status);
        const bool is_refusal = status == "default" || status >= "400";
        CHECK(answer.contains("content") == is_refusal);
        if (is_refusal)
          CHECK(answer["content"]["application/problem+json"]["schema"]["$ref"] == "#/components/schemas/Problem");
      }
}

TEST_CASE("the problem schema names the members that problems have") {
  const auto schema = openapi_document(table(), "1")["components"]["schemas"]["Problem"];
  Running server(table());
  const auto problem = json::parse(ask(server.port(), request("GET /none HTTP/1.1")).body);
  for (const auto& name : schema["required"]) CHECK(problem.contains(name.get<std::string>()));
  for (const auto& [name, value] : problem.items()) CHECK(schema["properties"].contains(name));
}

TEST_CASE("the document is served to anybody, and describes the route that serves it") {
  Running server(table());
  const auto answer = ask(server.port(), request("GET /openapi.json HTTP/1.1"));
  CHECK(answer.status == 200);
  const auto document = json::parse(answer.body);
  CHECK(document["paths"].contains("/openapi.json"));
  CHECK(document == openapi_document(table(), "1.2.3"));
}
