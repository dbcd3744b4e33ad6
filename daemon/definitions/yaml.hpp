// YAML text as documents with positions, safe for text that anybody wrote.
//
// YAML 1.2 with the scalars of the core schema (YAML 1.2.2 §10.3.2): plain `null`, `~`, `true`, `false`, whole numbers
// (also 0x and 0o) and floating-point numbers (also .inf and .nan) have types; everything else that is plain, and all
// that is quoted, is text: `yes`, `no`, `on`, `off` and dates are text. `<<` is a key like any other.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "daemon/core/declared_value.hpp"

namespace penstock::definitions {

struct YamlLimits {
  std::size_t bytes = 1 << 20;
  int depth = core::declared::max_depth;
  std::size_t nodes = 100'000;  // an alias counts as all that it stands for
  // Of texts, after aliases were written out: 100 000 aliases of one long text are few nodes and many bytes.
  std::size_t text_bytes = 4 << 20;
  std::size_t faults = 100;  // then reading stops
};

// The documents of a text, none for one that is empty or holds comments only. Refused, each with its line and column
// (in characters, from 1): text that is not UTF-8, control characters, anything beyond the limits, keys that are
// written twice or are not text, tags other than the core schema's, whole numbers beyond 64 bits. What is returned is
// only to be used when no fault was added. Throws nothing but std::bad_alloc.
std::vector<core::declared::Value> read_yaml(std::string_view text, core::declared::Faults& faults,
                                             const YamlLimits& limits = {});

}  // namespace penstock::definitions
