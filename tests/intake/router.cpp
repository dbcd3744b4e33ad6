#include "daemon/intake/router.hpp"

#include "daemon/intake/router_decode.hpp"
#include "tests/catch.hpp"
#include "tests/intake/server_harness.hpp"

using namespace penstock::intake;
using namespace penstock::intake::harness;

namespace {

Router::Match match(const Router& router, const std::string& method, const std::string& target) {
  auto found = router.find(method, target);
  if (auto* refusal = std::get_if<Refusal>(&found)) FAIL(refusal->problem.message);
  return std::get<Router::Match>(found);
}

Refusal refused(const Router& router, const std::string& method, const std::string& target) {
  auto found = router.find(method, target);
  REQUIRE(std::holds_alternative<Refusal>(found));
  return std::get<Refusal>(found);
}

Route listing() {
  auto row = route("GET", "/v1/promotions", echo);
  row.query = {{"phase", "Only those in it."}, {"limit", "At most."}};
  return row;
}

Router router() {
  return Router({route("GET", "/v1/lanes/{model}/{environment}", echo), route("GET", "/v1/lanes/all/staging", echo),
                 route("DELETE", "/v1/lanes/{model}/{environment}", echo), listing(),
                 route("POST", "/v1/promotions", echo)});
}

}  // namespace

TEST_CASE("a parameter holds its decoded segment, slashes included") {
  const auto routes = router();
  const auto found = match(routes, "GET", "/v1/lanes/team%2Ffraud%20v2/prod%C3%BC");
  CHECK(found.route->path == "/v1/lanes/{model}/{environment}");
  CHECK(found.parameters == std::map<std::string, std::string>{{"model", "team/fraud v2"}, {"environment", "prodü"}});
  CHECK(found.path == "/v1/lanes/team/fraud v2/prodü");
}

TEST_CASE("a plus in a path is a plus, in a query a space") {
  const auto routes = router();
  CHECK(match(routes, "GET", "/v1/lanes/a+b/c").parameters.at("model") == "a+b");
  CHECK(match(routes, "GET", "/v1/promotions?phase=a+b%2B").query.at("phase") == "a b+");
}

TEST_CASE("a literal segment goes before a parameter") {
  const auto routes = router();
  CHECK(match(routes, "GET", "/v1/lanes/all/staging").route->path == "/v1/lanes/all/staging");
  CHECK(match(routes, "GET", "/v1/lanes/all/production").route->path == "/v1/lanes/{model}/{environment}");
  CHECK(match(routes, "DELETE", "/v1/lanes/all/staging").route->path == "/v1/lanes/{model}/{environment}");
}

TEST_CASE("HEAD is answered by the route of GET") {
  const auto routes = router();
  CHECK(match(routes, "HEAD", "/v1/promotions").route->method == "GET");
}

TEST_CASE("a path that no route has is not found") {
  const auto routes = router();
  for (const char* target : {"/", "/v1", "/v1/promotions/", "/v1//promotions", "/v1/lanes//production",
                             "/V1/promotions", "/v1/lanes/a/b/c", "/v1%2Fpromotions"}) {
    INFO(target);
    CHECK(refused(routes, "GET", target).status == 404);
  }
}

TEST_CASE("a method that the path does not have is told which it has") {
  const auto routes = router();
  const auto refusal = refused(routes, "PUT", "/v1/promotions");
  CHECK(refusal.status == 405);
  CHECK(refusal.headers == std::vector<std::pair<std::string, std::string>>{{"Allow", "GET, HEAD, POST"}});
  CHECK(refused(routes, "OPTIONS", "/v1/lanes/a/b").headers[0].second == "DELETE, GET, HEAD");
}

TEST_CASE("an unknown query key is refused by name, with those that are known") {
  const auto routes = router();
  const auto refusal = refused(routes, "GET", "/v1/promotions?limit=1&fase=live");
  CHECK(refusal.status == 400);
  CHECK(refusal.problem.message == "unknown query key `fase`");
  CHECK(refusal.problem.hint == "/v1/promotions knows `phase`, `limit`");
  CHECK(refused(routes, "GET", "/v1/lanes/a/b?x").problem.hint == "/v1/lanes/{model}/{environment} takes none");
}

TEST_CASE("a query key given twice is refused, however it is written") {
  const auto routes = router();
  CHECK(refused(routes, "GET", "/v1/promotions?limit=1&limit=2").problem.message ==
        "the query key `limit` is given twice");
  CHECK(refused(routes, "GET", "/v1/promotions?limit=1&%6Cimit=1").status == 400);
}

TEST_CASE("a query without values is read as it stands") {
  const auto routes = router();
  const auto query = match(routes, "GET", "/v1/promotions?phase&limit=a=b&").query;
  CHECK(query == std::map<std::string, std::string>{{"phase", ""}, {"limit", "a=b"}});
  CHECK(match(routes, "GET", "/v1/promotions?").query.empty());
}

TEST_CASE("malformed encoding, control characters and dot segments are refused") {
  const auto routes = router();
  for (const char* target :
       {"/v1/lanes/%/b", "/v1/lanes/%2/b", "/v1/lanes/%zz/b", "/v1/lanes/a%00b/b", "/v1/lanes/a%0d%0ab/b",
        "/v1/lanes/%ff/b", "/v1/lanes/%c0%af/b", "/v1/lanes/%ed%a0%80/b", "/v1/lanes/../b", "/v1/lanes/%2e%2E/b",
        "/v1/./lanes/a/b", "/v1/promotions?phase=%", "/v1/promotions?phase=%80"}) {
    INFO(target);
    CHECK(refused(routes, "GET", target).status == 400);
  }
}

TEST_CASE("UTF-8 is told from what only looks like it") {
  for (const char* good : {"", "a", "\x7f", "ü", "€", "\xf0\x9f\x9a\x80", "\xf4\x8f\xbf\xbf"}) CHECK(is_utf8(good));
  for (const char* bad : {"\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xbf\xbf",
                          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3\xc3", "\xff"})
    CHECK_FALSE(is_utf8(bad));
}

TEST_CASE("a table that cannot be meant is refused at the start") {
  auto twin = route("GET", "/a/{other}", echo);
  twin.operation = "another";
  CHECK_THROWS_AS(Router({route("GET", "/a/{id}", echo), twin}), std::invalid_argument);
  auto same_operation = route("GET", "/b", echo);
  same_operation.operation = "GET/a";
  CHECK_THROWS_AS(Router({route("GET", "/a", echo), same_operation}), std::invalid_argument);
  CHECK_THROWS_AS(Router({route("GET", "a", echo)}), std::invalid_argument);
  CHECK_THROWS_AS(Router({route("GET", "/a", {})}), std::invalid_argument);
}

TEST_CASE("a body's type must be JSON in UTF-8, except for a hook") {
  const auto json_route = route("POST", "/x", echo);
  auto hook = route("POST", "/hook", echo);
  hook.access = Access::hook;
  hook.request_schema = nullptr;
  BodyPlan plan;
  plan.kind = BodyPlan::Kind::sized;
  plan.length = 2;
  const auto status = [&](const Route& to, const std::string& type) {
    Head head;
    if (!type.empty()) head.headers = {{"content-type", type}};
    const auto refusal = Router::check_body(to, plan, head);
    return refusal ? refusal->status : 200;
  };
  for (const char* good : {"application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\"",
                           "application/cloudevents+json", "application/json; profile=x"})
    CHECK(status(json_route, good) == 200);
  for (const char* bad : {"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1",
                          "application/+json", "text/json", "application/jsonp"}) {
    INFO(bad);
    CHECK(status(json_route, bad) == 415);
    CHECK(status(hook, bad) == 200);
  }
}
