#include "daemon/sources.hpp"

#include <chrono>
#include <mutex>

namespace penstock {

struct TakingTurns::Turns {
  std::timed_mutex mutex;
};

namespace {

// Waits for the turn until `deadline` at the latest.
core::Result<std::unique_lock<std::timed_mutex>> turn(std::timed_mutex& mutex, core::Time deadline, core::Time now,
                                                      const std::string& source) {
  std::unique_lock lock(mutex, std::max<core::Duration>(deadline - now, core::Duration(0)));
  if (!lock.owns_lock())
    return core::Problem{"timeout", "another call kept the source busy until the deadline", "source " + source,
                         "see in /readyz and in the log what is wrong with this source, then retry", true};
  return lock;
}

}  // namespace

TakingTurns::TakingTurns(std::string name, std::unique_ptr<sdk::Source> source)
    : name_(std::move(name)), source_(std::move(source)), turns_(std::make_unique<Turns>()) {}
TakingTurns::~TakingTurns() = default;

core::Result<sdk::Poll> TakingTurns::poll(const std::string& cursor, core::Time deadline, sdk::SourceTools& tools) {
  const auto lock = turn(turns_->mutex, deadline, tools.clock.now(), name_);
  if (!lock) return lock.error();
  return source_->poll(cursor, deadline, tools);
}

core::Result<void> TakingTurns::fetch(const core::Candidate& candidate, const std::filesystem::path& folder,
                                      std::uint64_t max_bytes, core::Time deadline, sdk::SourceTools& tools) {
  const auto lock = turn(turns_->mutex, deadline, tools.clock.now(), name_);
  if (!lock) return lock.error();
  return source_->fetch(candidate, folder, max_bytes, deadline, tools);
}

core::Result<Sources> make_sources(const Settings& settings, const sdk::Catalog& catalog) {
  Sources sources;
  for (const auto& entry : settings.sources) {
    auto made = sdk::find_kind(catalog.sources, entry.kind)->make(entry.name, entry.with);
    if (!made) return made.error();
    sources.emplace(entry.name, std::make_shared<TakingTurns>(entry.name, std::move(*made)));
  }
  return sources;
}

}  // namespace penstock
