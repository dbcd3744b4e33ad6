#include "daemon/core/json_member.hpp"

#include "tests/catch.hpp"
#include "tests/chance.hpp"

#include <nlohmann/json.hpp>

namespace penstock::core {
namespace {

using nlohmann::json;

// Names and values out of few texts, so that a name is a value elsewhere, and deeper down as well.
json some_value(tests::Chance& chance, int depth) {
  const std::vector<std::string> texts{"phase", "a", "", "a \"b\"", "back\\slash", "{\"phase\":\"x\"}", "\n", ":", ","};
  const auto kind = chance.below(depth == 0 ? 3 : 5);
  if (kind == 0) return chance.one_of(texts);
  if (kind == 1) return chance.between(-5, 5);
  if (kind == 2) return nullptr;
  auto made = kind == 3 ? json::array() : json::object();
  for (auto size = chance.below(5); size > 0; --size) {
    auto value = some_value(chance, depth - 1);
    if (kind == 3)
      made.push_back(std::move(value));
    else
      made[chance.one_of(texts)] = std::move(value);
  }
  return made;
}

}  // namespace

TEST_CASE("a member of an object is found without reading the others") {
  CHECK(text_member(R"({"a":1,"phase":"live","z":{"phase":"deeper"}})", "phase") == "live");
  CHECK(text_member(R"({"a":{"phase":"deeper"},"phase":""})", "phase") == "");
  CHECK(!text_member(R"({"a":{"phase":"deeper"},"b":["phase","x"]})", "phase"));
  CHECK(!text_member(R"({"a":"phase","b":"live"})", "phase"));
  CHECK(!text_member(R"({"a":"\",\"phase\":\"live"})", "phase"));
  CHECK(!text_member(R"({"phase":7})", "phase"));
  CHECK(!text_member(R"({"phase":"a\"b"})", "phase"));
  for (const auto* broken : {"", "{", "{\"phase", "{\"phase\":\"li", "{\"phase\":\"li\\", "]]"}) {
    CAPTURE(broken);
    CHECK(!text_member(broken, "phase"));
  }
}

TEST_CASE("a member of an object is what the library reads") {
  tests::Chance chance(11);
  std::size_t found = 0;
  for (int i = 0; i < 60'000; ++i) {
    const auto document = some_value(chance, 3);
    if (!document.is_object()) continue;
    const auto text = document.dump();
    CAPTURE(text);
    for (const std::string name : {"phase", "a", "", ":"}) {
      const auto seen = text_member(text, name);
      const auto member = document.find(name);
      const bool is_text = member != document.end() && member->is_string();
      const bool is_plain = is_text && member->dump().find('\\') == std::string::npos;
      REQUIRE(seen.has_value() == is_plain);
      if (seen) REQUIRE(*seen == member->get<std::string>());
      found += is_plain ? 1 : 0;
    }
  }
  CHECK(found > 500);
}

}  // namespace penstock::core
