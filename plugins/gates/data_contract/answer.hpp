// From the worker's report to the gate's answer.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "plugins/gates/data_contract/locate.hpp"

namespace penstock::gates::data_contract {

// Problem "nonsense" when the report does not have the worker's form.
core::Result<sdk::GateAnswer> answer_of(const nlohmann::json& report, const Settings& settings, const Located& contract,
                                        const Located& data);

// When the candidate does not bring what the gate is about.
sdk::GateAnswer answer_without(const Located& contract, const Located& data);

}  // namespace penstock::gates::data_contract
