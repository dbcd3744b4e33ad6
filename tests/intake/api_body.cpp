#include "daemon/intake/api_body.hpp"

#include "tests/catch.hpp"

namespace penstock::intake {
namespace {

std::string fault_of(const std::string& text) {
  const auto document = read_json(text);
  return document ? "" : document.error().code + ": " + document.error().message;
}

}  // namespace

TEST_CASE("a JSON body is read as it is") {
  const auto document = read_json(R"({"a": [1, {"b": null}], "c": "ü"})");
  REQUIRE(document);
  CHECK((*document)["a"][0] == 1);
}

TEST_CASE("a name that stands twice in one object is refused, in different objects it is not") {
  CHECK(fault_of(R"({"a": 1, "a": 2})") ==
        "invalid-json: the body cannot be read: the name `a` stands twice in one object");
  CHECK(fault_of(R"([{"b": {"a": 1, "a": 2}}])") != "");
  CHECK(fault_of(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})") == "");
}

TEST_CASE("a body nested too deep is refused without building it") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(fault_of(nested(64)) == "");
  CHECK(fault_of(nested(65)) == "invalid-json: the body cannot be read: it is nested more than 64 deep");
  CHECK(fault_of(std::string(500'000, '[')) != "");
}

TEST_CASE("what is not JSON is refused with the place") {
  CHECK(fault_of("{\"a\": }") == "invalid-json: the body cannot be read: it is not JSON at byte 7");
  CHECK(fault_of("") != "");
  CHECK(fault_of("{} {}") != "");
  CHECK(fault_of("{\"a\": NaN}") != "");
  CHECK(fault_of("{\"a\": \"\xff\"}") != "");
}

TEST_CASE("an object's unknown key is named, with the one that was meant") {
  const auto object = read_object(R"({"reson": "x"})", {"reason", "decision"});
  REQUIRE_FALSE(object);
  CHECK(object.error().message == "unknown key `reson`, did you mean `reason`?");
  CHECK_FALSE(read_object("[]", {}));
  CHECK(read_object("", {})->empty());
}

TEST_CASE("a text member is a text of bounded length") {
  const nlohmann::json object{{"note", "x"}, {"number", 1}, {"long", std::string(4001, 'x')}};
  CHECK(*text_member(object, "note") == "x");
  CHECK(text_member(object, "absent")->empty());
  CHECK_FALSE(text_member(object, "number"));
  CHECK_FALSE(text_member(object, "long"));
}

}  // namespace penstock::intake
