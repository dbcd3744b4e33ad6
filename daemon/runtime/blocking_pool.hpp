// Threads for work that blocks: the journal's reads, gates, sources, libgit2, hashing.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

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

  // Waits for the work that has begun; what has not begun is dropped.
  void stop() {
    threads_.stop();
    threads_.join();
  }

 private:
  asio::thread_pool threads_;
};

}  // namespace penstock::runtime
