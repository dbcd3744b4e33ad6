// The facts' texts, made fit for a CycloneDX document: never of another type than it needs, never without a bound.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::audit::bom {

using nlohmann::json;

constexpr std::size_t longest_text = 2000;  // bytes
constexpr std::size_t most_items = 500;     // of a list that others fill

// Cut between characters, and says that it was.
std::string bounded(std::string_view text, std::size_t most = longest_text);

// What stands under a key. Empty for anything that is not there, or is of another type.
std::string text_at(const json& object, const char* key);
const json& list_at(const json& object, const char* key);
const json& object_at(const json& object, const char* key);
bool is_true_at(const json& object, const char* key);
// Whether a list holds just this text.
bool holds(const json& list, const std::string& text);
// An instant as RFC 3339; nothing when it is none.
std::optional<std::string> instant_at(const json& object, const char* key);

json property(const std::string& name, const std::string& value);
// A path as a relative reference (RFC 3986 §4.2): what is not unreserved is percent-encoded.
std::string url_of_path(std::string_view path);
// Whether it is an address with a scheme, a host and a plain path; others stand in properties only. One with a user
// before the host is none: readers of the document follow it, and what stands there may let them in.
bool is_url(std::string_view text);
// "1 gate", "2 gates"
std::string count_of(std::size_t count, const std::string& what);

}  // namespace penstock::audit::bom
