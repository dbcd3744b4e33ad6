#include "daemon/runtime/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "daemon/core/words.hpp"

namespace penstock::runtime {
namespace {

constexpr std::size_t shortest_secret = 6;

class Secrets {
 public:
  void add(std::string value) {
    if (value.size() < shortest_secret) return;
    const std::lock_guard lock(mutex_);
    values_.insert(std::move(value));
  }
  std::string without(std::string text) const {
    const std::lock_guard lock(mutex_);
    for (const auto& value : values_)
      for (auto at = text.find(value); at != std::string::npos; at = text.find(value, at + replacement.size()))
        text.replace(at, value.size(), replacement);
    return text;
  }

 private:
  // Longer ones first: of a secret that holds another, nothing may be left.
  struct LongerFirst {
    bool operator()(const std::string& left, const std::string& right) const {
      return left.size() != right.size() ? left.size() > right.size() : left < right;
    }
  };
  static constexpr std::string_view replacement = "[***]";
  static_assert(replacement.size() < shortest_secret, "or a secret could stand in the replacement of another");
  mutable std::mutex mutex_;
  std::set<std::string, LongerFirst> values_;
};

Secrets& secrets() {
  static Secrets registered;
  return registered;
}

spdlog::logger& logger() {
  static const auto stderr_logger = [] {
    auto made = std::make_shared<spdlog::logger>("penstock", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *stderr_logger;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

const char* name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

}  // namespace

void set_log_level(LogLevel level) { logger().set_level(to_spdlog(level)); }

void register_secret(std::string value) { secrets().add(std::move(value)); }

std::string log_line(LogLevel level, std::string_view event, const LogFields& fields, std::string_view time) {
  nlohmann::ordered_json entry{
      {"time", time}, {"level", name_of(level)}, {"event", secrets().without(std::string(event))}};
  for (const auto& [key, value] : fields) {
    // A field must not pass itself off as one of the three above, nor hide one that came before.
    const std::string name(key);
    entry[entry.contains(name) ? name + "_" : name] = secrets().without(value);
  }
  // ASCII only: terminals act on more characters than the ones below the space.
  return entry.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

void log_entry(LogLevel level, std::string_view event, const LogFields& fields) {
  if (!logger().should_log(to_spdlog(level))) return;
  const auto now = std::chrono::floor<core::Duration>(std::chrono::system_clock::now());
  logger().log(to_spdlog(level), "{}", log_line(level, event, fields, core::to_text(now)));
}

}  // namespace penstock::runtime
