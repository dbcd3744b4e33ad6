// By how much one metric must, or may, differ from another: a number, or a share of the other one.
#pragma once

#include "daemon/core/declared.hpp"

namespace penstock::gates {

// `0.02` or `"2%"`; finite, and not negative.
struct Margin {
  double amount = 0;
  bool percent = false;
  // In the unit of `reference`; a share is of its size, whatever its sign.
  double of(double reference) const;
  std::string text() const;
};

}  // namespace penstock::gates

template <>
struct penstock::core::declared::Type<penstock::gates::Margin> {
  static std::string name() { return "number, or a percentage such as `2%`"; }
  static gates::Margin read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults);
  static nlohmann::json write(const gates::Margin& value) { return value.text(); }
  static nlohmann::json schema(const Bounds&);
};
