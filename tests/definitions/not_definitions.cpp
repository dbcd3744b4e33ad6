// Files that are something else, and files that mean harm.
#include "tests/catch.hpp"
#include "tests/definitions/kinds_for_tests.hpp"

using namespace penstock;
using namespace penstock::definitions;

TEST_CASE("a document of another format is one problem") {
  const auto contract = "apiVersion: v3.1.0\nkind: DataContract\nid: x\n";
  CHECK(texts(load_files({{"gates/c.yaml", contract}}, options_for_tests()).lints)[0] ==
        "gates/c.yaml:1:13: error: apiVersion: expected `apiVersion: penstock/v1`, found `v3.1.0`; files of other "
        "formats "
        "stand outside gates/, policies/ and frameworks/");
  CHECK(texts(load_files({{"gates/c.yaml", "- a\n"}}, options_for_tests()).lints)[0] ==
        "gates/c.yaml:1:1: error: expected a mapping with `apiVersion`, `kind`, `metadata` and `spec`, found a list");
  CHECK(
      texts(load_files({{"gates/c.yaml", "apiVersion: penstock/v1\nkind: Polizy\n"}}, options_for_tests()).lints)[0] ==
      "gates/c.yaml:2:7: error: kind: unknown kind `Polizy`, did you mean `Policy`?");
  CHECK(texts(load_files({{"gates/c.yaml", "apiVersion: penstock/v1\n"}}, options_for_tests()).lints)[0] ==
        "gates/c.yaml:1:1: error: missing key `kind`: Gate, Policy or Framework");
}

TEST_CASE("hostile definitions are refused, not followed") {
  const auto options = options_for_tests();
  for (const auto& text : {std::string(2 << 20, 'a'), std::string(5000, '['), std::string("\x00\x01\x02", 3),
                           std::string("a: &a [*a]"), std::string("{a: 1, a: 2}"), std::string("a:\n\tb: 1")}) {
    const auto loaded = load_files({{"gates/g.yaml", text}}, options);
    CHECK_FALSE(loaded.usable());
    CHECK(loaded.lints.at(0).file == "gates/g.yaml");
  }
}
