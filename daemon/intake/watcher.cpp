#include "daemon/intake/watcher.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <random>

#include "daemon/intake/watcher_watched.hpp"
#include "daemon/journal/shared.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock::intake {
namespace {

constexpr core::Duration shortest_rest = std::chrono::seconds(1);
constexpr core::Duration longest_rest = std::chrono::minutes(5);
// How long a source that another daemon watches may be without one when that dies.
constexpr core::Duration until_asked_again = std::chrono::seconds(1);

double random_share() {
  static thread_local std::mt19937 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

}  // namespace

core::Duration rest_after(int failures, double random) {
  if (failures <= 0) return core::Duration(0);
  const auto whole = std::min(longest_rest, shortest_rest * (std::int64_t{1} << std::min(failures - 1, 9)));
  const core::Duration half = whole / 2;
  return half + core::Duration(static_cast<core::Duration::rep>(static_cast<double>(half.count()) * random));
}

Watcher::Watcher(Parts parts, std::vector<WatchedSource> sources) : parts_(std::move(parts)) {
  for (auto& source : sources) {
    sources_.push_back(std::make_unique<Watched>(std::move(source), parts_.executor));
    sources_.back()->state.name = sources_.back()->source.name;
  }
}

Watcher::~Watcher() = default;

void Watcher::start() {
  for (auto& watched : sources_) asio::co_spawn(parts_.executor, watch(*watched), asio::detached);
}

bool Watcher::nudge(const std::string& source, const std::string& hook) {
  for (auto& watched : sources_) {
    if (watched->source.name != source) continue;
    if (!watched->owned && parts_.journal.shared() != nullptr) {
      parts_.metrics.add("penstock_nudges_total", {{"source", source}, {"result", "passed_on"}});
      asio::co_spawn(parts_.executor, pass_on(source, hook), asio::detached);
    } else {
      parts_.metrics.add("penstock_nudges_total",
                         {{"source", source}, {"result", watched->nudged ? "joined" : "asked"}});
    }
    if (!watched->nudged) watched->nudged_by = hook;
    watched->nudged = true;
    watched->pause.cancel();
    return true;
  }
  return false;
}

void Watcher::stop() {
  stopped_ = true;
  for (auto& watched : sources_) watched->pause.cancel();
}

std::vector<SourceState> Watcher::states() const {
  std::vector<SourceState> states;
  for (const auto& watched : sources_) states.push_back(watched->state);
  return states;
}

asio::awaitable<core::Result<bool>> Watcher::own(Watched& watched) {
  auto* shared = parts_.journal.shared();
  if (shared == nullptr) co_return true;
  auto ask = [shared, &watched] { return shared->own_source(watched.source.name); };
  const auto owned = co_await parts_.pool.run(ask);
  if (!owned) co_return owned.error();
  if (*owned && !watched.owned) {
    watched.cursor.reset();
    watched.shown.clear();
    runtime::log_info("source.watched_here", {{"source", watched.source.name}});
  }
  watched.owned = *owned;
  co_return *owned;
}

asio::awaitable<void> Watcher::pass_on(std::string source, std::string hook) {
  auto* shared = parts_.journal.shared();
  auto pass = [shared, source, hook] { return shared->pass_nudge(source, hook); };
  const auto passed = co_await parts_.pool.run(std::move(pass));
  // The poll that is due anyway finds what the hook was about.
  if (!passed) parts_.tell(source, passed.error());
}

asio::awaitable<void> Watcher::watch(Watched& watched) {
  while (!stopped_) {
    const auto owned = co_await own(watched);
    if (!owned || !*owned) {
      watched.nudged = false;
      if (owned) {
        note_watched_elsewhere(watched);
      } else {
        const auto problem = owned.error();
        note_result(watched, &problem);
      }
      co_await rest(watched, std::chrono::steady_clock::now() + until_asked_again);
      continue;
    }
    const auto trigger =
        watched.nudged && !watched.nudged_by.empty() ? "hook:" + watched.nudged_by : std::string("poll");
    watched.nudged = false;
    std::optional<core::Problem> problem;
    bool more = false;
    // What a source throws is caught where it is called; what comes this far is a bug of ours, and still must not end
    // the watching.
    try {
      const auto polled = co_await poll(watched, trigger);
      if (polled)
        more = *polled;
      else
        problem = polled.error();
    } catch (const std::exception& error) {
      problem = core::Problem{"watching-broke", std::string("the poll broke: ") + error.what(), "",
                              "report it with the log", true};
    }
    note_result(watched, problem ? &*problem : nullptr);
    if (problem) {
      // Nudges bring a failing source back sooner, and still leave it a moment's rest.
      const auto whole = rest_after(watched.state.failures, random_share());
      const auto firm = std::min(whole, shortest_rest);
      const auto until = std::chrono::steady_clock::now() + firm;
      while (!stopped_ && std::chrono::steady_clock::now() < until) co_await rest(watched, until);
      if (!watched.nudged) co_await rest(watched, until + (whole - firm));
    } else if (!more && !watched.nudged) {
      co_await rest(watched, std::chrono::steady_clock::now() + watched.source.interval);
    }
  }
}

asio::awaitable<void> Watcher::rest(Watched& watched, std::chrono::steady_clock::time_point until) {
  if (stopped_) co_return;
  watched.pause.expires_at(until);
  boost::system::error_code woken;
  co_await watched.pause.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

void Watcher::note_watched_elsewhere(Watched& watched) {
  if (watched.state.failures == 0) return;
  watched.state.failures = 0;
  watched.state.problem_code.clear();
  parts_.metrics.set("penstock_source_failures", {{"source", watched.source.name}}, 0);
}

void Watcher::note_result(Watched& watched, const core::Problem* problem) {
  auto& state = watched.state;
  const auto& name = watched.source.name;
  parts_.metrics.add("penstock_polls_total", {{"source", name}, {"result", problem == nullptr ? "worked" : "failed"}});
  if (problem != nullptr) {
    ++state.failures;
    state.problem_code = problem->code;
    parts_.tell(name, *problem);
  } else {
    state.failures = 0;
    state.problem_code.clear();
    state.last_success = parts_.clock.now();
    parts_.metrics.set("penstock_source_last_success_seconds", {{"source", name}},
                       std::chrono::duration<double>(state.last_success->time_since_epoch()).count());
  }
  parts_.metrics.set("penstock_source_failures", {{"source", name}}, state.failures);
}

}  // namespace penstock::intake
