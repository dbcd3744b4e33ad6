// What the readers and writers of stored documents share. Internal to the core's codec.
#pragma once

#include <nlohmann/json.hpp>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::core {

// Times that the journal keeps are milliseconds: exact, short, and quick to read.
inline std::int64_t number_of(Time time) { return time.time_since_epoch().count(); }
inline Time time_at(const nlohmann::json& document, const char* key) {
  return Time(Duration(document.value(key, std::int64_t{0})));
}

// Stored documents are what encode() wrote, so anything else is damage, and said once, here.
template <class Decode>
auto guarded(const std::string& document, const char* what, Decode decode_it)
    -> Result<decltype(decode_it(nlohmann::json()))> {
  const auto damaged = [&](const std::string& why) {
    return Problem{"journal-damaged", std::string("a stored ") + what + " cannot be read: " + why, "",
                   "restore the journal from a backup", false};
  };
  try {
    return decode_it(nlohmann::json::parse(document));
  } catch (const ProblemError& error) {
    return damaged(error.problem().message);
  } catch (const std::exception& error) {
    return damaged(error.what());
  }
}

}  // namespace penstock::core
