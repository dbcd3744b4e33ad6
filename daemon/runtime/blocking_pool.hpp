// Threads for work that blocks: the journal's reads, gates, sources, libgit2, hashing.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>

#include "daemon/runtime/alarm.hpp"

namespace penstock::runtime {

// Who carries the work out, and what those who asked for it wait on.
class Workforce {
 public:
  virtual ~Workforce() = default;
  // Calls `work` and then `told`, neither of which throws, some time from now and not on the caller's thread.
  virtual void start(std::function<void()> work, std::function<void()> told) = 0;
  virtual std::unique_ptr<Alarm> alarm(const asio::any_io_executor& executor) = 0;
  // Waits for the work that has begun; what has not begun is dropped.
  virtual void stop() = 0;
};

// At most so many at once.
std::unique_ptr<Workforce> threads(std::size_t count);

class BlockingPool {
 public:
  explicit BlockingPool(std::size_t thread_count) : BlockingPool(threads(thread_count)) {}
  explicit BlockingPool(std::unique_ptr<Workforce> workforce) : workforce_(std::move(workforce)) {}
  ~BlockingPool() { stop(); }
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // Calls `work` on a thread of the pool and resumes the caller on its own executor with what it returned. An exception
  // of `work` is rethrown in the caller. `work` must end by itself: a pool cannot interrupt it.
  template <class Work>
  asio::awaitable<std::invoke_result_t<Work>> run(Work work) {
    auto under_way = co_await begin(std::move(work));
    while (!under_way->ended) co_await under_way->alarm->sleep(Alarm::never_by_itself);
    if (under_way->told.failure) std::rethrow_exception(under_way->told.failure);
    co_return std::move(*under_way->told.answer);
  }

  // As run(), but gives up waiting after `most`: nothing then. The work goes on by itself until it ends, holding its
  // thread, so it must be bounded too; its late answer is dropped.
  template <class Work>
  asio::awaitable<std::optional<std::invoke_result_t<Work>>> run_for(core::Duration most, Work work) {
    auto under_way = co_await begin(std::move(work));
    if (!under_way->ended) co_await under_way->alarm->sleep(most);
    if (under_way->told.failure) std::rethrow_exception(under_way->told.failure);
    co_return std::move(under_way->told.answer);
  }

  void stop() { workforce_->stop(); }

 private:
  template <class Answer>
  struct Outcome {
    std::optional<Answer> answer;
    std::exception_ptr failure;
  };
  template <class Answer>
  struct UnderWay {
    std::unique_ptr<Alarm> alarm;
    Outcome<Answer> found;  // touched by the thread that works
    Outcome<Answer> told;   // and by the caller's
    bool ended = false;
  };

  template <class Work>
  asio::awaitable<std::shared_ptr<UnderWay<std::invoke_result_t<Work>>>> begin(Work work) {
    using Answer = std::invoke_result_t<Work>;
    const auto executor = co_await asio::this_coro::executor;
    auto under_way = std::make_shared<UnderWay<Answer>>();
    under_way->alarm = workforce_->alarm(executor);
    // What is copied here must be copyable; work need not be.
    auto kept = std::make_shared<std::optional<Work>>(std::move(work));
    workforce_->start(
        [under_way, kept] {
          try {
            under_way->found.answer.emplace((**kept)());
          } catch (...) {
            under_way->found.failure = std::current_exception();
          }
          kept->reset();
        },
        [under_way, executor] {
          asio::post(executor, [under_way] {
            under_way->told = std::move(under_way->found);
            under_way->ended = true;
            under_way->alarm->ring();
          });
        });
    co_return under_way;
  }

  std::unique_ptr<Workforce> workforce_;
};

}  // namespace penstock::runtime
