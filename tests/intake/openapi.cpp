#include "daemon/intake/openapi.hpp"

#include "tests/intake/openapi_table.hpp"
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

}  // namespace

TEST_CASE("every row of the table is in the document, whole, and the document has nothing else") {
  require_described(table());
}

TEST_CASE("refusals in the document are problems, and the schemes it uses are defined") {
  const auto document = openapi_document(table(), "1.2.3");
  CHECK(document["info"]["version"] == "1.2.3");
  require_refusals_are_problems(document);
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
