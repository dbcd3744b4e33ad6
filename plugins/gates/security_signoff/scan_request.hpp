// What the gate asks the scan worker, as JSON on its standard input. The answer is a Report on its standard output and
// exit code 0; anything else is no answer.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "daemon/core/result.hpp"
#include "plugins/gates/security_signoff/scan.hpp"

namespace penstock::gates::security {

struct ScanRequest {
  std::string folder;                                      // absolute
  std::vector<std::pair<std::string, std::string>> allow;  // module and name, beyond the built-in list
  bool allow_code = false;
  std::uint64_t max_file_bytes = 0;
  std::uint64_t max_unpacked_bytes = 0;
};

std::string encode(const ScanRequest& request);
core::Result<ScanRequest> decode_scan_request(const std::string& text);
ScanRules rules_of(const ScanRequest& request);

}  // namespace penstock::gates::security
