// Reads what a caller sends: JSON bodies, and the members that an action takes.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "daemon/intake/http.hpp"

namespace penstock::intake {

// Strict JSON (RFC 8259): one value, nested at most 64 deep, no name twice in an object (RFC 8259 §4 leaves open which
// one counts; two readers may differ). Problem "invalid-json" says where it went wrong.
core::Result<nlohmann::json> read_json(std::string_view text);
// An object whose keys are all in `known`; an empty body is an empty object. Problem "invalid-document".
core::Result<nlohmann::json> read_object(std::string_view text, const std::set<std::string>& known);
// A text member, "" when absent; Problem "invalid-document" when it is no text or longer than 4000 bytes.
core::Result<std::string> text_member(const nlohmann::json& object, const std::string& key);
// As text_member(), and not empty.
core::Result<std::string> needed_text(const nlohmann::json& object, const std::string& key,
                                      const std::string& hint = "");

// `ends` (RFC 3339) or `for` (a duration from `now`), one of the two. `what` is "a waiver". Problem "invalid-document".
core::Result<core::Time> end_of(const nlohmann::json& object, const std::string& what, core::Time now);

core::Problem invalid(std::string message, std::string hint = "");

}  // namespace penstock::intake
