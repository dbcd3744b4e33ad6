#include "daemon/journal/postgres_problem.hpp"

#include "tests/catch.hpp"

namespace penstock::journal {

TEST_CASE("a database that is away or full is told with what to do, whether the program goes on or has ended") {
  const auto address = PostgresAddress::parse("host=/nowhere dbname=penstock", "penstock").value();
  for (const auto* code : {"", "08006", "57P03", "25006", "53100"}) {
    const auto problem = postgres_problem(code, "it is away", address);
    INFO(code);
    CHECK(problem.transient);
    CHECK_THAT(problem.hint, Catch::EndsWith("a daemon that runs goes on by itself then; start again what has ended"));
  }
}

TEST_CASE("a session that cannot go on is told as what passes, and a right that lacks with the one to give") {
  const auto address = PostgresAddress::parse("host=/nowhere dbname=penstock", "penstock").value();
  for (const auto* code : {"0A000", "26000"}) {
    INFO(code);
    CHECK(is_of_session(code));
    CHECK_FALSE(is_worth_repeating(code));
    CHECK_FALSE(is_of_statement(code));
    CHECK(postgres_problem(code, "it cannot", address).transient);
  }
  for (const auto* code : {"", "40P01", "23505", "42501"}) CHECK_FALSE(is_of_session(code));
  const auto refused = may_not_end_sessions("permission denied", address);
  CHECK_THAT(refused.message, Catch::Contains("permission denied"));
  CHECK_THAT(refused.hint, Catch::Contains("pg_signal_backend") && Catch::Contains("one user"));
}

}  // namespace penstock::journal
