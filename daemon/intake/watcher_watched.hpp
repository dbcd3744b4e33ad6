// A source and how its watching goes. Internal to the watcher.
#pragma once

#include <set>

#include "daemon/intake/watcher.hpp"

namespace penstock::intake {

struct Watcher::Watched {
  Watched(WatchedSource given, const asio::any_io_executor& executor) : source(std::move(given)), pause(executor) {}

  WatchedSource source;
  asio::steady_timer pause;
  std::optional<std::string> cursor;  // nothing until it was read from the journal
  bool owned = false;
  bool nudged = false;
  std::string nudged_by;
  SourceState state;
  // Sightings that were shown to the engine since the cursor last moved: a poll that is repeated because of one that
  // could not be fetched does not fetch the others again.
  std::set<std::string> shown;
};

}  // namespace penstock::intake
