// What a smoke test expects of one HTTP answer.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/declared.hpp"
#include "daemon/core/verdict.hpp"
#include "plugins/sdk/gate.hpp"

namespace penstock::gates {

// One value inside the JSON body, found by JSON Pointer (RFC 6901). Every member that is set must hold.
struct JsonExpectation {
  std::string at;                        // "/predictions/0"
  std::optional<nlohmann::json> equals;  // text inside it may hold variables
  std::optional<double> minimum;         // for numbers
  std::optional<double> maximum;
  std::string type;                    // string, number, integer, boolean, array, object, null
  std::optional<std::int64_t> length;  // of an array, object or string
  static const core::declared::Shape<JsonExpectation>& shape();
};

struct Expectations {
  std::vector<int> status{200};
  std::vector<JsonExpectation> json;
  core::Duration latency = std::chrono::seconds(10);
  static const core::declared::Shape<Expectations>& shape();
};

// The expectations with the candidate's values in the texts of `equals`. Problem "unknown-variable".
core::Result<Expectations> fill_in(Expectations expectations, const sdk::GateRequest& request);
// For load time: JSON Pointers and variables. Problem "invalid-document" or "unknown-variable".
core::Result<void> check(const Expectations& expectations);

// One Detail per expectation, each named "<request>/<what>".
std::vector<core::Detail> compare(const std::string& request, const Expectations& expectations,
                                  const sdk::HttpResponse& response, const std::string& url);

}  // namespace penstock::gates
