// A document with positions: what a YAML or JSON text says, and where it says it.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/core/result.hpp"

namespace penstock::core::declared {

// Both count from 1; 0 = not known (a JSON request body).
struct Mark {
  int line = 0;
  int column = 0;
  bool operator==(const Mark&) const = default;
};

struct Entry;
struct Value;
using Sequence = std::vector<Value>;
using Mapping = std::vector<Entry>;  // in the order written; keys are unique (the reader refuses duplicates)

struct Value {
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Sequence, Mapping> data;
  Mark mark;
};
struct Entry {
  std::string key;
  Mark mark;  // of the key
  Value value;
};

// One thing that is wrong with a document.
struct Fault {
  Mark mark;
  std::string path;  // "spec.stages[0].name"; empty for the document itself
  std::string message;
  bool operator==(const Fault&) const = default;
};
using Faults = std::vector<Fault>;

// "file:line:column: path: message"; the position is left out where it is not known.
std::string to_text(const Fault& fault, const std::string& file);
// One Problem out of many faults: the first, and how many more there are. Code "invalid-document".
Problem problem_of(const Faults& faults, const std::string& file = "");

// How deeply a document may be nested: every reader refuses more, because the walks over it are recursive.
inline constexpr int max_depth = 64;
bool deeper_than(const nlohmann::json& document, int levels);
// Throws std::length_error beyond max_depth: whoever takes documents from outside asks deeper_than() first.
Value value_of_json(const nlohmann::json& document);
nlohmann::json json_of(const Value& value);

const Entry* find_entry(const Mapping& mapping, const std::string& key);
// "`x`", cut when it is long and without control characters: text of a document inside a message.
std::string quote(const std::string& text);
// Whether a message may repeat what was written.
enum class Telling {
  whole,
  kind_only,  // where a secret may stand
};
// "a mapping", "the text `x`", "the number 3", "nothing": for messages. The kind only: "a text", "a number".
std::string kind_of(const Value& value, Telling telling = Telling::whole);
// Adds "unknown key `stagess`, did you mean `stages`?" for every key that is not in `known`; of the kind only, "unknown
// key, did you mean `stages`?".
void check_keys(const Mapping& mapping, const std::string& path, Faults& faults, const std::vector<std::string>& known,
                Telling telling = Telling::whole);
// The known word nearest to `word` by edit distance, or "" when none is near enough to be what was meant.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

}  // namespace penstock::core::declared
