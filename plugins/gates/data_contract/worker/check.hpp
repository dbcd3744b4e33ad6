// One thing that a contract demands (or that Penstock demands of every data file), and what came of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace penstock::gates::data_contract::worker {

enum class State {
  passed,       // looked at, met
  warned,       // looked at, not met, and advisory (severity or policy)
  failed,       // looked at, not met
  error,        // not understood: a typing mistake, an impossible combination
  unsupported,  // understood, and not within what Penstock can check
  listed,       // tells a person something; demands nothing of the data
  skipped,      // has nothing to look at, because of a failed check or a policy that is named
};
const char* name_of(State state);

// A quality rule's operator. Percent is of the rows of the object.
struct Threshold {
  std::string operation;  // "mustBe", …
  double low = 0;
  double high = 0;  // of the two between operators
  bool percent = false;
  bool exclusive = false;  // whether mustBeBetween leaves its ends out
};
bool meets(const Threshold& threshold, double measured);
// "at most 5 percent", "between 1 and 10 (both taken in)"
std::string to_text(const Threshold& threshold);

// How a check finds its number.
enum class Measure {
  none,       // its state is known without looking at rows
  rows,       // the rows for which `violates` holds
  keys,       // values of `columns` together that occur more than once
  row_count,  // all rows
};

struct Sample {
  std::int64_t row = 0;  // data rows count from 1
  std::vector<std::optional<std::string>> values;
  std::int64_t occurrences = 0;  // of a repeated key
};

struct Check {
  std::string id;    // "wine/alcohol/maximum": stable as long as the contract is
  std::string kind;  // "required", "maximum", "nullValues", …
  std::string needed;
  std::string severity;   // as the contract says
  std::string dimension;  // likewise
  bool advisory = false;
  State state = State::passed;
  std::string message;  // why, for every state but passed

  Measure measure = Measure::none;
  std::string violates;                // an SQL condition over the view `d`
  std::vector<std::size_t> columns;    // indices into Table::columns, for keys and samples
  std::optional<Threshold> threshold;  // without: nothing may violate

  // Answers.
  std::int64_t count = 0;  // violating rows, keys that repeat, or rows
  std::int64_t of = 0;     // rows looked at
  std::int64_t surplus_rows = 0;
  std::int64_t rows_in_repeated_keys = 0;
  std::vector<Sample> samples;
};

// A check whose state is known at once.
Check fixed(std::string id, std::string kind, State state, std::string needed, std::string message);

// `failed`, or `warned` when the check is advisory.
void violate(Check& check, std::string message);

}  // namespace penstock::gates::data_contract::worker
