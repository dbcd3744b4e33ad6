#include "plugins/gates/security_signoff/scan_request.hpp"

#include <nlohmann/json.hpp>

namespace penstock::gates::security {

std::string encode(const ScanRequest& request) {
  auto allow = nlohmann::json::array();
  for (const auto& [module, name] : request.allow) allow.push_back({{"module", module}, {"name", name}});
  return nlohmann::json{{"request", "penstock-scan/1"},
                        {"folder", request.folder},
                        {"allow", std::move(allow)},
                        {"allow_code", request.allow_code},
                        {"max_file_bytes", request.max_file_bytes},
                        {"max_unpacked_bytes", request.max_unpacked_bytes}}
      .dump();
}

core::Result<ScanRequest> decode_scan_request(const std::string& text) {
  try {
    const auto document = nlohmann::json::parse(text);
    if (document.at("request").get<std::string>() != "penstock-scan/1")
      return core::Problem{"scan-request-unreadable", "the scan request is of another version than this worker",
                           "standard input", "install penstockd and its workers from the same build"};
    ScanRequest request;
    request.folder = document.at("folder").get<std::string>();
    for (const auto& entry : document.at("allow"))
      request.allow.emplace_back(entry.at("module").get<std::string>(), entry.at("name").get<std::string>());
    request.allow_code = document.at("allow_code").get<bool>();
    request.max_file_bytes = document.at("max_file_bytes").get<std::uint64_t>();
    request.max_unpacked_bytes = document.at("max_unpacked_bytes").get<std::uint64_t>();
    return request;
  } catch (const nlohmann::json::exception& error) {
    return core::Problem{"scan-request-unreadable", std::string("the scan request is malformed: ") + error.what(),
                         "standard input", "this program is started by penstockd, not by hand"};
  }
}

ScanRules rules_of(const ScanRequest& request) {
  ScanRules rules;
  for (const auto& [module, name] : request.allow) rules.allow.allow(module, name);
  rules.allow_code = request.allow_code;
  rules.max_file_bytes = request.max_file_bytes;
  rules.max_unpacked_bytes = request.max_unpacked_bytes;
  return rules;
}

}  // namespace penstock::gates::security
