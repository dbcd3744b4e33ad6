// The one include of Catch2, so that a move to version 3 is a change of this file.
#pragma once

#include <catch2/catch.hpp>

#include "daemon/core/result.hpp"

namespace Catch {

// A failed expectation shows the Problem; Boost's own operator<< would need every value to be printable.
template <class T>
struct StringMaker<penstock::core::Result<T>> {
  static std::string convert(const penstock::core::Result<T>& result) {
    return result ? "a value" : result.error().code + ": " + to_text(result.error());
  }
};

}  // namespace Catch
