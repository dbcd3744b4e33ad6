#include "tests/catch.hpp"
#include "tests/plugins/gates/data_contract/data_world.hpp"

using namespace penstock;
using namespace penstock::gates::data_contract::test;

namespace {

const std::string two_columns =
    contract_with("      - {name: x, logicalType: integer}\n      - {name: y, logicalType: string, unique: true}\n");

}  // namespace

TEST_CASE("quotes, doubled quotes, delimiters and line ends inside quotes are read as RFC 4180 has them") {
  DataWorld world;
  world.contract(
      contract_with("      - {name: x, logicalType: integer}\n      - {name: y, logicalType: string, enum: "
                    "[\"a,\\\"b\\\"\\r\\nc\", plain]}\n"));
  world.data("\xEF\xBB\xBF\"x\",y\r\n1,\"a,\"\"b\"\"\r\nc\"\r\n\"2\",plain");
  const auto answer = world.check();
  INFO(answer.evidence.front().content);
  CHECK(answer.finding.verdict == core::Verdict::passed);
  CHECK(report_of(answer)["data"]["rows"] == 2);
}

TEST_CASE("records of another shape are counted, and the others are still looked at") {
  DataWorld world;
  world.contract(two_columns);
  world.data("x,y\n1,a\n2\n3,b,extra\n\n4,b\"c\n5,\"d\"e\n6,\xFF\n7,f\rg\nbad,h\n8,h\n");
  const auto answer = world.check({{"samples", 10}});
  const auto check = check_of(answer, "structure");
  CHECK(check["state"] == "failed");
  CHECK(check["count"] == 7);
  CHECK(check["of"] == 10);
  CHECK(
      check["message"] ==
      "row 2 (line 3): 1 fields where 2 are needed; row 3 (line 4): 3 fields where 2 are needed; row 4 (line 5): 1 "
      "fields where 2 are needed; "
      "row 5 (line 6): a quote stands inside a field that is not quoted; row 6 (line 7): text follows a closing quote; "
      "row 7 (line 8): a field is not UTF-8 text, or holds a NUL byte; row 8 (line 9): a carriage return stands alone");
  CHECK(check_of(answer, "wine/x/logicalType")["samples"][0]["row"] == 9);
  CHECK(check_of(answer, "wine/y/unique")["count"] == 1);
  CHECK(report_of(answer)["data"]["rows_checked"] == 3);
}

TEST_CASE("a quote that is never closed is told with its line") {
  DataWorld world;
  world.contract(two_columns);
  world.data("x,y\n1,a\n2,\"b\n3,c\n");
  const auto check = check_of(world.check(), "structure");
  CHECK(check["message"] ==
        "row 2 (line 3): a quote that is opened on line 3 is not closed; nothing after it was read");
}

TEST_CASE("a field that never ends is given up, not read into memory") {
  DataWorld world;
  world.contract(two_columns);
  world.data("x,y\n1,\"" + std::string(17 << 20, 'a') + "\"\n");
  const auto answer = world.check();
  CHECK(answer.finding.verdict == core::Verdict::failed);
  CHECK(check_of(answer, "structure")["message"] ==
        "row 1 (line 2): a quote that is opened on line 2 is not closed within 16 MiB; nothing after it was read");
  CHECK(report_of(answer)["data"]["sha256"] == runtime::sha256_file(world.root() / "data/wine.csv")->hex());
}

TEST_CASE("a large file is read across the borders of its pieces") {
  DataWorld world;
  world.contract(
      contract_with("      - {name: x, logicalType: integer}\n      - {name: y, logicalType: string, "
                    "logicalTypeOptions: {minLength: 7, maxLength: 7}}\n",
                    "    quality: [{metric: rowCount, mustBe: 200000}]\n"));
  std::string text = "x,y\r\n";
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i) + (i % 2 == 0 ? ",\"a\"\"\r\nbcé\"\r\n" : ",abcdefg\r\n");
  world.data(text);
  const auto answer = world.check();
  CHECK(answer.finding.verdict == core::Verdict::passed);
  CHECK(report_of(answer)["data"]["rows_checked"] == 200'000);
}

TEST_CASE("an empty file, one with a header alone, and UTF-16 never pass unnoticed") {
  DataWorld world;
  world.contract(two_columns);
  world.data("");
  CHECK(world.check().finding.observed == "header: the file is empty; a header is needed");
  CHECK(world.check().finding.verdict == core::Verdict::failed);
  world.data("x,y\n");
  CHECK(world.check().finding.verdict == core::Verdict::failed);
  CHECK(check_of(world.check(), "rows")["state"] == "failed");
  CHECK(world.check({{"empty", "warn"}}).finding.verdict == core::Verdict::passed);
  world.data(std::string("\xFF\xFEx\0,\0y\0", 8));
  CHECK(world.check().finding.observed == "header: the file is UTF-16; UTF-8 is needed");
}

TEST_CASE("columns that lack or are too many are judged as the gate says") {
  DataWorld world;
  world.contract(
      contract_with("      - {name: x, logicalType: integer, required: true}\n      - {name: y, physicalName: why, "
                    "logicalType: string, unique: true}\n"));
  world.data("x,z\n1,a\n");
  const auto answer = world.check();
  CHECK(answer.finding.verdict == core::Verdict::failed);
  CHECK(answer.finding.observed == "the data has no column `why`");
  CHECK(state_of(answer, "wine/y/unique") == "skipped");
  CHECK(state_of(answer, "additional_columns") == "absent");

  CHECK(world.check({{"missing_optional_column", "warn"}}).finding.verdict == core::Verdict::passed);
  CHECK(state_of(world.check({{"missing_optional_column", "warn"}, {"additional_columns", "warn"}}),
                 "additional_columns") == "warned");
  CHECK(world.check({{"missing_optional_column", "warn"}, {"additional_columns", "fail"}}).finding.observed ==
        "1 more: `z`");

  world.data("why\na\n");  // a required column may never lack
  CHECK(world.check({{"missing_optional_column", "warn"}}).finding.verdict == core::Verdict::failed);
  world.data("x,why,x\n1,a,2\n");
  CHECK(world.check().finding.observed == "header: the column `x` is there twice");
}

TEST_CASE("a file without a header takes the contract's columns in order") {
  DataWorld world;
  world.contract(two_columns);
  world.data("1,a\nbad,b\n");
  const auto answer = world.check({{"csv", {{"header", false}}}});
  CHECK(check_of(answer, "wine/x/logicalType")["samples"][0]["row"] == 2);
  CHECK(check_of(answer, "wine/y/unique")["state"] == "passed");
}

TEST_CASE("what means no value can be said, also for quoted fields alone") {
  DataWorld world;
  world.contract(contract_with(
      "      - {name: x, logicalType: string, required: true}\n      - {name: y, logicalType: integer}\n"));
  world.data("x,y\nNA,1\n\"\",NULL\nok,\n");
  CHECK(check_of(world.check(), "wine/x/required")["count"] == 1);
  CHECK(check_of(world.check({{"csv", {{"quoted_nulls", false}}}}), "wine/x/required")["count"] == 0);
  const auto answer = world.check({{"csv", {{"null_strings", {"NA", "NULL"}}}}});
  CHECK(check_of(answer, "wine/x/required")["count"] == 1);
  CHECK(check_of(answer, "wine/y/logicalType")["count"] == 1);  // the empty field is no longer "no value"
}
