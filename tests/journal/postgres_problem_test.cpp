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

}  // namespace penstock::journal
