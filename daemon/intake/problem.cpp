#include "daemon/intake/problem.hpp"

#include <array>
#include <cctype>

#include "daemon/core/json_writing.hpp"

namespace penstock::intake {
namespace {

struct CodeStatus {
  std::string_view code;
  int status;
};

// Codes of the core and the engine, then those of intake itself.
constexpr std::array code_statuses = {
    CodeStatus{"unknown-promotion", 404},
    CodeStatus{"unknown-candidate", 404},
    CodeStatus{"unknown-lane", 404},
    CodeStatus{"unknown-evidence", 404},
    CodeStatus{"unknown-source", 404},
    CodeStatus{"not-found", 404},
    CodeStatus{"stale-decision", 412},
    CodeStatus{"precondition-required", 428},
    CodeStatus{"not-allowed", 403},
    CodeStatus{"unauthenticated", 401},
    CodeStatus{"too-many-failures", 429},
    CodeStatus{"too-many-requests", 429},
    CodeStatus{"conflict", 409},
    CodeStatus{"duplicate", 409},
    CodeStatus{"invalid-definitions", 400},
    CodeStatus{"invalid-document", 400},
    CodeStatus{"invalid-request", 400},
    CodeStatus{"invalid-json", 400},
    CodeStatus{"malformed-request", 400},
    CodeStatus{"no-policy", 422},
    CodeStatus{"idempotency-mismatch", 422},
    CodeStatus{"too-large", 413},
    CodeStatus{"unsupported-media-type", 415},
    CodeStatus{"journal-full", 507},
    CodeStatus{"journal-failed", 503},
    CodeStatus{"journal-slow", 503},
    CodeStatus{"bad-cursor", 400},
    CodeStatus{"overloaded", 503},
    CodeStatus{"stopping", 503},
    CodeStatus{"not-supported", 501},
    CodeStatus{"disk-full", 507},
};

struct StatusReason {
  int status;
  std::string_view reason;
};

constexpr std::array status_reasons = {
    StatusReason{200, "OK"},
    StatusReason{201, "Created"},
    StatusReason{202, "Accepted"},
    StatusReason{204, "No Content"},
    StatusReason{303, "See Other"},
    StatusReason{304, "Not Modified"},
    StatusReason{400, "Bad Request"},
    StatusReason{401, "Unauthorized"},
    StatusReason{403, "Forbidden"},
    StatusReason{404, "Not Found"},
    StatusReason{405, "Method Not Allowed"},
    StatusReason{408, "Request Timeout"},
    StatusReason{409, "Conflict"},
    StatusReason{410, "Gone"},
    StatusReason{412, "Precondition Failed"},
    StatusReason{413, "Content Too Large"},
    StatusReason{414, "URI Too Long"},
    StatusReason{415, "Unsupported Media Type"},
    StatusReason{417, "Expectation Failed"},
    StatusReason{422, "Unprocessable Content"},
    StatusReason{428, "Precondition Required"},
    StatusReason{429, "Too Many Requests"},
    StatusReason{431, "Request Header Fields Too Large"},
    StatusReason{500, "Internal Server Error"},
    StatusReason{501, "Not Implemented"},
    StatusReason{503, "Service Unavailable"},
    StatusReason{505, "HTTP Version Not Supported"},
    StatusReason{507, "Insufficient Storage"},
};

// "stale-decision" -> "Stale decision": RFC 9457 §3.1.3 wants one title for every problem of a type.
std::string title_of(const std::string& code) {
  std::string title = code;
  for (auto& letter : title)
    if (letter == '-') letter = ' ';
  if (!title.empty()) title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
  return title;
}

}  // namespace

int status_of(std::string_view code) {
  for (const auto& row : code_statuses)
    if (row.code == code) return row.status;
  return 500;
}

std::string reason_of(int status) {
  for (const auto& row : status_reasons)
    if (row.status == status) return std::string(row.reason);
  return "Status " + std::to_string(status);
}

Response json_response(int status, const nlohmann::json& document) {
  Response response;
  response.status = status;
  response.body = core::json_text(document);
  return response;
}

Response problem_response(const core::Problem& problem) { return problem_response(status_of(problem.code), problem); }

Response problem_response(int status, const core::Problem& problem) {
  nlohmann::json body{{"type", problem.code.empty() ? "about:blank" : "/problems/" + problem.code},
                      {"title", problem.code.empty() ? reason_of(status) : title_of(problem.code)},
                      {"status", status},
                      {"detail", problem.message},
                      {"code", problem.code},
                      {"retryable", problem.transient || status == 503 || status == 429}};
  if (!problem.where.empty()) body["where"] = problem.where;
  if (!problem.hint.empty()) body["hint"] = problem.hint;
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  // A message may quote what a caller sent: bytes that are no UTF-8 are replaced.
  response.body = core::json_text(body);
  // RFC 9110 §15.5.2: a 401 must name the scheme to use.
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"penstock\"");
  if (status == 503) response.headers.emplace_back("Retry-After", "2");
  return response;
}

Response refusal_response(const Refusal& refusal) {
  auto response = problem_response(refusal.status, refusal.problem);
  response.headers.insert(response.headers.end(), refusal.headers.begin(), refusal.headers.end());
  return response;
}

void add_request_id(Response& response, const std::string& id) {
  if (response.content_type != "application/problem+json") return;
  if (response.body.size() < 3 || response.body.back() != '}') return;
  response.body.insert(response.body.size() - 1, ",\"request_id\":\"" + id + "\"");
}

}  // namespace penstock::intake
