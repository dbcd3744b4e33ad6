#include "daemon/runtime/blocking_pool.hpp"

#include <boost/asio/thread_pool.hpp>

namespace penstock::runtime {
namespace {

class Threads : public Workforce {
 public:
  explicit Threads(std::size_t count) : threads_(count) {}

  void start(std::function<void()> work, std::function<void()> told) override {
    asio::post(threads_, [work = std::move(work), told = std::move(told)] {
      work();
      told();
    });
  }
  std::unique_ptr<Alarm> alarm(const asio::any_io_executor& executor) override { return real_alarm(executor); }
  void stop() override {
    threads_.stop();
    threads_.join();
  }

 private:
  asio::thread_pool threads_;
};

}  // namespace

std::unique_ptr<Workforce> threads(std::size_t count) { return std::make_unique<Threads>(count); }

}  // namespace penstock::runtime
