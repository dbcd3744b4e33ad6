// wine.parquet: id 1, 2, 2; alcohol 12.5, NaN, null; colour red, white, Rosé; tasted (DATE); at (TIMESTAMPTZ); organic;
// age as text 30, x, null; price as DECIMAL(10,2) 9.99, 10.00, 10.01; tags (list); more (struct); extra 1, 2, 3.
#include "tests/catch.hpp"
#include "tests/plugins/gates/data_contract/data_world.hpp"

using namespace penstock;
using namespace penstock::gates::data_contract::test;

namespace {

std::string fixture() {
  std::ifstream stream(std::string(PENSTOCK_SOURCE_DIR) + "/tests/plugins/gates/data_contract/wine.parquet",
                       std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("Parquet columns are held against the contract by their own types") {
  DataWorld world;
  world.request.candidate.data_sets["training"] = "wine [v1]*.parquet";  // no pattern, a name
  world.write("data/wine [v1]*.parquet", fixture());
  world.contract(
      contract_with("      - {name: id, logicalType: integer, required: true, unique: true}\n"
                    "      - {name: alcohol, logicalType: number, logicalTypeOptions: {minimum: 0}}\n"
                    "      - {name: colour, logicalType: string, enum: [red, white], logicalTypeOptions: {maxLength: "
                    "5, pattern: '^[A-z]+$'}}\n"
                    "      - {name: tasted, logicalType: date, logicalTypeOptions: {minimum: 2024-01-01}}\n"
                    "      - {name: at, logicalType: timestamp, required: true, logicalTypeOptions: {maximum: "
                    "2024-01-02T23:59:59, timezone: true}}\n"
                    "      - {name: organic, logicalType: boolean, enum: [true]}\n"
                    "      - {name: age, logicalType: integer, logicalTypeOptions: {minimum: 31}}\n"
                    "      - {name: price, logicalType: number, logicalTypeOptions: {maximum: 10}, unique: true}\n"
                    "      - {name: tags, logicalType: array}\n"
                    "      - {name: more, logicalType: object}\n",
                    "    quality: [{metric: rowCount, mustBe: 3}]\n"));
  const auto answer = world.check({{"additional_columns", "warn"}});
  CHECK(answer.finding.verdict == core::Verdict::failed);
  INFO(answer.evidence.front().content);
  CHECK(report_of(answer)["data"]["format"] == "parquet");
  const std::map<std::string, int> failed{
      {"wine/id/unique", 1},      {"wine/alcohol/logicalType", 1}, {"wine/colour/enum", 1}, {"wine/colour/pattern", 1},
      {"wine/tasted/minimum", 1}, {"wine/at/required", 1},         {"wine/at/maximum", 1},  {"wine/organic/enum", 1},
      {"wine/age/minimum", 1},    {"wine/price/maximum", 1}};
  for (const auto& [id, count] : failed) {
    INFO(id);
    REQUIRE(state_of(answer, id) == "failed");
    CHECK(check_of(answer, id)["count"] == count);
  }
  CHECK(check_of(answer, "wine/age/logicalType")["message"] == "the column's type is VARCHAR");
  CHECK(check_of(answer, "wine/alcohol/logicalType")["samples"][0]["row"] == 2);
  CHECK(ids_in(answer, "failed").size() == failed.size() + 1);
  CHECK(check_of(answer, "additional_columns")["message"] == "1 more: `extra`");
  for (const auto* id : {"wine/quality/1", "wine/tags/logicalType", "wine/more/logicalType", "wine/colour/maxLength",
                         "wine/price/unique"})
    CHECK(state_of(answer, id) == "passed");
}

TEST_CASE("Parquet that is damaged or none at all is the data's fault") {
  DataWorld world;
  world.contract(contract_with("      - {name: colour, logicalType: string, unique: true}\n"));
  world.data("PAR1 and then nothing of the kind PAR1");
  auto answer = world.check();
  CHECK(answer.finding.verdict == core::Verdict::failed);
  CHECK(state_of(answer, "structure") == "failed");
  CHECK(state_of(answer, "wine/properties") == "skipped");
  CHECK(answer.finding.observed.find("/proc/") == std::string::npos);

  world.data("x,y\n1,2\n");
  CHECK(world.check({{"format", "parquet"}}).finding.verdict == core::Verdict::failed);

  auto damaged = fixture();
  for (std::size_t i = 4; i < damaged.size() / 3; ++i) damaged[i] = static_cast<char>(damaged[i] ^ 0x5A);
  world.data(damaged);
  CHECK(world.check().finding.verdict == core::Verdict::failed);
}

TEST_CASE("Parquet read as CSV fails instead of passing by accident") {
  DataWorld world;
  world.contract(contract_with("      - {name: colour, logicalType: string}\n"));
  world.data(fixture());
  CHECK(world.check({{"format", "csv"}}).finding.verdict == core::Verdict::failed);
}
