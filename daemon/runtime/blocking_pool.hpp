// Threads for work that blocks: the journal's reads, gates, sources, libgit2, hashing.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <optional>

namespace penstock::runtime {

namespace asio = boost::asio;

class BlockingPool {
 public:
  explicit BlockingPool(std::size_t threads) : threads_(threads) {}
  ~BlockingPool() { stop(); }

  // Calls `work` on a thread of the pool and resumes the caller on its own executor with what it returned. An exception
  // of `work` is rethrown in the caller. `work` must end by itself: a pool cannot interrupt it.
  template <class Work>
  asio::awaitable<std::invoke_result_t<Work>> run(Work work) {
    // `work` lives in the frame of the inner coroutine, which the pool's thread runs from start to end.
    co_return co_await asio::co_spawn(
        threads_.get_executor(),
        [](Work inner) -> asio::awaitable<std::invoke_result_t<Work>> { co_return inner(); }(std::move(work)),
        asio::use_awaitable);
  }

  // As run(), but gives up waiting at `deadline`: nothing then. The work goes on by itself until it ends, holding its
  // thread, so it must be bounded too; its late answer is dropped.
  template <class Work>
  asio::awaitable<std::optional<std::invoke_result_t<Work>>> run_until(std::chrono::steady_clock::time_point deadline,
                                                                       Work work) {
    using Answer = std::invoke_result_t<Work>;
    struct Shared {
      explicit Shared(asio::any_io_executor executor) : timer(executor) {}
      asio::steady_timer timer;
      std::optional<Answer> answer;
      std::exception_ptr failure;
      bool ended = false;
    };
    const auto executor = co_await asio::this_coro::executor;
    auto shared = std::make_shared<Shared>(executor);
    shared->timer.expires_at(deadline);
    asio::post(threads_, [shared, executor, inner = std::move(work)]() mutable {
      std::optional<Answer> answer;
      std::exception_ptr failure;
      try {
        answer.emplace(inner());
      } catch (...) {
        failure = std::current_exception();
      }
      asio::post(executor, [shared, answer = std::move(answer), failure]() mutable {
        shared->answer = std::move(answer);
        shared->failure = failure;
        shared->ended = true;
        shared->timer.cancel();
      });
    });
    boost::system::error_code woken;
    if (!shared->ended) co_await shared->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    if (shared->failure) std::rethrow_exception(shared->failure);
    co_return std::move(shared->answer);
  }

  // Waits for the work that has begun; what has not begun is dropped.
  void stop() {
    threads_.stop();
    threads_.join();
  }

 private:
  asio::thread_pool threads_;
};

}  // namespace penstock::runtime
