// YAML and JSON text that strangers wrote, as a document with positions.
#pragma once

#include <string_view>

#include "daemon/core/declared_value.hpp"

namespace penstock::sources {

// One YAML 1.2 document (core schema; JSON is a subset of it). At most 64 KiB and 16 levels deep; aliases, anchors,
// tags other than the core schema's, duplicate keys, keys that are not text, an open quotation and bytes that are not
// UTF-8 are refused. `where` names the text in the Problem, code "invalid-document", as "where:line:column".
core::Result<core::declared::Value> read_yaml(std::string_view text, const std::string& where);

// As the JSON writer sees it: what passes here can be written into every document that quotes it.
bool is_utf8(std::string_view text);

}  // namespace penstock::sources
