#include "daemon/engine/pause.hpp"

#include <algorithm>
#include <random>

namespace penstock::engine {
namespace {

constexpr core::Duration first_step = std::chrono::seconds(1);
constexpr core::Duration longest_step = std::chrono::minutes(5);

}  // namespace

core::Duration pause_after(int tries, double random) {
  const auto step = std::min<core::Duration>(first_step * (1LL << std::clamp(tries - 1, 0, 20)), longest_step);
  return step / 2 + core::Duration(static_cast<core::Duration::rep>(static_cast<double>(step.count()) / 2 * random));
}

double random_fraction() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

}  // namespace penstock::engine
