#include "daemon/core/declared_types.hpp"

#include <cmath>

#include "daemon/core/policy.hpp"
#include "tests/catch.hpp"

using namespace penstock::core;
using namespace penstock::core::declared;

namespace {

template <class M>
std::string fault_of(const nlohmann::json& document, const Bounds& bounds = {}) {
  Faults faults;
  Type<M>::read(value_of_json(document), "at", bounds, faults);
  std::string text;
  for (const auto& fault : faults) text += (text.empty() ? "" : " | ") + to_text(fault, "");
  return text;
}

template <class M>
M read(const nlohmann::json& document, const Bounds& bounds = {}) {
  Faults faults;
  auto result = Type<M>::read(value_of_json(document), "at", bounds, faults);
  REQUIRE(faults.empty());
  return result;
}

}  // namespace

TEST_CASE("a value of another type is told with what was needed and what was found") {
  CHECK(fault_of<bool>("yes") == "at: expected `true` or `false`, found the text `yes`");
  CHECK(fault_of<int>(0.5) == "at: expected a whole number, found the number 0.5");
  CHECK(fault_of<double>("1") == "at: expected a number, found the text `1`");
  CHECK(fault_of<std::string>(nlohmann::json::array()) == "at: expected a text, found a list");
  CHECK(fault_of<std::vector<std::string>>("x") == "at: expected a list, found the text `x`");
  CHECK(fault_of<std::map<std::string, int>>(nullptr) == "at: expected a mapping, found nothing");
}

TEST_CASE("a number where a text is needed is told to be quoted") {
  CHECK(fault_of<std::string>(1.1) == "at: expected a text (write it in quotes), found the number 1.1");
}

TEST_CASE("numbers out of bounds are told with the bound") {
  CHECK(fault_of<int>(0, {.minimum = 1}) == "at: is 0, needs at least 1");
  CHECK(fault_of<int>(11, {.maximum = 10}) == "at: is 11, at most 10 is allowed");
  CHECK(fault_of<double>(1.5, {.maximum = 0.5}) == "at: is 1.5, at most 0.5 is allowed");
  CHECK(fault_of<int>(std::int64_t{1} << 40) == "at: is 1099511627776, at most 2147483647 is allowed");
  CHECK(read<int>(10, {.minimum = 1, .maximum = 10}) == 10);
}

TEST_CASE("a number that is not finite is refused") {
  Faults faults;
  Type<double>::read(Value{std::nan(""), {2, 3}}, "at", {}, faults);
  CHECK(to_text(faults.at(0), "f") == "f:2:3: at: expected a finite number, found the number .nan");
  faults.clear();
  Type<nlohmann::json>::read(Value{Mapping{{"x", {}, Value{Sequence{Value{HUGE_VAL, {4, 5}}}, {}}}}, {}}, "with", {},
                             faults);
  CHECK(to_text(faults.at(0), "f") == "f:4:5: with.x[0]: expected a finite number, found the number .inf");
}

TEST_CASE("lengths of texts and lists are bounded") {
  CHECK(fault_of<std::string>("", {.min_length = 1}) == "at: has 0 bytes, needs at least 1");
  CHECK(fault_of<std::string>("abcd", {.max_length = 3}) == "at: has 4 bytes, at most 3 are allowed");
  CHECK(fault_of<std::vector<int>>({1}, {.min_length = 2}) == "at: has 1 item, needs at least 2");
  // The length of a list is not the length of what is in it.
  CHECK(read<std::vector<std::string>>({"abc"}, {.max_length = 1}) == std::vector<std::string>{"abc"});
}

TEST_CASE("every wrong item of a list is told with its place") {
  CHECK(fault_of<std::vector<int>>({1, "a", 2, true}) ==
        "at[1]: expected a whole number, found the text `a` | at[3]: expected a whole number, found `true`");
}

TEST_CASE("a word that is not one of those allowed is told with the nearest") {
  CHECK(fault_of<std::string>("gett", {.one_of = {"get", "post"}}) ==
        "at: expected one of `get`, `post`, found the text `gett`, did you mean `get`?");
  CHECK(
      fault_of<QueueMode>("supersede_waiting") ==
      "at: expected one of `queue`, `supersede-waiting`, `cancel-running`, found the text `supersede_waiting`, did you "
      "mean `supersede-waiting`?");
  CHECK(read<QueueMode>("cancel-running") == QueueMode::cancel_running);
}

TEST_CASE("a duration needs its unit and its bounds are told as durations") {
  CHECK(read<Duration>("1h30m") == std::chrono::minutes(90));
  CHECK(fault_of<Duration>(10) == "at: expected a duration such as `90s`, `10m` or `72h`, found the number 10");
  CHECK(fault_of<Duration>("10 m") == "at: expected a duration such as `90s`, `10m` or `72h`, found the text `10 m`");
  CHECK(fault_of<Duration>("50ms", {.minimum = 100}) == "at: is 50ms, needs at least 100ms");
  CHECK(fault_of<Duration>("3h", {.maximum = 3'600'000}) == "at: is 3h, at most 1h is allowed");
}

TEST_CASE("a secret is named, by exactly one way") {
  CHECK(read<SecretRef>({{"env", "TOKEN"}}) == SecretRef{"TOKEN", ""});
  CHECK(read<SecretRef>({{"file", "/run/token"}}) == SecretRef{"", "/run/token"});
  CHECK(fault_of<SecretRef>(nlohmann::json::object()) == "at: a secret takes exactly one of `env` and `file`");
  CHECK(fault_of<SecretRef>({{"env", "A"}, {"file", "b"}}) == "at: a secret takes exactly one of `env` and `file`");
  CHECK(fault_of<SecretRef>({{"env", ""}}) ==
        "at.env: expected the name of an environment variable, such as `REGISTRY_TOKEN`");
}

TEST_CASE("a secret that was written in clear is refused and never repeated") {
  const std::string secret = "hunter2-hunter2";
  for (const nlohmann::json& written :
       {nlohmann::json(secret), nlohmann::json{{secret, 1}}, nlohmann::json{{"value", secret}},
        nlohmann::json::array({secret}), nlohmann::json{{"env", nlohmann::json::array({secret})}}}) {
    const auto text = fault_of<SecretRef>(written);
    INFO(text);
    CHECK_FALSE(text.empty());
    CHECK(text.find("hunter2") == std::string::npos);
  }
  CHECK(fault_of<SecretRef>(secret).find("use {env: NAME} for an environment variable or {file: PATH} for a file") !=
        std::string::npos);
}

TEST_CASE("bounds are written for people") {
  CHECK(Bounds{.minimum = 1, .maximum = 100}.text() == " (1 to 100)");
  CHECK(Bounds{.minimum = 100, .maximum = 120'000}.text(true) == " (100ms to 2m)");
  CHECK(Bounds{.min_length = 1}.text() == " (length at least 1)");
  CHECK(Bounds{.one_of = {"a", "b"}}.text() == " (one of `a`, `b`)");
  CHECK(Bounds{}.text().empty());
}

TEST_CASE("schemas carry the bounds") {
  CHECK(Type<int>::schema({.minimum = 1, .maximum = 9}) ==
        nlohmann::json{{"type", "integer"}, {"minimum", 1}, {"maximum", 9}});
  CHECK(Type<std::vector<std::string>>::schema({.min_length = 2, .one_of = {"a", "b"}}) ==
        nlohmann::json{{"type", "array"}, {"minItems", 2}, {"items", {{"type", "string"}, {"enum", {"a", "b"}}}}});
}
