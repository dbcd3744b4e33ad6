#include "daemon/core/json_text.hpp"

#include "tests/catch.hpp"

namespace penstock::core {
namespace {

std::string refusal(std::string_view text, const JsonLimits& limits = {}) {
  const auto read = read_json(text, limits);
  return read ? "" : read.error().message;
}

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

}  // namespace

TEST_CASE("one JSON value is read as it stands") {
  CHECK(read_json(R"({"a": [1, null, "ü"]})").value()["a"][2] == "ü");
  CHECK(read_json("7").value() == 7);
}

TEST_CASE("text that is not one JSON value is refused with its place") {
  CHECK(refusal("") == "it is not JSON at byte 1");
  CHECK(refusal(R"({"a": 1} {"a": 2})") == "it is not JSON at byte 10");
  CHECK(refusal("{\"a\": ") == "it is not JSON at byte 7");
  CHECK(refusal("\"\xff\"") == "it is not JSON at byte 2");
  CHECK(refusal("NaN") == "it is not JSON at byte 1");
  // The library itself takes a null byte for the end.
  CHECK(refusal({"{}\0{}", 5}) == "it is not JSON at byte 3");
}

TEST_CASE("JSON is taken up to its depth and not a level deeper") {
  CHECK(refusal(nested(64)).empty());
  CHECK(refusal(nested(65)) == "it is nested more than 64 deep");
  CHECK(refusal(nested(5'000'000)) == "it is nested more than 64 deep");
  CHECK(refusal(R"({"a": {"b": {}}})", {.depth = 2}) == "it is nested more than 2 deep");
}

TEST_CASE("JSON is taken up to its number of values and not one more") {
  CHECK(refusal("[1, [2], {\"a\": null}]", {.values = 6}).empty());
  CHECK(refusal("[1, [2], {\"a\": null}]", {.values = 5}) == "it has more than 5 values");
}

TEST_CASE("a name that stands twice in one JSON object is refused, in two objects it is not") {
  CHECK(refusal(R"({"verdict": "failed", "verdict": "passed"})") == "the name `verdict` stands twice in one object");
  CHECK(refusal(R"([{"a": 1}, {"a": {"a": 2}}])").empty());
}

}  // namespace penstock::core
