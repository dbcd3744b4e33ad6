// What a route sees of HTTP: a request that was checked and read, and the answer to give.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::intake {

namespace asio = boost::asio;

// Who calls. Nobody is anonymous on a route that needs a caller.
struct Caller {
  std::string name;
  bool person = false;  // false: a service; services never approve
  std::vector<std::string> groups;
  // Other names under which this person's work appears ("alice@example.com"), to tell an author from an approver.
  std::vector<std::string> aliases = {};
};

struct Request {
  std::string method;
  std::string path;                          // decoded, without the query
  std::map<std::string, std::string> query;  // decoded; a key given twice is refused before a route sees it
  // Names in lower case; a snapshot taken before the body was read, so that trailers cannot add to it.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;                               // the raw bytes
  std::map<std::string, std::string> parameters;  // from the path template: {id} -> parameters["id"]
  std::string remote;                             // the peer's address
  std::optional<Caller> caller;                   // set when the route asks for one

  std::string header(const std::string& name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
};

// Writes the body of a streamed answer piece by piece; false once the peer has gone or the daemon stops.
using WriteChunk = std::function<asio::awaitable<bool>(std::string)>;

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // When set, `body` is not used: the stream is run until it returns, then the connection is closed.
  std::function<asio::awaitable<void>(WriteChunk)> stream;
};

Response json_response(int status, const nlohmann::json& document);
// application/problem+json (RFC 9457). The status follows from the problem's code: see problem.cpp for the table.
Response problem_response(const core::Problem& problem);
Response problem_response(int status, const core::Problem& problem);

enum class Access {
  open,    // anybody: health, metrics, the API's description
  caller,  // a bearer token of a person or a service
  person,  // a bearer token of a person
  hook,    // the route itself verifies a signature over the raw body
};

struct QueryParameter {
  std::string name;
  std::string description;
  nlohmann::json schema = {{"type", "string"}};
};

// One row of the route table: the server, the OpenAPI document and its test all come from it.
struct Route {
  std::string method;     // "GET"
  std::string path;       // "/v1/promotions/{id}"
  std::string operation;  // "getPromotion": unique
  std::string summary;    // one line
  Access access = Access::caller;
  std::vector<QueryParameter> query;         // any other query key is refused with 400
  std::vector<std::string> request_headers;  // documented ones: "If-Match", "Idempotency-Key"
  nlohmann::json request_schema;             // null: takes no body, and a body is refused
  std::map<int, std::string> answers;        // status -> meaning, the good ones and the route's own refusals
  nlohmann::json answer_schema{};            // of a 200 in JSON; null: it is told in words only
  std::size_t max_body = 1 << 20;            // bytes
  std::function<asio::awaitable<Response>(Request)> handler;
};

using Routes = std::vector<Route>;

}  // namespace penstock::intake
