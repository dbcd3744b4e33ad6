// Threads by where the work goes: those of an endpoint that hangs are nobody else's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/runtime/blocking_pool.hpp"

namespace penstock::runtime {

class BlockingPools {
 public:
  using Hire = std::function<std::unique_ptr<Workforce>(std::size_t)>;
  BlockingPools(Hire hire, std::size_t threads_each) : hire_(std::move(hire)), threads_each_(threads_each) {}

  // The pool for work that goes to these endpoints, or to none. It comes to be when it is first asked for, and stays.
  BlockingPool& of(const std::vector<std::string>& endpoints) {
    auto& pool = pools_[endpoints];
    if (pool == nullptr) pool = std::make_unique<BlockingPool>(hire_(threads_each_));
    return *pool;
  }
  // Waits for the work that has begun.
  void stop() {
    for (auto& [endpoints, pool] : pools_) pool->stop();
  }

 private:
  Hire hire_;
  std::size_t threads_each_;
  std::map<std::vector<std::string>, std::unique_ptr<BlockingPool>> pools_;
};

}  // namespace penstock::runtime
