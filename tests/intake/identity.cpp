#include "daemon/intake/identity.hpp"

#include "daemon/runtime/digest.hpp"
#include "tests/catch.hpp"

namespace penstock::intake {
namespace {

using namespace std::chrono_literals;

Token token_of(const std::string& secret, const std::string& name, std::optional<core::Time> expires = std::nullopt) {
  return {runtime::sha256(secret).hex(), {name, true, {"release-managers"}, {name + "@example.com"}}, expires};
}

struct Door {
  runtime::ManualClock clock{core::Time(1795219200s)};
  FailureLimit limit{};
  std::vector<Token> tokens{token_of("ana-token", "ana"), token_of("ci-token", "ci", core::Time(1795219200s) + 1h)};
  std::optional<Identity> identity;

  core::Result<Caller> ask(const std::string& authorization, const std::string& remote = "192.0.2.1") {
    if (!identity) identity = Identity::make(tokens, clock, limit).value();
    Request request;
    request.remote = remote;
    if (!authorization.empty()) request.headers = {{"authorization", authorization}};
    return identity->authenticate(request);
  }
  std::string refusal(const std::string& authorization, const std::string& remote = "192.0.2.1") {
    const auto caller = ask(authorization, remote);
    return caller ? "" : caller.error().code;
  }
};

}  // namespace

TEST_CASE("a known token names its caller, with groups and other names") {
  Door door;
  const auto caller = door.ask("Bearer ana-token");
  REQUIRE(caller);
  CHECK(caller->name == "ana");
  CHECK(caller->person);
  CHECK(caller->groups == std::vector<std::string>{"release-managers"});
  CHECK(caller->aliases == std::vector<std::string>{"ana@example.com"});
  CHECK(door.ask("bearer ana-token"));
}

TEST_CASE("what is no known bearer token is nobody") {
  Door door;
  for (const auto* authorization :
       {"", "Bearer", "Bearer ", "Bearer ana-toke", "Bearer ana-token2", "Bearer  ana-token", "Basic ana-token",
        "ana-token", "Bearer ana-token ", "Bearer ana\ttoken"})
    CHECK(door.refusal(authorization) == "unauthenticated");
}

TEST_CASE("the stored digest of a token is no token") {
  Door door;
  CHECK(door.refusal("Bearer " + runtime::sha256("ana-token").hex()) == "unauthenticated");
}

TEST_CASE("a token is refused from the moment it expires") {
  Door door;
  CHECK(door.ask("Bearer ci-token"));
  door.clock.advance(1h);
  const auto caller = door.ask("Bearer ci-token");
  REQUIRE_FALSE(caller);
  CHECK(caller.error().message == "the token of ci expired at 2026-11-21T01:00:00.000Z");
}

TEST_CASE("an address that keeps guessing is told no more for a while, and no other address with it") {
  Door door;
  door.limit.failures = 3;
  for (int i = 0; i < 3; ++i) CHECK(door.refusal("Bearer guess" + std::to_string(i)) == "unauthenticated");
  CHECK(door.refusal("Bearer guess") == "too-many-failures");
  CHECK(door.refusal("Bearer guess", "192.0.2.2") == "unauthenticated");
  door.clock.advance(1min);
  CHECK(door.refusal("Bearer guess") == "unauthenticated");
}

TEST_CASE("a right token is taken however many wrong ones came from its address, and clears none of them") {
  Door door;
  for (int i = 0; i < 1000; ++i) door.refusal("Bearer guess" + std::to_string(i));
  CHECK(door.refusal("Bearer guess") == "too-many-failures");
  const auto caller = door.ask("Bearer ana-token");
  REQUIRE(caller);
  CHECK(caller->name == "ana");
  CHECK(door.refusal("Bearer guess") == "too-many-failures");
  CHECK(door.refusal("Bearer ana-token2") == "too-many-failures");
  door.clock.advance(59s);
  CHECK(door.refusal("Bearer guess") == "too-many-failures");
  door.clock.advance(1s);
  CHECK(door.refusal("Bearer guess") == "unauthenticated");
}

TEST_CASE("a token that is too long to be one is not looked at, and not counted as a guess") {
  Door door;
  door.limit.failures = 1;
  for (int i = 0; i < 3; ++i) CHECK(door.refusal("Bearer " + std::string(4096, 'a')) == "unauthenticated");
  CHECK(door.refusal("Bearer guess") == "unauthenticated");
}

TEST_CASE("a request without a token is told so and not counted as a guess") {
  Door door;
  door.limit.failures = 1;
  for (int i = 0; i < 5; ++i) CHECK(door.refusal("") == "unauthenticated");
  CHECK(door.ask("Bearer ana-token"));
}

TEST_CASE("the memory of guessing addresses is bounded, and the oldest is forgotten first") {
  Door door;
  door.limit.failures = 1;
  door.limit.addresses = 2;
  CHECK(door.refusal("Bearer guess", "192.0.2.1") == "unauthenticated");
  door.clock.advance(1s);
  CHECK(door.refusal("Bearer guess", "192.0.2.2") == "unauthenticated");
  door.clock.advance(1s);
  CHECK(door.refusal("Bearer guess", "192.0.2.3") == "unauthenticated");
  CHECK(door.refusal("Bearer guess", "192.0.2.2") == "too-many-failures");
  CHECK(door.refusal("Bearer guess", "192.0.2.3") == "too-many-failures");
  CHECK(door.refusal("Bearer guess", "192.0.2.1") == "unauthenticated");
}

TEST_CASE("tokens that cannot be meant are refused before anybody calls") {
  const runtime::ManualClock clock{core::Time(0s)};
  const auto problem_of = [&](std::vector<Token> tokens) {
    const auto identity = Identity::make(std::move(tokens), clock);
    return identity ? std::string() : identity.error().message;
  };
  CHECK(problem_of({{"plain-token", {"ana", true, {}}, {}}}) == "the token of ana is not 64 lower-case hex digits");
  CHECK(problem_of({token_of("x", "")}) == "a token has no caller's name");
  CHECK(problem_of({token_of("x", "ana"), token_of("x", "bo")}) == "ana and bo have the same token");
  CHECK(problem_of({}).empty());
}

}  // namespace penstock::intake
