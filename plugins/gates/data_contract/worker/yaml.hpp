// A stranger's YAML as a document with positions.
#pragma once

#include <string>

#include "daemon/core/declared_value.hpp"

namespace penstock::gates::data_contract::worker {

// One YAML 1.2 document (JSON is a subset of it). Plain scalars have the meaning of the core schema (YAML 1.2.2, 10.3):
// `no`, `on` and dates are text. At most 64 levels deep and 200 000 values after aliases are written out; an alias of
// what is not complete, a duplicate key, a key that is not text, another tag than the core schema's are refused.
// Problem "invalid-document", `where` = "line L, column C".
core::Result<core::declared::Value> read_yaml(const std::string& text);

}  // namespace penstock::gates::data_contract::worker
