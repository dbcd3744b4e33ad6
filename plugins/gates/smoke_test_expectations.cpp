#include "plugins/gates/smoke_test_expectations.hpp"

#include <algorithm>

#include "daemon/core/json_text.hpp"
#include "plugins/gates/variables.hpp"

namespace penstock::gates {
namespace {

using core::Detail;
using core::Verdict;
using core::declared::Shape;
using nlohmann::json;

constexpr std::size_t most_shown = 200;

// What is shown of a value: models answer with large arrays.
std::string brief(const json& value) {
  auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() <= most_shown) return text;
  auto end = most_shown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // at a character's start
  return text.substr(0, end) + "…";
}

std::string type_of(const json& value) { return value.is_number_integer() ? "integer" : value.type_name(); }

bool has_type(const json& value, const std::string& type) {
  return type_of(value) == type || (type == "number" && value.is_number());
}

// RFC 6901, and no index that is beyond every array: the library throws for it.
bool is_pointer(const std::string& text) {
  try {
    const json::json_pointer pointer(text);
    for (auto rest = pointer; !rest.empty(); rest.pop_back())
      if (rest.back().size() > 18 && rest.back().find_first_not_of("0123456789") == std::string::npos) return false;
    return true;
  } catch (const json::exception&) {
    return false;
  }
}

Verdict verdict(bool holds) { return holds ? Verdict::passed : Verdict::failed; }

std::vector<Detail> compare_value(const std::string& rule, const JsonExpectation& expected, const json& value,
                                  const std::string& url) {
  std::vector<Detail> details;
  const auto add = [&](bool holds, const std::string& needed) {
    details.push_back({rule, verdict(holds), brief(value), needed, url});
  };
  if (expected.equals) add(value == *expected.equals, brief(*expected.equals));
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
          .optional("equals", &JsonExpectation::equals, "The exact value; may be null, and texts may hold variables.")
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

core::Result<Expectations> fill_in(Expectations expectations, const sdk::GateRequest& request) {
  for (auto& expected : expectations.json) {
    if (!expected.equals) continue;
    const auto filled = fill_in(expected.equals->dump(), request, Escape::json);
    if (!filled) return filled.error();
    expected.equals = json::parse(*filled);
  }
  return expectations;
}

core::Result<void> check(const Expectations& expectations) {
  for (const auto& expected : expectations.json) {
    if (expected.equals)
      if (auto known = check_variables(expected.equals->dump()); !known) return known.error();
    if (!is_pointer(expected.at))
      return core::Problem{
          "invalid-document",
          core::declared::quote(expected.at) + " is no JSON Pointer: write \"\" for the whole document, or /key/0",
          "smoke-test"};
  }
  return {};
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
  const auto body = core::read_json(response.body);
  if (!body) {
    details.push_back({request + "/json", Verdict::failed,
                       std::to_string(response.body.size()) + " bytes: " + body.error().message, "a JSON body", url});
    return details;
  }
  for (const auto& expected : expectations.json) {
    const auto rule = request + "/json" + expected.at;
    // The pointer's syntax was checked when the gate was made.
    const json::json_pointer pointer(expected.at);
    if (!body->contains(pointer)) {
      details.push_back({rule, Verdict::failed, "nothing", "a value", url});
      continue;
    }
    for (auto& detail : compare_value(rule, expected, body->at(pointer), url)) details.push_back(std::move(detail));
  }
  return details;
}

}  // namespace penstock::gates
