#include "daemon/definitions/written.hpp"

#include "tests/catch.hpp"

using namespace penstock::definitions;

TEST_CASE("a name is lower-case, at most 63 characters, with a letter or digit at both ends") {
  CHECK(is_name("a"));
  CHECK(is_name("fraud_v2.1-eu"));
  for (const std::string bad : {"", "-a", "a-", "A", "a b", "a/b", "é", "a\n"}) CHECK_FALSE(is_name(bad));
  CHECK_FALSE(is_name(std::string(64, 'a')));
}
