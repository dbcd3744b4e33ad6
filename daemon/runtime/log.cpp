#include "daemon/runtime/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>

#include "daemon/core/words.hpp"

namespace penstock::runtime {
namespace {

constexpr std::size_t shortest_secret = 6;

class Secrets {
 public:
  void add(std::string value) {
    if (value.size() < shortest_secret) return;
    const std::lock_guard lock(mutex_);
    values_.push_back(std::move(value));
  }
  std::string without(std::string text) {
    const std::lock_guard lock(mutex_);
    for (const auto& value : values_)
      for (auto at = text.find(value); at != std::string::npos; at = text.find(value, at))
        text.replace(at, value.size(), "[secret]");
    return text;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> values_;
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
  nlohmann::ordered_json entry{{"time", time}, {"level", name_of(level)}, {"event", event}};
  for (const auto& [key, value] : fields) entry[std::string(key)] = secrets().without(value);
  return entry.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void log_entry(LogLevel level, std::string_view event, const LogFields& fields) {
  if (!logger().should_log(to_spdlog(level))) return;
  const auto now = std::chrono::floor<core::Duration>(std::chrono::system_clock::now());
  logger().log(to_spdlog(level), "{}", log_line(level, event, fields, core::to_text(now)));
}

}  // namespace penstock::runtime
