// Pages of a list: how many, from where, and the link to the next one (RFC 8288).
#pragma once

#include <string>

#include "daemon/intake/http.hpp"

namespace penstock::intake {

struct Page {
  int limit = 50;
  std::string after;  // what the journal continues from; empty for the first page
};

// From `limit` (1 to 500) and `cursor`. A cursor is opaque and belongs to the list that gave it (`list` names it).
// Problem "invalid-request".
core::Result<Page> read_page(const Request& request, const std::string& list);
// `Link: </v1/…?…&cursor=…>; rel="next"` with the request's own filters, and the cursor as "next" in the document.
void add_next(Response& response, nlohmann::json& document, const Request& request, const std::string& list,
              const std::string& after);

std::string query_value(const Request& request, const std::string& key);
// RFC 3986: everything but unreserved characters as %XX.
std::string percent_encoded(std::string_view text);

QueryParameter limit_parameter();
QueryParameter cursor_parameter();

}  // namespace penstock::intake
