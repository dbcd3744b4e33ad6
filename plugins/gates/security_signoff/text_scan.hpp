// Text: valid UTF-8 without control characters, and what may hide in it: secrets, code that loaders run, foreign
// addresses.
#pragma once

#include <string_view>

#include "plugins/gates/security_signoff/scan.hpp"

namespace penstock::gates::security {

bool is_text(std::string_view bytes);
// `name` decides which rules of configuration files apply: MLmodel, conda.yaml, requirements.txt, *.json, *.yaml.
void scan_text(Scan& scan, std::string_view text, std::string_view name, const std::string& where);
// Secrets by the prefixes that their issuers give them. Remarks name the kind and the line, never the secret.
void scan_for_secrets(Scan& scan, std::string_view text, const std::string& where);

}  // namespace penstock::gates::security
