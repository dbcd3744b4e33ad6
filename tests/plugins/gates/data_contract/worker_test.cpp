// Parts of the worker that are easier to corner by themselves.
#include <random>

#include "plugins/gates/data_contract/worker/csv_reader.hpp"
#include "plugins/gates/data_contract/worker/database.hpp"
#include "plugins/gates/data_contract/worker/ecma_pattern.hpp"
#include "tests/catch.hpp"
#include "tests/plugins/gates/data_contract/data_world.hpp"

using namespace penstock;
using namespace penstock::gates::data_contract::test;
using namespace penstock::gates::data_contract::worker;

namespace {

// All that the reader says of a text that arrives in pieces of one size.
std::string told(const std::string& text, std::size_t piece) {
  std::size_t at = 0;
  std::string buffer;
  CsvReader reader(
      [&]() -> std::string_view {
        buffer = text.substr(std::min(at, text.size()), piece);
        at += piece;
        return buffer;
      },
      ',');
  std::string all;
  Record record;
  while (reader.next(record)) {
    all += std::to_string(record.line) + "{" + record.fault + "}";
    for (const auto& field : record.fields) all += (field.quoted ? "Q<" : "<") + std::string(field.text) + ">";
    all += "\n";
  }
  return all;
}

}  // namespace

TEST_CASE("what a CSV text says does not depend on the pieces it arrives in") {
  std::mt19937 random(20261121);
  const std::string alphabet = "ab,,\"\"\n\n\r\xC3\xA4";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    const auto length = random() % 24;
    for (std::size_t i = 0; i < length; ++i) text += alphabet[random() % alphabet.size()];
    INFO(nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
    const auto whole = told(text, 1000);
    for (const std::size_t piece : {3U, 4U, 7U}) CHECK(told(text, piece) == whole);
  }
}

TEST_CASE("records and fields are those of RFC 4180") {
  CHECK(told("a,b\r\nc,\"d,\"\"e\"\"\nf\"\r\n", 1000) == "1{}<a><b>\n2{}<c>Q<d,\"e\"\nf>\n");
  CHECK(told("a\n\n\nb\n\n\n", 1000) == "1{}<a>\n2{}<>\n3{}<>\n4{}<b>\n");
  CHECK(told("a,", 1000) == "1{}<a><>\n");
  CHECK(told("\xEF\xBB\xBF\"a\"", 1000) == "1{}Q<a>\n");
  CHECK(told("", 1000).empty());
  CHECK(told("\n\n", 1000).empty());
}

TEST_CASE("text is clean when it is shortest-form UTF-8 without NUL") {
  for (const auto* good : {"", "plain text", "ä€🍷", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) CHECK(is_clean_text(good));
  for (const auto* bad : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                          "\xF8\x88\x80\x80\x80", "12345678\xFF"})
    CHECK_FALSE(is_clean_text(bad));
  CHECK_FALSE(is_clean_text(std::string_view("a\0b", 3)));
  CHECK_FALSE(is_clean_text(std::string_view("12345678\0", 9)));
}

TEST_CASE("ECMA-262 patterns keep their meaning in RE2, or are refused") {
  const auto translated = [](const std::string& pattern) {
    const auto result = translate_pattern(pattern);
    return result ? *result : "refused: " + result.error().message;
  };
  CHECK(translated("^a+$") == "^a+\\z");
  CHECK(translated("(?<year>\\d{4})-[\\w\\-.]") == "(?P<year>\\d{4})-[\\w\\-.]");
  CHECK(translated("[^]") == "(?s:.)");
  CHECK(translated("[[:alpha:]]") == "[\\[:alpha:]]");
  CHECK(translated("\\u00e4\\u{1F377}\\uD83C\\uDF77\\x41\\0") == "\\x{E4}\\x{1F377}\\x{1F377}\\x{41}\\x{0}");
  CHECK(translated("\\p{Lu}") == "\\p{Lu}");
  for (const auto* beyond : {"(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(a)\\1", "\\k<a>", "(?i)a", "\\cA", "\\z", "\\Q",
                             "[\\S]", "[]", "[a", "\\", "\\uD83C", "\\p{Script=Greek}", "\\u12"}) {
    INFO(beyond);
    CHECK(translated(beyond).rfind("refused", 0) == 0);
  }
}

TEST_CASE("the engine touches one file and nothing else once it is locked") {
  DataWorld world;
  world.write("other.csv", "a\n1\n");
  const auto open = (world.root() / "open.parquet").string();
  const auto other = (world.root() / "other.csv").string();
  auto database = Database::open({128, 1, (world.root() / "scratch").string()});
  REQUIRE(database);
  REQUIRE(database->execute("COPY (SELECT 1 AS a) TO " + sql_text(open) + " (FORMAT parquet)"));
  REQUIRE(database->lock(open));
  CHECK(database->execute("SELECT * FROM read_parquet(" + sql_text(open) + ")"));
  for (const auto& statement : std::vector<std::string>{
           "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_csv(" + sql_text(other) + ")",
           "COPY (SELECT 1) TO " + sql_text(other + ".new"), "ATTACH " + sql_text(other + ".db"), "INSTALL httpfs",
           "LOAD httpfs", "SELECT * FROM read_parquet('https://example.invalid/a.parquet')", "SET threads = 8",
           "SET enable_external_access = true"}) {
    INFO(statement);
    CHECK_FALSE(database->execute(statement));
  }
  CHECK_FALSE(fs::exists(other + ".new"));
}

TEST_CASE("a contract or file with bytes changed anywhere gets an answer, never a crash") {
  DataWorld world;
  std::mt19937 random(7);
  const auto contract = contract_with(
      "      - {name: x, logicalType: integer, logicalTypeOptions: {minimum: 0}}\n"
      "      - {name: y, logicalType: string, quality: [{metric: nullValues, mustBe: 0}]}\n");
  const std::string data = "x,y\n1,\"a\"\n2,b\n";
  const std::string bytes = "\"'[]{}&*:,-!|>%\n\r\t\xFF";
  const auto changed = [&](std::string text) {
    for (int i = 0; i < 3; ++i) text[random() % text.size()] = bytes[random() % bytes.size()];
    return text;
  };
  for (int round = 0; round < 12; ++round) {
    const auto one = changed(contract);
    const auto two = changed(data);
    world.contract(one);
    world.data(two);
    const auto answer = world.try_check();
    INFO(one << "\n" << two);
    CHECK(answer);
  }
}
