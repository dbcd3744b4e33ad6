// Every demand of a property, with values that meet it and values that do not, as columns of one file.
#include "tests/catch.hpp"
#include "tests/plugins/gates/data_contract/data_world.hpp"

using namespace penstock;
using namespace penstock::gates::data_contract::test;

namespace {

struct Demand {
  const char* property;  // YAML, without the name
  const char* check;     // the one that bad values violate
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

const std::vector<Demand>& demands() {
  static const std::vector<Demand> all{
      {"logicalType: integer",
       "logicalType",
       {"0", "-7", "+7", "9007199254740993", "170141183460469231731687303715884105727"},
       {"1.0", "x", "1e3", " 1", "0x10", "999999999999999999999999999999999999999999"}},
      {"logicalType: number",
       "logicalType",
       {"0", "-7.5", ".5", "5.", "1e-3", "1E+3"},
       {"nan", "inf", "1e999", "1,5", "x", "1 000"}},
      {"logicalType: boolean", "logicalType", {"true", "False", "TRUE"}, {"1", "yes", "t"}},
      {"logicalType: date",
       "logicalType",
       {"2024-02-29", "0001-01-01"},
       {"2023-02-29", "29.02.2024", "2024-2-9", "2024-01-01T00:00:00"}},
      {"logicalType: timestamp",
       "logicalType",
       {"2024-01-02T03:04:05", "2024-01-02 03:04:05.123456", "2024-01-02T03:04:05Z", "2024-01-02T03:04+01:00",
        "2024-01-02T03:04:05-0130"},
       {"2024-01-02", "2024-13-02T00:00:00", "2024-01-02T25:00:00", "yesterday"}},
      {"logicalType: time", "logicalType", {"03:04", "23:59:59.5"}, {"24:00", "3:04", "12:61"}},
      {"logicalType: date, logicalTypeOptions: {format: dd/MM/yyyy}",
       "logicalType",
       {"31/12/2024", "01/01/1999"},
       {"2024-12-31", "31/13/2024", "1/1/2024"}},
      {"logicalType: timestamp, logicalTypeOptions: {format: \"yyyy-MM-dd'T'HH:mm:ss.SSS\"}",
       "logicalType",
       {"2024-12-31T01:02:03.456"},
       {"2024-12-31T01:02:03"}},
      {"logicalType: integer, logicalTypeOptions: {minimum: 0}", "minimum", {"0", "1"}, {"-1"}},
      {"logicalType: integer, logicalTypeOptions: {maximum: 120}", "maximum", {"120"}, {"121", "1000"}},
      {"logicalType: integer, logicalTypeOptions: {minimum: 0.5}", "minimum", {"1"}, {"0"}},
      {"logicalType: integer, logicalTypeOptions: {exclusiveMinimum: 0}", "exclusiveMinimum", {"1"}, {"0"}},
      {"logicalType: number, logicalTypeOptions: {exclusiveMaximum: 1}", "exclusiveMaximum", {"0.999"}, {"1", "1.0"}},
      {"logicalType: number, logicalTypeOptions: {maximum: 0.1}", "maximum", {"0.1", "-5"}, {"0.10000001"}},
      {"logicalType: integer, logicalTypeOptions: {maximum: 9007199254740993}",
       "maximum",
       {"9007199254740993"},
       {"9007199254740994"}},
      {"logicalType: date, logicalTypeOptions: {minimum: 2024-01-01}", "minimum", {"2024-01-01"}, {"2023-12-31"}},
      {"logicalType: timestamp, logicalTypeOptions: {maximum: '2024-01-01T00:00:00Z'}",
       "maximum",
       {"2024-01-01T01:00:00+01:00"},
       {"2024-01-01T00:00:01Z"}},
      {"logicalType: time, logicalTypeOptions: {exclusiveMinimum: '08:00'}",
       "exclusiveMinimum",
       {"08:00:01"},
       {"08:00"}},
      {"logicalType: timestamp, logicalTypeOptions: {timezone: true}",
       "timezone",
       {"2024-01-01T00:00:00Z"},
       {"2024-01-01T00:00:00"}},
      {"logicalType: integer, logicalTypeOptions: {multipleOf: 5}", "multipleOf", {"0", "-15"}, {"7"}},
      {"logicalType: number, logicalTypeOptions: {multipleOf: 0.01}", "multipleOf", {"19.99", "0.07"}, {"19.999"}},
      {"logicalType: integer, logicalTypeOptions: {format: i8}", "format", {"-128", "127"}, {"128", "-129"}},
      {"logicalType: integer, logicalTypeOptions: {format: u64}",
       "format",
       {"0", "18446744073709551615"},
       {"-1", "18446744073709551616"}},
      {"logicalType: number, logicalTypeOptions: {format: f32}", "format", {"3.4e38"}, {"3.5e38"}},
      {"logicalType: string, logicalTypeOptions: {minLength: 2}", "minLength", {"ab", "äö"}, {"ä"}},
      {"logicalType: string, logicalTypeOptions: {maxLength: 2}", "maxLength", {"äö", "🍷🍷"}, {"abc"}},
      {"logicalType: string, logicalTypeOptions: {pattern: 'b[0-9]'}", "pattern", {"ab1c", "b2"}, {"B1", "ab"}},
      {"logicalType: string, logicalTypeOptions: {pattern: '^\\d+$'}", "pattern", {"12"}, {"12x", "\"12\n\""}},
      {"logicalType: string, logicalTypeOptions: {pattern: '^[[:a]\\u00e4\\s.$'}",
       "pattern",
       {"[ä x", ":ä x"},
       {"bä x"}},
      {"logicalType: string, logicalTypeOptions: {format: email}",
       "format",
       {"a.b@example.org"},
       {"a@b@c", "example.org", "a@-x.org"}},
      {"logicalType: string, logicalTypeOptions: {format: uuid}",
       "format",
       {"123e4567-e89b-12d3-a456-426614174000"},
       {"123e4567e89b12d3a456426614174000"}},
      {"logicalType: string, logicalTypeOptions: {format: uri}",
       "format",
       {"https://example.org/a?b#c", "urn:x:y"},
       {"example.org", "http://a b"}},
      {"logicalType: string, logicalTypeOptions: {format: hostname}",
       "format",
       {"a-b.example"},
       {"-a.example", "a..b"}},
      {"logicalType: string, logicalTypeOptions: {format: ipv4}",
       "format",
       {"192.168.0.1"},
       {"256.1.1.1", "1.2.3", "01.2.3.4"}},
      {"logicalType: string, logicalTypeOptions: {format: ipv6}",
       "format",
       {"::", "::1", "2001:db8::8:800:200c:417a", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:7::"},
       {"1:2:3", "1::2::3", "1:2:3:4:5:6:7:8:9", "12345::"}},
      {"logicalType: string, logicalTypeOptions: {format: byte}", "format", {"YWI=", "YWJj"}, {"YWI", "a-b="}},
      {"logicalType: string, enum: [red, {value: white, label: White}]", "enum", {"red", "white"}, {"Red", "rosé"}},
      {"logicalType: integer, enum: [1, 2]", "enum", {"1", "02"}, {"3"}},
      {"logicalType: string, unique: true", "unique", {"a", "b", "A"}, {"a"}},
      {"logicalType: number, unique: true", "unique", {"1", "2"}, {"1.0"}},
  };
  return all;
}

std::string name_of(std::size_t index) { return "p" + std::to_string(index); }

std::string contract() {
  std::string properties;
  for (std::size_t i = 0; i < demands().size(); ++i)
    properties += "      - {name: " + name_of(i) + ", " + demands()[i].property + "}\n";
  return contract_with(properties);
}

// One row for each value of the longest column; shorter columns end in "no value".
std::string data(bool with_bad) {
  std::string text;
  std::vector<std::vector<std::string>> columns;
  std::size_t rows = 0;
  for (std::size_t i = 0; i < demands().size(); ++i) {
    text += (i == 0 ? "" : ";") + name_of(i);
    columns.push_back(demands()[i].good);
    if (with_bad) columns.back().insert(columns.back().end(), demands()[i].bad.begin(), demands()[i].bad.end());
    rows = std::max(rows, columns.back().size());
  }
  for (std::size_t row = 0; row < rows; ++row) {
    text += "\n";
    for (std::size_t i = 0; i < columns.size(); ++i)
      text += (i == 0 ? "" : ";") + (row < columns[i].size() ? columns[i][row] : "");
  }
  return text + "\n";
}

}  // namespace

TEST_CASE("values that meet every demand pass, and the report lists what was looked at") {
  DataWorld world;
  world.contract(contract());
  world.data(data(false));
  const auto answer = world.check({{"csv", {{"delimiter", ";"}}}});
  INFO(answer.evidence.front().content.substr(0, 3000));
  CHECK(answer.finding.verdict == core::Verdict::passed);
  CHECK(answer.finding.details.empty());
  for (std::size_t i = 0; i < demands().size(); ++i) {
    INFO(demands()[i].property);
    CHECK(state_of(answer, "wine/" + name_of(i) + "/" + demands()[i].check) == "passed");
    CHECK(state_of(answer, "wine/" + name_of(i) + "/present") == "passed");
  }
}

TEST_CASE("values that violate a demand are counted for that demand and no other, all in one reading") {
  DataWorld world;
  world.contract(contract());
  world.data(data(true));
  const auto answer = world.check({{"csv", {{"delimiter", ";"}}}, {"samples", 100}});
  CHECK(answer.finding.verdict == core::Verdict::failed);
  CHECK(ids_in(answer, "failed").size() == demands().size());
  CHECK(ids_in(answer, "error").empty());
  for (std::size_t i = 0; i < demands().size(); ++i) {
    const auto& demand = demands()[i];
    INFO(demand.property);
    const auto check = check_of(answer, "wine/" + name_of(i) + "/" + demand.check);
    REQUIRE(!check.is_null());
    INFO(check.dump(1));
    CHECK(check["state"] == "failed");
    CHECK(check["count"] == demand.bad.size());
    REQUIRE(check["samples"].size() == demand.bad.size());
    if (std::string(demand.check) == "unique") {
      CHECK(check["samples"][0]["row"] == 1);
      CHECK(check["samples"][0]["occurrences"] == 2);
    } else {
      CHECK(check["samples"][0]["row"] == demand.good.size() + 1);
    }
  }
}

TEST_CASE("required and primary key columns need a value in every row") {
  DataWorld world;
  world.contract(
      contract_with("      - {name: year, logicalType: integer, primaryKey: true, primaryKeyPosition: 2}\n"
                    "      - {name: name, logicalType: string, primaryKey: true, primaryKeyPosition: 1}\n"
                    "      - {name: grade, logicalType: string, required: true}\n"));
  world.data("name,year,grade\na,1,x\na,2,x\nb,1,x\n");
  CHECK(world.check().finding.verdict == core::Verdict::passed);

  world.data("name,year,grade\na,1,x\na,2,\n,1,x\na,1,x\n");
  const auto answer = world.check();
  CHECK(answer.finding.verdict == core::Verdict::failed);
  CHECK(ids_in(answer, "failed").size() == 3);
  CHECK(check_of(answer, "wine/grade/required")["samples"][0]["row"] == 2);
  CHECK(check_of(answer, "wine/name/primaryKey")["count"] == 1);
  const auto key = check_of(answer, "wine/primaryKey");
  CHECK(key["needed"] == "no primary key (name, year) twice");
  CHECK(key["count"] == 1);
  CHECK(key["samples"][0]["values"]["name"] == "a");
}

TEST_CASE("the finding says how many rows, what was needed, and which data against which contract") {
  DataWorld world;
  world.contract(
      contract_with("      - {name: age, logicalType: integer, logicalTypeOptions: {minimum: 0, maximum: 120}}\n"));
  std::string text = "age\n";
  for (int i = 0; i < 3000; ++i) text += i < 12 ? "121\n" : "30\n";
  world.data(text);
  const auto answer = world.check();
  CHECK(answer.finding.observed == "12 of 3 000 rows violate");
  CHECK(answer.finding.needed == "age at most 120");
  const auto digest = runtime::sha256_file(world.root() / "definitions/wine.yaml");
  CHECK(answer.finding.source == "wine.csv against contract wine v1.0.0 (" + digest->text() + ")");
  CHECK_FALSE(answer.finding.next.empty());
  REQUIRE(answer.finding.details.size() == 1);
  CHECK(answer.finding.details[0].rule == "wine/age/maximum");
  CHECK(answer.finding.details[0].where == "wine.csv rows 1, 2, 3, 4, 5");
  CHECK(report_of(answer)["data"]["sha256"] == runtime::sha256_file(world.root() / "data/wine.csv")->hex());
}

TEST_CASE("values of a column that is not open to everybody are never shown") {
  DataWorld world;
  world.contract(contract_with(
      "      - {name: mail, logicalType: string, classification: Confidential, logicalTypeOptions: {format: email}}\n"
      "      - {name: ssn, logicalType: integer, encryptedName: ssn_x}\n"
      "      - {name: open, logicalType: integer, classification: PUBLIC}\n"
      "      - {name: id, logicalType: string, classification: [odd], unique: true}\n"));
  world.data("mail,ssn,open,id\nsecret-mail,secret-ssn,shown-1,secret-id\n,,,secret-id\n");
  const auto answer = world.check();
  CHECK(ids_in(answer, "failed").size() == 4);
  CHECK(answer.evidence.front().content.find("secret") == std::string::npos);
  CHECK(answer.evidence.front().content.find("shown-1") != std::string::npos);
  for (const auto& detail : answer.finding.details) CHECK(detail.observed.find("secret") == std::string::npos);
}
