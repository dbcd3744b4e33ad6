// JSON and YAML that loaders obey: keys that make them import or call what an artifact brings along.
#pragma once

#include "plugins/gates/security_signoff/scan.hpp"

namespace penstock::gates::security {

void scan_configuration(Scan& scan, std::string_view text, const std::string& where);

}  // namespace penstock::gates::security
