#include "daemon/engine/progress.hpp"

namespace penstock::engine {

asio::awaitable<core::Result<core::Duration>> lateness(journal::Journal& journal, runtime::BlockingPool& pool,
                                                       const runtime::Clock& clock, core::Duration within) {
  const auto now = clock.now();
  auto work = [&journal, now] { return journal.oldest_due(now); };
  const auto oldest = co_await pool.run_for(within, std::move(work));
  if (!oldest)
    co_return core::Problem{"journal-slow", "the journal did not answer within " + core::to_text(within), "",
                            "look at the disk and at the load of the machine", true};
  if (!*oldest) co_return oldest->error();
  const auto& due = **oldest;
  co_return due ? std::max(core::Duration(0), now - *due) : core::Duration(0);
}

}  // namespace penstock::engine
