// Work that waits for its turn in a pool of threads. When the turn comes it may be too late for it, or what it is done
// for somebody else's.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <type_traits>
#include <variant>

#include "daemon/engine/claims.hpp"
#include "daemon/runtime/blocking_pool.hpp"

namespace penstock::engine {

namespace asio = boost::asio;

struct Turn {
  const Claims& claims;
  const runtime::Clock& clock;
  std::string key;            // of the row that it is done for
  core::Time deadline;        // from then on it is not begun
  core::Duration winding_up;  // its answer is waited for until so long after the deadline
};

// Why there is no answer.
enum class Missed {
  turn,   // the turn did not come before the deadline: nothing was begun, nor will be
  claim,  // it came when the row was not surely this daemon's any more: nothing was begun either
  end,    // what was begun did not end in time; its late answer is dropped
};
template <class Answer>
using InTurn = std::variant<Answer, Missed>;

// As BlockingPool::run_for, whose exceptions and bounds hold here too; what `turn` refers to outlives the pool.
template <class Work>
asio::awaitable<InTurn<std::invoke_result_t<Work>>> in_turn(runtime::BlockingPool& pool, Turn turn, Work work) {
  const auto most = turn.deadline - turn.clock.now() + turn.winding_up;
  auto begun = std::make_shared<std::atomic<bool>>(false);
  auto begin = [turn = std::move(turn), begun, work = std::move(work)]() mutable -> InTurn<std::invoke_result_t<Work>> {
    if (turn.clock.now() >= turn.deadline) return Missed::turn;
    if (!turn.claims.is_ours(turn.key)) return Missed::claim;
    *begun = true;
    return work();
  };
  auto answer = co_await pool.run_for(most, std::move(begin));
  if (answer) co_return std::move(*answer);
  if (*begun) co_return Missed::end;
  co_return Missed::turn;
}

}  // namespace penstock::engine
