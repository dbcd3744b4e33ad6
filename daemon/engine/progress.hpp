// Proof that due work moves.
#pragma once

#include "daemon/journal/journal.hpp"
#include "daemon/runtime/blocking_pool.hpp"
#include "daemon/runtime/clock.hpp"

namespace penstock::engine {

namespace asio = boost::asio;

// How long the oldest due work has waited that nobody has taken up; 0 when there is none. Asked of the journal itself,
// so that it also tells of a worker that hangs. Problems: those of the journal, and "journal-slow" when it does not
// answer `within` that time.
asio::awaitable<core::Result<core::Duration>> lateness(journal::Journal& journal, runtime::BlockingPool& pool,
                                                       const runtime::Clock& clock, core::Duration within);

}  // namespace penstock::engine
