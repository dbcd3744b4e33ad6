#include "daemon/core/declared_value.hpp"

#include "tests/catch.hpp"

using namespace penstock::core;
using namespace penstock::core::declared;

namespace {

std::vector<std::string> messages(const Faults& faults) {
  std::vector<std::string> texts;
  for (const auto& fault : faults) texts.push_back(to_text(fault, "policy.yaml"));
  return texts;
}

}  // namespace

TEST_CASE("an unknown key is told with the key that was probably meant") {
  const Mapping mapping{{"stagess", {3, 5}, {}}, {"model", {4, 5}, {}}};
  Faults faults;
  check_keys(mapping, "spec", faults, {"model", "stages", "environment"});
  CHECK(messages(faults) ==
        std::vector<std::string>{"policy.yaml:3:5: spec: unknown key `stagess`, did you mean `stages`?"});
}

TEST_CASE("an unknown key that is near to nothing is told with the keys there are") {
  Faults faults;
  check_keys({{"colour", {1, 1}, {}}}, "", faults, {"model", "queue"});
  CHECK(messages(faults) ==
        std::vector<std::string>{"policy.yaml:1:1: unknown key `colour`; known here are `model`, `queue`"});
}

TEST_CASE("suggestions see swapped letters, other cases and dashes for underscores") {
  const std::vector<std::string> known{"apiVersion", "queue_for", "deadline", "use"};
  CHECK(nearest("apiversion", known) == "apiVersion");
  CHECK(nearest("queue-for", known) == "queue_for");
  CHECK(nearest("daedline", known) == "deadline");
  CHECK(nearest("usr", known) == "use");
}

TEST_CASE("what is not near is not suggested") {
  CHECK(nearest("windows", {"model", "stages", "deliver"}).empty());
  CHECK(nearest("x", {"a", "b"}).empty());
  CHECK(nearest("", {"a"}).empty());
  CHECK(nearest(std::string(1'000'000, 'q'), {"queue"}).empty());
}

TEST_CASE("messages cut long texts and hide control characters") {
  CHECK(kind_of(Value{std::string("a\x1b[31mb\n"), {}}) == "the text `a?[31mb?`");
  const auto shown = kind_of(Value{std::string(59, 'a') + "éé", {}});
  CHECK(shown == "the text `" + std::string(59, 'a') + "…`");
  CHECK(kind_of(Value{std::string(), {}}) == "an empty text");
}

TEST_CASE("messages name numbers, flags, lists, mappings and nothing") {
  CHECK(kind_of(Value{std::int64_t{3}, {}}) == "the number 3");
  CHECK(kind_of(Value{0.5, {}}) == "the number 0.5");
  CHECK(kind_of(Value{std::numeric_limits<double>::quiet_NaN(), {}}) == "the number .nan");
  CHECK(kind_of(Value{true, {}}) == "`true`");
  CHECK(kind_of(Value{Sequence{}, {}}) == "a list");
  CHECK(kind_of(Value{Mapping{}, {}}) == "a mapping");
  CHECK(kind_of(Value{}) == "nothing");
}

TEST_CASE("many faults become one problem that says how many more there are") {
  const Faults faults{{{2, 7}, "spec", "first"}, {{3, 1}, "", "second"}, {{4, 1}, "", "third"}};
  const auto problem = problem_of(faults, "a.yaml");
  CHECK(problem.code == "invalid-document");
  CHECK(problem.where == "a.yaml:2:7");
  CHECK(problem.message == "spec: first (and 2 more problems)");
  CHECK(problem_of({{{}, "reason", "missing"}}).where.empty());
}

TEST_CASE("a fault without a position leaves it out") {
  CHECK(to_text(Fault{{}, "reason", "expected a text"}, "") == "reason: expected a text");
  CHECK(to_text(Fault{{}, "", "broken"}, "a.yaml") == "a.yaml: broken");
}

TEST_CASE("JSON goes to values and back unchanged") {
  const auto document = nlohmann::json::parse(R"({"a":[1,-2,0.5,true,null,"x"],"b":{"c":{}},"d":[]})");
  CHECK(json_of(value_of_json(document)) == document);
}

TEST_CASE("a whole number beyond 64 bits with sign is kept as a number, not wrapped") {
  const auto value = value_of_json(nlohmann::json(std::numeric_limits<std::uint64_t>::max()));
  REQUIRE(std::holds_alternative<double>(value.data));
  CHECK(std::get<double>(value.data) > 1.8e19);
}

TEST_CASE("a document nested beyond the limit is noticed and never walked") {
  nlohmann::json deep = 1;
  for (int i = 0; i < 64; ++i) deep = nlohmann::json::array({deep});
  CHECK_FALSE(deeper_than(deep, max_depth));
  CHECK_NOTHROW(value_of_json(deep));
  deep = nlohmann::json::array({deep});
  CHECK(deeper_than(deep, max_depth));
  CHECK_THROWS_AS(value_of_json(deep), std::length_error);
}
