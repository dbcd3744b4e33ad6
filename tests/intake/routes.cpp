#include "daemon/intake/routes.hpp"

#include "daemon/core/candidate.hpp"
#include "daemon/intake/api_page.hpp"
#include "daemon/intake/api_schemas.hpp"
#include "tests/intake/api_story.hpp"
#include "tests/intake/openapi_table.hpp"

namespace penstock::intake {

TEST_CASE("the table holds every route that the interface promises, and no other") {
  ApiStory story;
  std::set<std::string> rows;
  for (const auto& route : story.router.routes()) rows.insert(route.method + " " + route.path);
  CHECK(rows == std::set<std::string>{"POST /v1/candidates",
                                      "GET /v1/candidates",
                                      "GET /v1/candidates/{id}",
                                      "GET /v1/promotions",
                                      "GET /v1/promotions/{id}",
                                      "GET /v1/promotions/{id}/explanation",
                                      "GET /v1/promotions/{id}/events",
                                      "POST /v1/promotions/{id}/decisions",
                                      "POST /v1/promotions/{id}/retry",
                                      "POST /v1/promotions/{id}/withdraw",
                                      "GET /v1/lanes",
                                      "GET /v1/lanes/{model}/{environment}",
                                      "GET /v1/lanes/{model}/{environment}/history",
                                      "GET /v1/lanes/{model}/{environment}/plan",
                                      "GET /v1/definitions",
                                      "POST /v1/simulations",
                                      "POST /v1/lanes/{model}/{environment}/pin",
                                      "POST /v1/lanes/{model}/{environment}/release",
                                      "POST /v1/lanes/{model}/{environment}/review",
                                      "POST /v1/lanes/{model}/{environment}/rollback",
                                      "POST /v1/lanes/{model}/{environment}/waivers",
                                      "POST /v1/lanes/{model}/{environment}/waivers/{id}/grant",
                                      "POST /v1/lanes/{model}/{environment}/waivers/{id}/revoke",
                                      "POST /v1/backups",
                                      "GET /v1/semaphores",
                                      "GET /v1/delegations",
                                      "POST /v1/delegations",
                                      "POST /v1/delegations/{id}/end",
                                      "GET /v1/stops",
                                      "POST /v1/stops",
                                      "POST /v1/stops/{id}/lift",
                                      "GET /v1/evidence/{digest}",
                                      "GET /v1/stream",
                                      "POST /hooks/{source}",
                                      "GET /livez",
                                      "GET /readyz",
                                      "GET /metrics",
                                      "GET /version"});
}

TEST_CASE("nobody reads or changes anything under /v1 without saying who he is") {
  ApiStory story;
  for (const auto& route : story.router.routes()) {
    CAPTURE(route.path);
    if (route.path.starts_with("/v1/")) CHECK((route.access == Access::caller || route.access == Access::person));
    if (route.path.starts_with("/hooks/")) CHECK(route.access == Access::hook);
    CHECK_FALSE(route.summary.empty());
    CHECK_FALSE(route.answers.empty());
    CHECK((route.method == "POST") == !route.request_schema.is_null());
  }
}

TEST_CASE("a service's token is enough for a backup, and for no decision") {
  ApiStory story;
  std::map<std::string, Access> access;
  for (const auto& route : story.router.routes()) access[route.operation] = route.access;
  CHECK(access.at("makeBackup") == Access::caller);
  CHECK(access.at("decidePromotion") == Access::person);
  story.parts.back_up = [] { return core::Result<json>(json{{"id", "bkp_1"}}); };
  const auto made = story.post("/v1/backups", "{}", ci);
  CHECK(made.status == 201);
  CHECK(json::parse(made.body)["id"] == "bkp_1");
  const auto responses = openapi_document(story.router.routes(), "1")["paths"]["/v1/backups"]["post"]["responses"];
  CHECK_FALSE(responses.contains("403"));
}

TEST_CASE("the document describes the daemon's own table, every row and nothing else") {
  ApiStory story;
  auto routes = story.router.routes();
  routes.push_back(openapi_route(routes, "1.2.3"));
  require_described(routes);
  const auto document = openapi_document(routes, "1.2.3");
  require_refusals_are_problems(document);
  std::set<std::string> operations;
  for (const auto& route : routes) CHECK(operations.insert(route.operation).second);
  const auto served = story.run(routes.back().handler(Request()));
  CHECK(json::parse(served.body) == document);
}

TEST_CASE("what a schema demands is what the route demands") {
  ApiStory story;
  story.submit();
  const std::string lane = "/v1/lanes/fraud/production";
  const std::vector<std::pair<std::string, json>> bodies{{lane + "/pin", reason_schema("")},
                                                         {lane + "/rollback", rollback_schema()},
                                                         {lane + "/waivers", waiver_schema()}};
  for (const auto& [target, schema] : bodies) {
    CAPTURE(target);
    for (const auto& key : schema["required"]) {
      json body;
      for (const auto& other : schema["required"])
        if (other != key) body[other.get<std::string>()] = "x";
      const auto answer = json::parse(story.post(target, body.is_null() ? "{}" : body.dump(), ana).body);
      CHECK(answer["detail"] == "`" + key.get<std::string>() + "` is missing");
    }
    for (const auto& [key, property] : schema["properties"].items()) {
      json body{{key, json::array()}};
      const auto answer = json::parse(story.post(target, body.dump(), ana).body);
      CHECK(answer["detail"].get<std::string>().find("unknown key") == std::string::npos);
    }
    CHECK(story.post(target, R"({"nonsense": 1})", ana).status == 400);
  }
}

TEST_CASE("an unknown query key is refused on every list") {
  ApiStory story;
  for (const auto* target : {"/v1/candidates", "/v1/promotions", "/v1/lanes", "/v1/stream"})
    CHECK(story.get(std::string(target) + "?modle=fraud").status == 400);
}

TEST_CASE("the candidate's schema and its reader know the same keys") {
  const auto schema = candidate_schema();
  const std::string digest = runtime::sha256("x").text();
  json whole{{"model", "m"},
             {"version", "1"},
             {"source", "s"},
             {"registry", {{"kind", "mlflow"}}},
             {"artifact", {{"digest", digest}, {"uri", "u"}}},
             {"git", {{"repository", "r"}, {"commit", std::string(40, 'a')}}},
             {"data_sets", {{"training", "t.csv"}}},
             {"data_contract", "c.yaml"},
             {"metrics", {{"auc", 0.9}}},
             {"labels", {{"team", "risk"}}},
             {"authors", {"mia"}}};
  const auto candidate = core::candidate_from_json(whole);
  REQUIRE(candidate);
  // What is read is written again: no key of the schema is lost, none is missing from it.
  CHECK(core::to_json(*candidate) == whole);
  whole["again"] = true;
  for (const auto& [key, value] : schema["properties"].items()) CHECK(whole.contains(key));
  for (const auto& [key, value] : whole.items()) CHECK(schema["properties"].contains(key));
}

TEST_CASE("what stands in a query of a link is encoded") {
  CHECK(percent_encoded("a b/ü&=~") == "a%20b%2F%C3%BC%26%3D~");
}

}  // namespace penstock::intake
