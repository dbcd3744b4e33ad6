#include "daemon/core/shared_finding.hpp"

#include <nlohmann/json.hpp>
#include <thread>

#include "tests/catch.hpp"

namespace penstock::tests {
using namespace core;
namespace {

Finding found(const std::string& observed) {
  Finding finding;
  finding.verdict = Verdict::failed;
  finding.observed = observed;
  finding.at = Time(std::chrono::seconds(1));
  finding.evidence = {{"log", "text/plain", Digest(), 3}};
  return finding;
}

}  // namespace

TEST_CASE("a finding is nothing until there is one, and copies are one and the same") {
  const SharedFinding none;
  CHECK_FALSE(none);
  CHECK_FALSE(none.has_value());
  CHECK_THROWS_AS(none.value(), std::bad_optional_access);
  const SharedFinding one(found("12 rows"));
  const auto copy = one;
  REQUIRE(copy.has_value());
  CHECK(&*copy == &*one);
  CHECK(copy->observed == "12 rows");
  CHECK(copy.value() == *one);
}

TEST_CASE("findings are equal by what was found") {
  const SharedFinding one(found("12 rows"));
  CHECK(one == SharedFinding(found("12 rows")));
  CHECK_FALSE(one == SharedFinding(found("13 rows")));
  CHECK_FALSE(one == SharedFinding());
  CHECK_FALSE(SharedFinding() == one);
  CHECK(SharedFinding() == SharedFinding());
}

TEST_CASE("a finding's text says all of it, and what is judged neither its time nor its evidence") {
  const SharedFinding one(found("12 \"rows\""));
  CHECK(nlohmann::json::parse(one.text()) == to_json(*one));
  auto judged = to_json(*one);
  judged.erase("at");
  judged.erase("evidence");
  CHECK(nlohmann::json::parse(one.judged_text()) == judged);
}

TEST_CASE("two threads that ask for the text at once get the same") {
  const SharedFinding one(found("12 rows"));
  std::string other;
  std::thread asking([&] { other = one.text(); });
  const auto mine = one.text();
  asking.join();
  CHECK(mine == other);
}

}  // namespace penstock::tests
