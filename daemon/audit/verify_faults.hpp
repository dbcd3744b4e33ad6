// What is wrong with a log or a dossier: the first faults in the order they were found in, and how many there are.
// Internal to their verifications.
#pragma once

#include <cstdint>

#include "daemon/audit/verify.hpp"

namespace penstock::audit {

// Whatever the files hold, it stays small.
class Faults {
 public:
  void add(std::string where, std::string what) {
    if (first_.size() < most) first_.push_back({std::move(where), std::move(what)});
    ++count_;
  }
  void add(const Faults& others) {
    for (const auto& [where, what] : others.first_) add(where, what);
    count_ += others.count_ - others.first_.size();
  }
  bool empty() const { return count_ == 0; }
  // To be told; `folder` is where the others are.
  std::vector<Fault> take(const std::string& folder) && {
    if (const auto more = count_ - first_.size(); more > 0)
      first_.push_back({folder, "and " + std::to_string(more) + " more"});
    return std::move(first_);
  }

 private:
  static constexpr std::size_t most = 200;

  std::vector<Fault> first_;
  std::uint64_t count_ = 0;
};

}  // namespace penstock::audit
