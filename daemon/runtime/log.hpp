// One line of JSON per entry on stderr: {"time", "level", "event", …}. Safe from any thread.
//
// Values of secrets that were registered are replaced wherever they stand in an entry; all but printable ASCII is
// escaped, so that nobody can forge a line or play tricks on a terminal.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::runtime {

using LogFields = std::vector<std::pair<std::string_view, std::string>>;

enum class LogLevel { debug, info, warning, error };

// Entries below this level are dropped; `info` at the start.
void set_log_level(LogLevel level);
// From now on `value` never appears in an entry. Shorter than 6 bytes it is not registered: it would blank out ordinary
// words.
void register_secret(std::string value);

// `event` names what happened, in dots and lower case: "delivery.try_later".
void log_entry(LogLevel level, std::string_view event, const LogFields& fields = {});

inline void log_info(std::string_view event, const LogFields& fields = {}) { log_entry(LogLevel::info, event, fields); }
inline void log_warning(std::string_view event, const LogFields& fields = {}) {
  log_entry(LogLevel::warning, event, fields);
}
inline void log_error(std::string_view event, const LogFields& fields = {}) {
  log_entry(LogLevel::error, event, fields);
}

// The line that log_entry writes, without its end.
std::string log_line(LogLevel level, std::string_view event, const LogFields& fields, std::string_view time);

}  // namespace penstock::runtime
