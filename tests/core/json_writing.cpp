#include "daemon/core/json_writing.hpp"

#include <limits>

#include "tests/catch.hpp"
#include "tests/chance.hpp"

#include <nlohmann/json.hpp>

namespace penstock::core {
namespace {

using nlohmann::json;

std::string by_the_library(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string some_text(tests::Chance& chance) {
  std::string text;
  for (auto size = chance.below(12); size > 0; --size)
    text += chance.percent(80) ? chance.one_of(std::string("ab \"\\{}/")) : static_cast<char>(chance.below(256));
  return text;
}

json some_document(tests::Chance& chance, int depth) {
  switch (chance.below(depth == 0 ? 6 : 8)) {
    case 0:
      return nullptr;
    case 1:
      return chance.percent(50);
    case 2:
      return static_cast<std::int64_t>(chance.bits());
    case 3:
      return chance.bits();
    case 4:
      return static_cast<double>(chance.bits()) / 7;
    case 5:
      return some_text(chance);
    case 6: {
      auto list = json::array();
      for (auto size = chance.below(4); size > 0; --size) list.push_back(some_document(chance, depth - 1));
      return list;
    }
    default: {
      auto object = json::object();
      for (auto size = chance.below(4); size > 0; --size) object[some_text(chance)] = some_document(chance, depth - 1);
      return object;
    }
  }
}

}  // namespace

TEST_CASE("a JSON string is what the library writes") {
  for (const std::string text : {"", "plain", "\"", "\\", "a\"b\\c", "\\\"", "\n", "tab\there", "\x7f", "ü", "\xff",
                                 R"({"verdict":"passed","why":"a \"quoted\" word"})"})
    CHECK(json_string(text) == by_the_library(text));
  CHECK(json_string({"a\0b", 3}) == R"("a\u0000b")");
  tests::Chance chance(7);
  for (int i = 0; i < 2000; ++i) {
    const auto text = some_text(chance);
    REQUIRE(json_string(text) == by_the_library(text));
  }
}

TEST_CASE("a JSON document is what the library writes") {
  CHECK(json_text(json::object()) == "{}");
  CHECK(json_text(json::array()) == "[]");
  CHECK(json_text({{"b", {1, -2, 2.5, true, nullptr, "\xff"}}, {"a", json::object()}}) ==
        "{\"a\":{},\"b\":[1,-2,2.5,true,null,\"\xEF\xBF\xBD\"]}");
  for (const auto number : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), -0.0})
    CHECK(json_text(number) == by_the_library(number));
  tests::Chance chance(8);
  for (int i = 0; i < 3000; ++i) {
    const auto document = some_document(chance, 4);
    REQUIRE(json_text(document) == by_the_library(document));
  }
}

TEST_CASE("an object that is put together is what the library writes of the document") {
  std::string text = "before ";
  JsonObject(text).end();
  CHECK(text == "before {}");
  tests::Chance chance(9);
  for (int i = 0; i < 1000; ++i) {
    const auto name = some_text(chance);
    const auto number = static_cast<std::int64_t>(chance.bits());
    const auto document = some_document(chance, 2);
    text.clear();
    JsonObject object(text);
    object.with("a", name).with("b", number).with_document("c", document);
    object.value_of("d") += "[true]";
    object.end();
    REQUIRE(text == by_the_library({{"a", name}, {"b", number}, {"c", document}, {"d", {true}}}));
  }
}

}  // namespace penstock::core
