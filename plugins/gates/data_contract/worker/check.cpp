#include "plugins/gates/data_contract/worker/check.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

namespace penstock::gates::data_contract::worker {
namespace {

std::string number(double value) {
  const bool whole = std::abs(value) < 1e15 && value == std::trunc(value);
  return whole ? std::to_string(static_cast<std::int64_t>(value)) : nlohmann::json(value).dump();
}

}  // namespace

const char* name_of(State state) {
  switch (state) {
    case State::passed:
      return "passed";
    case State::warned:
      return "warned";
    case State::failed:
      return "failed";
    case State::error:
      return "error";
    case State::unsupported:
      return "unsupported";
    case State::listed:
      return "listed";
    case State::skipped:
      return "skipped";
  }
  return "?";
}

bool meets(const Threshold& threshold, double measured) {
  const auto& operation = threshold.operation;
  if (operation == "mustBe") return measured == threshold.low;
  if (operation == "mustNotBe") return measured != threshold.low;
  if (operation == "mustBeGreaterThan") return measured > threshold.low;
  if (operation == "mustBeGreaterOrEqualTo") return measured >= threshold.low;
  if (operation == "mustBeLessThan") return measured < threshold.low;
  if (operation == "mustBeLessOrEqualTo") return measured <= threshold.low;
  const bool within = threshold.exclusive ? measured > threshold.low && measured < threshold.high
                                          : measured >= threshold.low && measured <= threshold.high;
  if (operation == "mustBeBetween") return within;
  if (operation == "mustNotBeBetween") return !within;
  return false;
}

std::string to_text(const Threshold& threshold) {
  const auto& operation = threshold.operation;
  const auto low = number(threshold.low);
  std::string text;
  if (operation == "mustBe") text = "exactly " + low;
  if (operation == "mustNotBe") text = "anything but " + low;
  if (operation == "mustBeGreaterThan") text = "more than " + low;
  if (operation == "mustBeGreaterOrEqualTo") text = "at least " + low;
  if (operation == "mustBeLessThan") text = "less than " + low;
  if (operation == "mustBeLessOrEqualTo") text = "at most " + low;
  if (operation == "mustBeBetween" || operation == "mustNotBeBetween")
    text = std::string(operation == "mustBeBetween" ? "between " : "not between ") + low + " and " +
           number(threshold.high) + (threshold.exclusive ? " (both left out)" : " (both taken in)");
  return text + (threshold.percent ? " percent" : "");
}

Check fixed(std::string id, std::string kind, State state, std::string needed, std::string message) {
  Check check;
  check.id = std::move(id);
  check.kind = std::move(kind);
  check.state = state;
  check.needed = std::move(needed);
  check.message = std::move(message);
  return check;
}

void violate(Check& check, std::string message) {
  check.state = check.advisory ? State::warned : State::failed;
  check.message = std::move(message);
}

}  // namespace penstock::gates::data_contract::worker
