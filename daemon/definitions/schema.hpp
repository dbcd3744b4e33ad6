// What editors and readers are told of the documents, made from the same declarations that read them.
#pragma once

#include <map>
#include <string>

#include "daemon/definitions/kinds.hpp"

namespace penstock::definitions {

// JSON Schema, draft-07 (the newest that yaml-language-server documents). What a kind wants under `with` is told by if
// and then; a Gate may leave out required keys of it, because stages may add them.
nlohmann::json gate_schema(const Kinds& kinds);
nlohmann::json policy_schema(const Kinds& kinds);
nlohmann::json framework_schema(const Kinds& kinds);

// A schema as it stands in a file: "$schema", indented, with an end of line.
std::string schema_text(nlohmann::json schema);
// By file name, for gate-definitions/schemas/: "framework.json", "gate.json", "policy.json".
std::map<std::string, std::string> schema_files(const Kinds& kinds);

// The reference of documents and kinds, in Markdown.
std::string reference(const Kinds& kinds);

}  // namespace penstock::definitions
