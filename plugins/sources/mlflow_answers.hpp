// MLflow's JSON, read into what the source needs. Nothing for a document that is not what it should be.
#pragma once

#include "plugins/sources/mlflow_registry.hpp"

namespace penstock::sources {

// Parses an answer; nothing when core::read_json refuses it, or it is no object.
std::optional<nlohmann::json> parse_answer(const std::string& body);

std::optional<ModelVersion> version_of(const nlohmann::json& document);
std::optional<Run> run_of(const nlohmann::json& document);

// A text member, also when it was written as a number; "" when it is absent or null.
std::string text_of(const nlohmann::json& object, const char* key);
// A whole number, written as a number or as text.
std::optional<std::int64_t> number_of(const nlohmann::json& object, const char* key);

}  // namespace penstock::sources
