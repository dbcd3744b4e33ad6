#include "plugins/gates/smoke_test_expectations.hpp"

#include <algorithm>

namespace penstock::gates {
namespace {

using core::Detail;
using core::Verdict;
using core::declared::Shape;
using nlohmann::json;

// What is shown of a value: models answer with large arrays.
std::string brief(const json& value) {
  auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > 200) text = text.substr(0, 200) + "…";
  return text;
}

std::string type_of(const json& value) { return value.is_number_integer() ? "integer" : value.type_name(); }

bool has_type(const json& value, const std::string& type) {
  return type_of(value) == type || (type == "number" && value.is_number());
}

Verdict verdict(bool holds) { return holds ? Verdict::passed : Verdict::failed; }

std::vector<Detail> compare_value(const std::string& rule, const JsonExpectation& expected, const json& value,
                                  const std::string& url) {
  std::vector<Detail> details;
  const auto add = [&](bool holds, const std::string& needed) {
    details.push_back({rule, verdict(holds), brief(value), needed, url});
  };
  if (!expected.equals.is_null()) add(value == expected.equals, brief(expected.equals));
  if (expected.minimum)
    add(value.is_number() && value.get<double>() >= *expected.minimum, "at least " + json(*expected.minimum).dump());
  if (expected.maximum)
    add(value.is_number() && value.get<double>() <= *expected.maximum, "at most " + json(*expected.maximum).dump());
  if (!expected.type.empty()) add(has_type(value, expected.type), "a value of type " + expected.type);
  if (expected.length) {
    const auto size = value.is_string() ? value.get_ref<const std::string&>().size() : value.size();
    const bool has_length = value.is_array() || value.is_object() || value.is_string();
    add(has_length && static_cast<std::int64_t>(size) == *expected.length,
        "length " + std::to_string(*expected.length));
  }
  if (details.empty()) add(true, "a value");
  return details;
}

}  // namespace

const Shape<JsonExpectation>& JsonExpectation::shape() {
  static const auto shape =
      Shape<JsonExpectation>("JsonExpectation",
                             "What one value inside the JSON answer must be; without further keys it must be there.")
          .required("at", &JsonExpectation::at, "JSON Pointer (RFC 6901): `/predictions/0`.")
          .optional("equals", &JsonExpectation::equals, "The exact value.")
          .optional("minimum", &JsonExpectation::minimum, "The least number that passes.")
          .optional("maximum", &JsonExpectation::maximum, "The greatest number that passes.")
          .optional("type", &JsonExpectation::type, "Its JSON type.",
                    {.one_of = {"string", "number", "integer", "boolean", "array", "object", "null"}})
          .optional("length", &JsonExpectation::length, "How many items, members or bytes it has.", {.minimum = 0});
  return shape;
}

const Shape<Expectations>& Expectations::shape() {
  static const auto shape =
      Shape<Expectations>("Expectations", "What the answer must be.")
          .optional("status", &Expectations::status, "The status codes that pass.",
                    {.minimum = 100, .maximum = 599, .min_length = 1})
          .optional("json", &Expectations::json, "Values inside the JSON body.")
          .optional("latency", &Expectations::latency, "The longest the whole exchange may take.", {.minimum = 1});
  return shape;
}

std::vector<Detail> compare(const std::string& request, const Expectations& expectations,
                            const sdk::HttpResponse& response, const std::string& url) {
  std::vector<Detail> details;
  std::string codes;
  for (const auto code : expectations.status) codes += (codes.empty() ? "" : ", ") + std::to_string(code);
  const bool status =
      std::find(expectations.status.begin(), expectations.status.end(), response.status) != expectations.status.end();
  details.push_back({request + "/status", verdict(status), std::to_string(response.status), codes, url});
  details.push_back({request + "/latency", verdict(response.took <= expectations.latency), core::to_text(response.took),
                     "at most " + core::to_text(expectations.latency), url});
  if (expectations.json.empty()) return details;
  const auto body = json::parse(response.body, nullptr, false);
  if (body.is_discarded()) {
    details.push_back({request + "/json", Verdict::failed,
                       std::to_string(response.body.size()) + " bytes that are not JSON", "a JSON body", url});
    return details;
  }
  for (const auto& expected : expectations.json) {
    const auto rule = request + "/json" + expected.at;
    // The pointer's syntax was checked when the gate was made.
    const json::json_pointer pointer(expected.at);
    if (!body.contains(pointer)) {
      details.push_back({rule, Verdict::failed, "nothing", "a value", url});
      continue;
    }
    for (auto& detail : compare_value(rule, expected, body.at(pointer), url)) details.push_back(std::move(detail));
  }
  return details;
}

}  // namespace penstock::gates
