// The executable protocol, version 1: what a program is asked and what it may answer. Told for its writers in
// PROTOCOL.md.
#pragma once

#include <string>

#include "plugins/sdk/gate.hpp"
#include "plugins/sdk/process.hpp"

namespace penstock::sdk::protocol {

inline constexpr const char* name = "penstock.gate/v1";

// The JSON text for stdin. `artifact_path` is empty when the program is given no files.
std::string question(const GateRequest& request, const nlohmann::json& config, const std::string& artifact_path);

// Reads what the program left. Problems (they become `errored`): "gate-crashed" for a signal or an exit status other
// than 0, with the end of stderr; "gate-answer-invalid" for anything but one well-formed answer. Unknown members are
// refused: a misspelt `verdict` must not pass for an answer.
core::Result<GateAnswer> answer(const ProcessResult& result, const std::string& program);

// Reads the answer to --describe: {"protocol": "penstock.gate/v1", "name": "…", "description": "…"}, where the
// description may be left out. Problems as above.
core::Result<void> check_description(const ProcessResult& result, const std::string& program);

}  // namespace penstock::sdk::protocol
