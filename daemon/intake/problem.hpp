// How a Problem becomes an HTTP answer: which status its code means.
#pragma once

#include <string>
#include <string_view>

#include "daemon/intake/http.hpp"

namespace penstock::intake {

// The status of a core::Problem code; 500 for a code that is not in the table, because the caller cannot mend it.
int status_of(std::string_view code);

// The reason phrase of RFC 9110 §15, RFC 6585 and RFC 4918; "Status <n>" for others.
std::string reason_of(int status);

// An answer that ends before a handler ran: the server's own refusals, with a status that the code alone does not tell.
struct Refusal {
  int status = 400;
  core::Problem problem;
  std::vector<std::pair<std::string, std::string>> headers = {};  // "Allow", …
};
Response refusal_response(const Refusal& refusal);

// Adds `request_id` to a body of application/problem+json. `id` must be free of quotes and control characters.
void add_request_id(Response& response, const std::string& id);

}  // namespace penstock::intake
