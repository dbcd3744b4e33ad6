// Members of documents that are left out when there is nothing to say.
#pragma once

#include <nlohmann/json.hpp>

namespace penstock::core {

// `value` is anything that JSON can hold and that can be empty: a text (an empty digest has an empty one), a list, a
// map.
template <class T>
void put_unless_empty(nlohmann::json& document, const char* key, const T& value) {
  if (!value.empty()) document[key] = value;
}

}  // namespace penstock::core
