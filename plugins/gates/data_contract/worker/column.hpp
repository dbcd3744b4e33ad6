// How a column's cells become values of its logical type, in SQL.
//
// Text (every CSV cell) has the type when it is written so: integer `[+-]?digits` within 128 bits; number a decimal
// with an optional exponent, finite, compared as IEEE 754 double; boolean `true` or `false` in any case; date
// `YYYY-MM-DD`; timestamp ISO 8601 with `T` or a space, seconds and offset optional, UTC when there is none; time
// `HH:MM[:SS[.f]]`. A date `format` replaces the written form. A Parquet column has the type when its own type fits;
// NaN and infinities are no numbers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plugins/gates/data_contract/worker/contract.hpp"

namespace penstock::gates::data_contract::worker {

struct Column {
  std::string name;  // in the data
  LogicalType type = LogicalType::none;
  bool legacy_date = false;
  bool sensitive = false;
  bool present = false;
  std::string date_format;  // JDK pattern, empty: ISO 8601
  std::string native;       // the engine's type; empty for CSV
  bool fits = true;         // whether the native type is one of the logical type's
  std::string raw;          // names in the view `d`: the cell as it is,
  std::string value;        // as its logical type, NULL when it is not of it,
  std::string key;          // and as two cells are compared for being the same
};

// Whether a Parquet column of this type can hold the logical type.
bool type_fits(const Column& column);

// SQL that reads the text expression as the column's type; NULL when it is not.
std::string parse_text(const Column& column, const std::string& expression);

// Sets raw, value and key, and gives "expression AS r0, expression AS v0" for the view; `cell` is the stored cell.
std::string define(Column& column, std::size_t index, const std::string& cell);

// An SQL literal of the column's type for a value of the contract; `why` tells what is wrong with it. Texts of dates
// and times are not looked at: the caller tries the literal, which is NULL when it is none.
std::optional<std::string> literal(const Column& column, const Value& value, std::string& why);

}  // namespace penstock::gates::data_contract::worker
