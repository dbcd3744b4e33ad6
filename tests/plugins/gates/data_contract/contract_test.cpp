// What a contract can say that is wrong, old, beyond us, or meant to do harm.
#include "tests/catch.hpp"
#include "tests/plugins/gates/data_contract/data_world.hpp"

using namespace penstock;
using namespace penstock::gates::data_contract::test;

namespace {

std::string one_property(const std::string& property, const std::string& version = "v3.1.0",
                         const std::string& top = "") {
  return contract_with("      - {name: x, " + property + "}\n", "", version, top);
}

}  // namespace

TEST_CASE("a contract that cannot be understood at all is inconclusive, with the reason") {
  DataWorld world;
  world.data("x\n1\n");
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "[";
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) bomb += std::string("*") + static_cast<char>(c - 1) + ",";
    bomb += "]\n";
  }
  std::string long_text = "a: &a " + std::string(100'000, 'x') + "\nb: [";
  for (int i = 0; i < 1000; ++i) long_text += "*a,";
  long_text += "]\n";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "the document is empty"},
      {"- a\n", "a contract is a mapping, found a list"},
      {"kind: DataContract\nkind: x\n", "the key `kind` is there twice"},
      {"# nothing but a remark\n", "the document is empty"},
      {"kind: [\n", "line 2"},
      {"kind: DataContract\napiVersion: \"v3.1.0\nschema: []\n", "a quotation is not closed"},
      {"a: &a [*a]\n", "alias"},
      {deep, "nested"},
      {bomb, "values"},
      {long_text, "texts behind aliases are too long"},
      {"a: !!python/object x\n", "the tag"},
      {"a: {<<: {b: 1}}\n", "merge keys"},
      {std::string("a: \xFF\n"), "not UTF-8"},
      {"kind: DataContract\n---\nkind: DataContract\n", "more than one YAML document"},
      {"kind: Policy\n", "`kind` is `Policy`; DataContract is needed"},
      {"kind: DataContract\napiVersion: v2.2.2\n", "`apiVersion` is `v2.2.2`"},
      {"kind: DataContract\napiVersion: v3.1.0\n", "`schema` lists no object"},
      {"kind: DataContract\napiVersion: v3.1.0\nschema: [{name: wine}]\n", "demands nothing"},
      {"kind: DataContract\napiVersion: v3.1.0\nschema: [{name: a}, {name: b}]\n", "several objects (`a`, `b`)"},
      {"a: " + std::string(1 << 20, 'x') + "\n", "at most 1048576 are read"},
  };
  for (const auto& [text, message] : cases) {
    world.contract(text);
    const auto answer = world.check();
    INFO(text.substr(0, 80) << "\n" << answer.finding.observed);
    CHECK(answer.finding.verdict == core::Verdict::inconclusive);
    CHECK(answer.finding.observed.find(message) != std::string::npos);
    CHECK(report_of(answer)["understood"] == false);
  }
}

TEST_CASE("a quotation that is not closed does not swallow the checks after it") {
  DataWorld world;
  world.data("x\n1\n");
  // Closed, the text is what it is; open, all that follows would be a part of it.
  const auto with_remark = [](const std::string& remark) {
    return contract_with("      - {name: x, logicalType: integer}\n", "", "v3.1.0") +
           "description: {purpose: " + remark + "}\nslaProperties: []\n";
  };
  world.contract(with_remark("\"to test\""));
  CHECK(world.check().finding.observed.find("quotation") == std::string::npos);
  for (const auto* open : {"\"to test", "'to test", "'it''s"}) {
    world.contract(with_remark(open));
    const auto answer = world.check();
    CHECK(answer.finding.verdict == core::Verdict::inconclusive);
    CHECK(answer.finding.observed.find("a quotation is not closed") != std::string::npos);
  }
}

TEST_CASE("a key that would have made a check is an error wherever it does not belong") {
  DataWorld world;
  world.data("x,y\n,1\n");  // no value that could violate
  const std::vector<std::string> wrong{
      "logicalType: integer, logicalTypeOptions: {minimun: 0}",
      "logicalType: integer, logicalTypeOptions: {minLength: 1}",
      "logicalType: string, logicalTypeOptions: {enum: [a]}",
      "logicalType: integer, minimum: 0",
      "logicalType: integer, requried: true",
      "logicalType: integer, isNullable: false",
      "logicalType: integer, required: yes",
      "logicalType: intager",
      "logicalTypeOptions: {minimum: 0}",
      "logicalType: integer, logicalTypeOptions: [1]",
      "logicalType: integer, logicalTypeOptions: {minimum: abc}",
      "logicalType: integer, logicalTypeOptions: {minimum: true}",
      "logicalType: integer, logicalTypeOptions: {exclusiveMinimum: true}",
      "logicalType: integer, logicalTypeOptions: {multipleOf: 0}",
      "logicalType: string, logicalTypeOptions: {minLength: -1}",
      "logicalType: string, logicalTypeOptions: {pattern: 5}",
      "logicalType: date, logicalTypeOptions: {minimum: soon}",
      "logicalType: integer, enum: [a]",
      "logicalType: integer, enum: x",
      "logicalType: integer, quality: {metric: nullValues}",
      "logicalType: integer, logicalTypeOptions: {maximum: .inf}",
  };
  for (const auto& property : wrong) {
    world.contract(one_property(property));
    const auto answer = world.check({{"unsupported", "warn"}});
    INFO(property << "\n" << answer.evidence.front().content);
    CHECK(answer.finding.verdict == core::Verdict::inconclusive);
    CHECK_FALSE(ids_in(answer, "error").empty());
  }
}

TEST_CASE("what the contract demands and Penstock cannot check is told, and passes only when the gate lets it") {
  DataWorld world;
  world.data("x,y\n,1\n");  // no value that could violate
  const std::vector<std::string> beyond{
      one_property("logicalType: string, logicalTypeOptions: {pattern: '(?=a)b'}"),
      one_property("logicalType: string, logicalTypeOptions: {pattern: '(a)\\1'}"),
      one_property("logicalType: string, logicalTypeOptions: {pattern: 'a{1,2000}'}"),
      one_property("logicalType: string, logicalTypeOptions: {format: iban}"),
      one_property("logicalType: date, logicalTypeOptions: {format: QQQ-yyyy}"),
      one_property("logicalType: timestamp, logicalTypeOptions: {defaultTimezone: Europe/Berlin}"),
      one_property("logicalType: array, items: {logicalType: string}"),
      one_property("logicalType: object, properties: [{name: y, required: true}]"),
      one_property("logicalType: vector, dimensions: 3"),
      one_property("logicalType: string, relationships: [{to: other.id}]"),
      one_property("logicalType: string, quality: [{type: sql, query: 'select 1', mustBe: 1}]"),
      one_property("logicalType: string, quality: [{type: custom, engine: soda, implementation: x}]"),
      one_property("logicalType: string", "v3.1.0", "slaProperties: [{property: latency, value: 4, unit: d}]\n"),
      contract_with("      - {name: x, logicalType: string}\n", "    relationships: [{from: wine.x, to: other.id}]\n"),
  };
  for (const auto& text : beyond) {
    world.contract(text);
    const auto answer = world.check();
    INFO(text << "\n" << answer.evidence.front().content);
    CHECK(answer.finding.verdict == core::Verdict::inconclusive);
    CHECK_FALSE(ids_in(answer, "unsupported").empty());
    CHECK_FALSE(answer.finding.details.empty());
    const auto lenient = world.check({{"unsupported", "warn"}});
    CHECK(lenient.finding.verdict == core::Verdict::passed);
    CHECK_FALSE(lenient.finding.details.empty());
  }
}

TEST_CASE("a violation outweighs what is not understood") {
  DataWorld world;
  world.data("x\nbad\n");
  world.contract(one_property(
      "logicalType: integer, quality: [{type: sql, query: q, mustBe: 1}, {metric: nulValues, mustBe: 0}]"));
  CHECK(world.check().finding.verdict == core::Verdict::failed);
}

TEST_CASE("what demands nothing of the data is listed and passes") {
  DataWorld world;
  world.data("x\n1\n");
  world.contract(
      one_property("logicalType: integer, physicalType: bigint, tags: [a], description: d, quality: [{type: text, "
                   "description: be nice}]",
                   "v3.1.0", "slaProperties: [{property: availability, value: 99}]\nteam: {name: a}\nservers: []\n"));
  const auto answer = world.check();
  CHECK(answer.finding.verdict == core::Verdict::passed);
  CHECK(ids_in(answer, "listed").size() == 3);
  world.contract(one_property("logicalType: integer, colour: red"));
  CHECK(world.check().finding.verdict == core::Verdict::passed);
  CHECK(world.check({{"strict", true}}).finding.verdict == core::Verdict::inconclusive);
}

TEST_CASE("exclusive bounds are flags in ODCS 3.0 and values in 3.1") {
  DataWorld world;
  world.data("x\n0\n1\n");
  world.contract(
      one_property("logicalType: integer, logicalTypeOptions: {minimum: 0, exclusiveMinimum: true}", "v3.0.2"));
  CHECK(check_of(world.check(), "wine/x/minimum")["count"] == 1);
  CHECK(check_of(world.check(), "wine/x/minimum")["needed"] == "x more than 0");
  world.contract(
      one_property("logicalType: integer, logicalTypeOptions: {minimum: 0, exclusiveMinimum: false}", "v3.0.2"));
  CHECK(world.check({{"strict", true}}).finding.verdict == core::Verdict::passed);
  world.contract(one_property("logicalType: integer, logicalTypeOptions: {minimum: 0, exclusiveMinimum: true}"));
  CHECK(world.check().finding.verdict == core::Verdict::failed);
  CHECK(state_of(world.check({{"strict", true}}), "wine/x/exclusiveMinimum") == "error");
}

TEST_CASE("a date of ODCS 3.0 takes timestamps, one of 3.1 does not") {
  DataWorld world;
  world.data("x\n2024-01-01\n2024-01-01T10:00:00Z\n");
  world.contract(one_property("logicalType: date", "v3.0.1"));
  CHECK(world.check().finding.verdict == core::Verdict::passed);
  world.contract(one_property("logicalType: date", "v3.1.0"));
  CHECK(check_of(world.check(), "wine/x/logicalType")["count"] == 1);
}

TEST_CASE("texts of a contract stay texts in the engine") {
  DataWorld world;
  world.data("x\n1\n");
  world.contract(
      contract_with("      - {name: \"x\\\"; DROP TABLE cells; --\", logicalType: string}\n"
                    "      - {name: x, logicalType: string, enum: [\"1', '2\", \"') OR true --\"], logicalTypeOptions: "
                    "{pattern: \"') OR ('\"}}\n"));
  const auto answer = world.check();
  CHECK(answer.finding.verdict == core::Verdict::failed);
  CHECK(check_of(answer, "wine/x/enum")["count"] == 1);
  CHECK(state_of(answer, "wine/x/pattern") == "unsupported");  // its parentheses do not match
}
