// Chance from a seed: the same numbers with every standard library.
#pragma once

#include <cstdint>
#include <iterator>
#include <random>

namespace penstock::tests {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : bits_(seed) {}
  // 0 … below `bound`. Not std::uniform_int_distribution: a seed must mean the same with every standard library.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(bits_() % bound); }
  int between(int least, int most) {
    return least + static_cast<int>(below(static_cast<std::size_t>(most - least + 1)));
  }
  bool percent(unsigned of_100) { return bits_() % 100 < of_100; }
  std::uint64_t bits() { return bits_(); }
  template <class List>
  const auto& one_of(const List& list) {
    return list[below(std::size(list))];
  }

 private:
  std::mt19937_64 bits_;
};

}  // namespace penstock::tests
