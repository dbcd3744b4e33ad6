// Date patterns of the JDK's DateTimeFormatter, as ODCS takes them, in terms of the engine.
#pragma once

#include <optional>
#include <string>

namespace penstock::gates::data_contract::worker {

struct DateFormat {
  std::string strptime;  // for try_strptime
  std::string shape;     // a regular expression for the whole text: strptime alone takes too much
};

// Numeric fields of fixed width, month and day names, literals. Nothing for any other pattern letter.
std::optional<DateFormat> translate_date_format(const std::string& pattern);

}  // namespace penstock::gates::data_contract::worker
