// One member of a document that Penstock wrote itself, without reading the others: for what is looked at with every
// event. What comes from outside is read with read_json (json_text.hpp).
#pragma once

#include <optional>
#include <string_view>

namespace penstock::core {

// The text of the member of this name of the object itself, not of one within it; a part of `object`. Nothing where it
// has none, or one that is no text or has an escape in it. `object` is JSON.
std::optional<std::string_view> text_member(std::string_view object, std::string_view name);

}  // namespace penstock::core
