#include "daemon/journal/postgres_works.hpp"

#include <algorithm>
#include <tuple>

namespace penstock::journal {

std::vector<OutboxRow> claimed_rows(const PostgresResult& result, Time until) {
  std::vector<OutboxRow> rows;
  for (int i = 0; i < result.rows(); ++i) {
    const PostgresRow row(result, i);
    rows.push_back({row.text(0),
                    row.text(1),
                    {row.text(2), row.text(3)},
                    row.text(4),
                    row.time(5),
                    row.text(7),
                    static_cast<int>(row.integer(6)),
                    until});
  }
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return std::tie(a.due, a.key) < std::tie(b.due, b.key); });
  return rows;
}

}  // namespace penstock::journal
