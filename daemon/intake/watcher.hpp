// Looks at every source, at its interval or as soon as a hook says so, and shows the engine what is there.
//
// Lives on the engine's thread; the sources themselves run in the blocking pool, one call at a time each. A poll that
// fails is tried again after a pause that doubles; it is told in the metrics and in /readyz and never ends the daemon.
// One that cannot begin because the journal cannot be asked fails, too, and is tried again every second.
// Where several daemons share the journal, each source is watched by one of them; the others ask every second whether
// it is free, and pass on the hooks that come to them. A source's cursor is journalled only once every version that the
// poll found is, so a crash or a failure sees them again, never not at all.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/intake/api_parts.hpp"
#include "daemon/runtime/content_store.hpp"
#include "plugins/sdk/source.hpp"

namespace penstock::intake {

struct WatchedSource {
  std::string name;
  core::Duration interval = std::chrono::seconds(60);
  core::Duration poll_within = std::chrono::minutes(2);    // the deadline that a poll is given
  core::Duration fetch_within = std::chrono::minutes(30);  // and that fetching one artifact is given
  std::uint64_t max_artifact_bytes = std::uint64_t{16} << 30;
  std::unique_ptr<sdk::Source> source;
  std::unique_ptr<sdk::SourceTools> tools;
};

// How long a source that has failed `failures` times in a row rests: twice as long each time, from 1 s to 5 minutes,
// and somewhere between half of that and all of it (`random` in 0..1), so that sources that fail together do not return
// together.
core::Duration rest_after(int failures, double random);

class Watcher {
 public:
  struct Parts {
    asio::any_io_executor executor;
    engine::Engine& engine;
    journal::Journal& journal;
    runtime::BlockingPool& pool;
    runtime::Clock& clock;
    runtime::ContentStore& store;
    Metrics& metrics;
    // Whether any policy covers the model: nothing is fetched for one that none covers.
    std::function<bool(const std::string& model)> is_covered;
    // Tells people what a source could not read or do: the log.
    std::function<void(const std::string& source, const core::Problem& problem)> tell;
  };
  Watcher(Parts parts, std::vector<WatchedSource> sources);
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  ~Watcher();

  void start();
  // Asks for a poll now; false when there is no such source. However often it is asked while one poll goes on, one more
  // poll follows. `hook` is named as the trigger of what that poll finds; empty: "poll".
  bool nudge(const std::string& source, const std::string& hook = "");
  // No further poll begins; the executor's run() returns once those under way have ended. Must outlive them.
  void stop();
  std::vector<SourceState> states() const;

 private:
  struct Watched;
  asio::awaitable<void> watch(Watched& watched);
  // Whether this daemon is the one that watches it; a new owner reads the cursor again.
  asio::awaitable<core::Result<bool>> own(Watched& watched);
  asio::awaitable<void> pass_on(std::string source, std::string hook);
  asio::awaitable<core::Result<void>> read_cursor(Watched& watched);
  asio::awaitable<void> rest(Watched& watched, std::chrono::steady_clock::time_point until);
  asio::awaitable<core::Result<bool>> poll(Watched& watched, std::string trigger);
  asio::awaitable<core::Result<void>> take(Watched& watched, const sdk::Sighting& sighting, const std::string& trigger);
  asio::awaitable<core::Result<core::Digest>> fetch(Watched& watched, core::Candidate candidate);
  void note_result(Watched& watched, const core::Problem* problem);
  // What failed here is no failure of the daemon that watches it now.
  void note_watched_elsewhere(Watched& watched);

  Parts parts_;
  bool stopped_ = false;
  std::vector<std::unique_ptr<Watched>> sources_;
};

}  // namespace penstock::intake
