#include "daemon/runtime/blocking_pool.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace penstock::runtime {
namespace {

// Most pools are larger than what they ever have to do at once, and a thread takes memory before it does anything: one
// is there from the start, each other one when all are at work.
class Threads : public Workforce {
 public:
  explicit Threads(std::size_t most) : most_(most), queue_(static_cast<int>(most)), open_(queue_.get_executor()) {
    add_thread();
  }
  ~Threads() override { stop(); }

  void start(std::function<void()> work, std::function<void()> told) override {
    const std::lock_guard lock(mutex_);
    if (++under_way_ > threads_.size() && threads_.size() < most_ && !queue_.stopped()) {
      try {
        add_thread();
      } catch (const std::system_error&) {
        // The system has no more threads to give: those that are there come to it later.
      }
    }
    asio::post(queue_, [this, work = std::move(work), told = std::move(told)] {
      work();
      told();
      const std::lock_guard ended(mutex_);
      --under_way_;
    });
  }
  std::unique_ptr<Alarm> alarm(const asio::any_io_executor& executor) override { return real_alarm(executor); }
  void stop() override {
    std::vector<std::thread> threads;
    {
      const std::lock_guard lock(mutex_);
      queue_.stop();
      threads.swap(threads_);
    }
    for (auto& thread : threads) thread.join();
  }

 private:
  void add_thread() {
    threads_.emplace_back([this] { queue_.run(); });
  }

  const std::size_t most_;
  asio::io_context queue_;
  asio::executor_work_guard<asio::io_context::executor_type> open_;
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::size_t under_way_ = 0;  // waits or is at work
};

}  // namespace

std::unique_ptr<Workforce> threads(std::size_t count) { return std::make_unique<Threads>(count); }

}  // namespace penstock::runtime
