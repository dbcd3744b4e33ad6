#include "tests/catch.hpp"
#include "tests/plugins/gates/data_contract/data_world.hpp"

using namespace penstock;
using namespace penstock::gates::data_contract::test;

namespace {

// One column `x` of integers and a few rules, by property or object.
std::string property_rules(const std::string& rules, const std::string& type = "integer",
                           const std::string& version = "v3.1.0") {
  return contract_with("      - {name: x, logicalType: " + type + ", quality: [" + rules +
                           "]}\n      - {name: y, logicalType: string}\n",
                       "", version);
}
std::string object_rules(const std::string& rules, const std::string& version = "v3.1.0") {
  return contract_with("      - {name: x, logicalType: integer}\n      - {name: y, logicalType: string}\n",
                       "    quality: [" + rules + "]\n", version);
}

}  // namespace

TEST_CASE("rules of a property count nulls, missing, invalid and repeated values") {
  DataWorld world;
  world.data("x,y\n1,a\n1,b\n-999,c\n,d\nbad,e\n");
  world.contract(property_rules(
      "{id: n, metric: nullValues, mustBe: 1},"
      "{id: m, metric: missingValues, arguments: {missingValues: [null, -999]}, mustBe: 2},"
      "{id: m2, metric: missingValues, arguments: {missingValues: [-999]}, mustBe: 1},"
      "{id: m3, metric: missingValues, mustBe: 1},"
      "{id: m4, metric: missingValues, arguments: {missingValues: ['', N/A]}, mustBe: 1},"
      "{id: v, metric: invalidValues, arguments: {validValues: [1]}, mustBe: 2},"
      "{id: p, metric: invalidValues, arguments: {pattern: '^[0-9]+$'}, mustBe: 2},"
      "{id: b, metric: invalidValues, arguments: {validValues: [1, -999], pattern: '^[0-9]+$'}, mustBe: 2},"
      "{id: d, metric: duplicateValues, mustBe: 1}"));
  const auto answer = world.check();
  for (const auto* id : {"n", "m", "m2", "m3", "m4", "v", "p", "b", "d"}) {
    INFO(id << " " << check_of(answer, std::string("wine/x/quality/") + id).dump());
    CHECK(state_of(answer, std::string("wine/x/quality/") + id) == "passed");
  }
  CHECK(ids_in(answer, "failed") == std::vector<std::string>{"wine/x/logicalType"});
  const auto repeated = check_of(answer, "wine/x/quality/d");
  CHECK(repeated["surplus_rows"] == 1);
  CHECK(repeated["rows_in_repeated_keys"] == 2);
  CHECK(repeated["of"] == 3);
}

TEST_CASE("every operator holds and breaks at its edges") {
  DataWorld world;
  world.data("x,y\n1,a\n2,b\n3,c\n");  // 3 rows
  const std::vector<std::pair<std::string, bool>> operators{
      {"mustBe: 3", true},
      {"mustBe: 4", false},
      {"mustNotBe: 4", true},
      {"mustNotBe: 3", false},
      {"mustBeGreaterThan: 2", true},
      {"mustBeGreaterThan: 3", false},
      {"mustBeGreaterOrEqualTo: 3", true},
      {"mustBeGreaterOrEqualTo: 4", false},
      {"mustBeLessThan: 4", true},
      {"mustBeLessThan: 3", false},
      {"mustBeLessOrEqualTo: 3", true},
      {"mustBeLessOrEqualTo: 2", false},
      {"mustBeBetween: [3, 9]", true},
      {"mustBeBetween: [4, 9]", false},
      {"mustNotBeBetween: [4, 9]", true},
      {"mustNotBeBetween: [3, 9]", false},
  };
  std::string rules;
  for (std::size_t i = 0; i < operators.size(); ++i)
    rules += "{id: r" + std::to_string(i) + ", metric: rowCount, " + operators[i].first + "},";
  world.contract(object_rules(rules));
  const auto answer = world.check();
  for (std::size_t i = 0; i < operators.size(); ++i) {
    INFO(operators[i].first);
    CHECK(state_of(answer, "wine/quality/r" + std::to_string(i)) == (operators[i].second ? "passed" : "failed"));
  }
  SECTION("mustBeBetween leaves its ends out when the gate says so, and the report tells") {
    const auto strict = world.check({{"between", "exclusive"}});
    CHECK(state_of(strict, "wine/quality/r12") == "failed");
    CHECK(check_of(strict, "wine/quality/r12")["needed"] == "rowCount of wine: between 3 and 9 (both left out)");
  }
}

TEST_CASE("a percentage is of the rows, and of the rows with a value for repeated ones") {
  DataWorld world;
  world.data("x,y\n1,a\n1,b\n,c\n2,d\n");
  world.contract(
      property_rules("{id: n, metric: nullValues, mustBeLessThan: 25, unit: percent},"
                     "{id: n2, metric: nullValues, mustBeLessOrEqualTo: 25, unit: percent},"
                     "{id: d, metric: duplicateValues, mustBeBetween: [33.3, 33.4], unit: percent}"));
  const auto answer = world.check();
  CHECK(check_of(answer, "wine/x/quality/n")["message"] == "1 of 4 rows, 25.0 percent");
  CHECK(state_of(answer, "wine/x/quality/n") == "failed");
  CHECK(state_of(answer, "wine/x/quality/n2") == "passed");
  CHECK(state_of(answer, "wine/x/quality/d") == "passed");
}

TEST_CASE("a rule of mild severity is told and does not stop the candidate") {
  DataWorld world;
  world.data("x,y\n1,a\n");
  world.contract(object_rules("{id: r, metric: rowCount, mustBe: 5, severity: Warning}"));
  const auto answer = world.check();
  CHECK(answer.finding.verdict == core::Verdict::passed);
  CHECK(state_of(answer, "wine/quality/r") == "warned");
  REQUIRE(answer.finding.details.size() == 1);
  CHECK(answer.finding.details[0].observed == "1 row");
  SECTION("a severity that is not known to be mild is not mild") {
    world.contract(object_rules("{id: r, metric: rowCount, mustBe: 5, severity: warnnig}"));
    CHECK(world.check().finding.verdict == core::Verdict::failed);
  }
}

TEST_CASE("several properties together can be demanded to be distinct") {
  DataWorld world;
  world.data("x,y\n1,a\n1,b\n1,a\n");
  world.contract(object_rules("{id: r, metric: duplicateValues, arguments: {properties: [x, y]}, mustBe: 0}"));
  CHECK(check_of(world.check(), "wine/quality/r")["count"] == 1);
  world.contract(object_rules("{id: r, metric: duplicateValues, arguments: {properties: [x, z]}, mustBe: 0}"));
  const auto answer = world.check();
  CHECK(answer.finding.verdict == core::Verdict::inconclusive);
  CHECK(answer.finding.observed == "line 9: the object has no property `z`");
}

TEST_CASE("rules as ODCS 3.0 writes them mean the same") {
  DataWorld world;
  world.data("x,y\n1,a\n1,b\n3,a\n,c\n");
  world.contract(
      property_rules("{id: d, rule: duplicateCount, mustBeLessThan: 1},{id: v, rule: validValues, validValues: [1, 2]},"
                     "{id: n, rule: nullCheck},{id: u, rule: uniqueCheck}",
                     "integer", "v3.0.2"));
  const auto answer = world.check();
  CHECK(check_of(answer, "wine/x/quality/d")["count"] == 1);
  CHECK(check_of(answer, "wine/x/quality/v")["samples"][0]["values"]["x"] == "3");
  CHECK(ids_in(answer, "failed").size() == 4);
  CHECK(ids_in(answer, "listed").empty());
  SECTION("in a 3.1 contract that is told, and refused by a strict gate") {
    world.contract(object_rules("{id: r, rule: rowCount, mustBe: 4}"));
    CHECK(world.check().finding.verdict == core::Verdict::passed);
    CHECK(state_of(world.check(), "wine/quality/r/rule") == "listed");
    CHECK(world.check({{"strict", true}}).finding.verdict == core::Verdict::inconclusive);
  }
}

TEST_CASE("a rule that is not understood never passes, whatever the gate lets go") {
  DataWorld world;
  world.data("x,y\n1,a\n");
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"{metric: rowCont, mustBe: 1}", "line 9: `rowCont` is not a metric of the standard, did you mean `rowCount`?"},
      {"{metric: rowCount, mustBeGreaterThn: 0}",
       "line 9: the key `mustBeGreaterThn` does not stand here in the standard, did you mean `mustBeGreaterThan`?; "
       "what it demands is not checked"},
      {"{metric: rowCount}", "line 9: the rule needs an operator such as `mustBe`"},
      {"{metric: rowCount, mustBe: 1, mustNotBe: 2}", "line 9: `mustBe` and `mustNotBe` exclude each other"},
      {"{metric: rowCount, mustBe: one}", "line 9: `mustBe` needs a number, found the text `one`"},
      {"{metric: rowCount, mustBeBetween: [3, 1]}",
       "line 9: `mustBeBetween` needs a list of two numbers, the smaller first, found a list"},
      {"{metric: rowCount, mustBe: 1, unit: percent}", "line 9: `rowCount` has no percentage"},
      {"{metric: rowCount, mustBe: 1, unit: parts}", "line 9: `unit` is `parts`; rows or percent is needed"},
      {"{metric: nullValues, mustBe: 0}", "line 9: `nullValues` is a metric of a property, not of an object"},
      {"{metric: rowCount, arguments: {validValues: [1]}, mustBe: 1}",
       "line 9: `validValues` is not an argument of `rowCount`"},
      {"{metric: duplicateValues, mustBe: 0}",
       "line 9: `duplicateValues` of an object needs the argument `properties`"},
      {"{type: libary, metric: rowCount, mustBe: 1}",
       "line 9: `libary` is not a type of rule; text, library, sql and custom are"},
      {"{description: x, mustBe: 1}", "line 9: `mustBe` without a `metric` measures nothing"},
      {"{metric: rowCount, rule: rowCount, mustBe: 1}", "line 9: `metric` and `rule` exclude each other"},
      {"{type: library, mustBe: 1}", "line 9: a rule of type `library` needs a `metric`"},
      {"just text", "line 9: a rule needs a mapping, found the text `just text`"},
  };
  std::string rules;
  for (const auto& [rule, message] : wrong) rules += rule + ",";
  world.contract(object_rules(rules));
  const auto answer = world.check({{"unsupported", "warn"}});
  CHECK(answer.finding.verdict == core::Verdict::inconclusive);
  const auto report = report_of(answer);
  for (const auto& [rule, message] : wrong) {
    INFO(rule);
    const auto found = std::any_of(report["checks"].begin(), report["checks"].end(), [&](const auto& check) {
      return check["state"] == "error" && check["message"].template get<std::string>() == message;
    });
    CHECK(found);
  }
  if (report["summary"]["error"] != wrong.size()) WARN(report.dump(1));
  CHECK(report["summary"]["error"] == wrong.size());
}
