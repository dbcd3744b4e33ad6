// How answers of the daemon are shown to a person.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/cli/client.hpp"
#include "daemon/core/verdict.hpp"

namespace penstock::cli {

struct Output {
  bool json = false;  // -o json: exactly what the daemon answered
};

// The text member `key`, or "".
std::string text_of(const nlohmann::json& document, const char* key);
// "prm_…  fraud 7 in production  checking: waits for …".
std::string line_of(const nlohmann::json& promotion);
// The array member `key`, or an empty one.
nlohmann::json list_of(const nlohmann::json& document, const char* key);
// When deliveries are open and close, as the daemon says it: one line, or "".
std::string window_text(const nlohmann::json& document);
// The whole promotion: phase, wait, each gate, approvals, deliveries.
std::string page_of(const nlohmann::json& promotion);
// A finding: its verdict, and everything that did not pass.
std::string finding_text(const core::Finding& finding);
// An answer that is no refusal goes to stdout, as JSON or by `text`, and why nothing changed to stderr. Gives the exit
// status, that of a refusal too.
Exit show(const core::Result<Answer>& answer, Output output,
          const std::function<std::string(const nlohmann::json&)>& text);
// Prints the problem to stderr and gives its exit status.
Exit fail(const core::Problem& problem);
Exit fail(const Answer& answer);
// The exit status that a promotion's phase stands for; `pending` while it is under way.
Exit exit_of_phase(const std::string& phase);

}  // namespace penstock::cli
