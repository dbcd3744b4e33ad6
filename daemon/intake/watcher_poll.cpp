// One poll: what the source shows is fetched, shown to the engine, and only then passed by.
#include "daemon/intake/watcher.hpp"
#include "daemon/intake/watcher_watched.hpp"

namespace penstock::intake {
namespace {

// Sources are plugins: what one throws is its failure, not ours.
template <class Work>
auto guarded(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const core::ProblemError& error) {
    return error.problem();
  } catch (const std::exception& error) {
    return core::Problem{"source-broke", std::string("the source broke: ") + error.what(), "",
                         "report it to the source's makers", true};
  }
}

// Nothing about the version itself is wrong: a full disk, too, is somebody else's to mend.
bool is_passing(const core::Problem& problem) { return problem.transient || problem.code == "store-full"; }

}  // namespace

asio::awaitable<core::Result<void>> Watcher::read_cursor(Watched& watched) {
  auto* journal = &parts_.journal;
  auto read = [journal, &watched] { return journal->cursor(watched.source.name); };
  auto stored = co_await parts_.pool.run(read);
  if (!stored) co_return stored.error();
  watched.cursor = stored->value_or("");
  co_return core::Result<void>();
}

asio::awaitable<core::Result<bool>> Watcher::poll(Watched& watched, std::string trigger) {
  if (!watched.cursor) {
    const auto read = co_await read_cursor(watched);
    if (!read) co_return read.error();
  }
  const auto& name = watched.source.name;
  const auto deadline = parts_.clock.now() + watched.source.poll_within;
  auto look = [&watched, deadline] {
    return guarded([&] { return watched.source.source->poll(*watched.cursor, deadline, *watched.source.tools); });
  };
  const auto polled = co_await parts_.pool.run(look);
  if (!polled) co_return polled.error();
  for (const auto& problem : polled->problems) {
    parts_.metrics.add("penstock_source_problems_total", {{"source", name}, {"problem", problem.code}});
    parts_.tell(name, problem);
  }
  std::optional<core::Problem> again;
  for (const auto& sighting : polled->sightings) {
    if (stopped_) co_return false;
    const auto taken = co_await take(watched, sighting, trigger);
    if (!taken) again = taken.error();
  }
  // The cursor stays, so that the next poll shows again what could not be taken.
  if (again) co_return *again;
  const bool moved = polled->cursor != *watched.cursor;
  if (moved) {
    const auto kept = co_await parts_.engine.set_cursor(name, polled->cursor);
    if (!kept) co_return kept.error();
    watched.cursor = polled->cursor;
  }
  if (moved) watched.shown.clear();
  // A source that promises more without getting on would be asked for ever.
  co_return polled->more&& moved;
}

// An error means: not taken, show it again. What can never be taken is told and passed by.
asio::awaitable<core::Result<void>> Watcher::take(Watched& watched, const sdk::Sighting& sighting,
                                                  const std::string& trigger) {
  const auto& name = watched.source.name;
  const auto count = [&](const char* result) {
    parts_.metrics.add("penstock_sightings_total", {{"source", name}, {"result", result}});
  };
  auto candidate = sighting.candidate;
  const auto what = candidate.model + " " + candidate.version;
  const auto memo = core::canonical_bytes(candidate);
  if (watched.shown.contains(memo)) co_return core::Result<void>();
  if (!parts_.is_covered(candidate.model)) {
    count("not_covered");
    watched.shown.insert(memo);
    co_return core::Result<void>();
  }
  if (candidate.artifact) {
    auto fetched = co_await fetch(watched, candidate);
    if (!fetched) {
      auto problem = fetched.error();
      problem.message = "the files of " + what + " could not be fetched: " + problem.message;
      if (is_passing(problem)) {
        count("fetch_failed");
        co_return problem;
      }
      count("refused");
      parts_.tell(name, problem);
      watched.shown.insert(memo);
      co_return core::Result<void>();
    }
    candidate.artifact->digest = *fetched;
  }
  engine::SeenCandidate seen;
  seen.candidate = std::move(candidate);
  seen.submitter = sighting.submitter.empty() ? "source:" + name : sighting.submitter;
  seen.trigger = trigger;
  const auto outcome = co_await parts_.engine.see(std::move(seen));
  if (!outcome) {
    if (outcome.error().code != "no-policy") co_return outcome.error();
    count("not_covered");
  } else {
    count(outcome->created ? "new" : "known");
  }
  watched.shown.insert(memo);
  co_return core::Result<void>();
}

asio::awaitable<core::Result<core::Digest>> Watcher::fetch(Watched& watched, core::Candidate candidate) {
  const auto deadline = parts_.clock.now() + watched.source.fetch_within;
  auto* store = &parts_.store;
  auto work = [&watched, store, deadline, candidate = std::move(candidate)]() -> core::Result<core::Digest> {
    const auto& source = watched.source;
    const auto fill = [&](const std::filesystem::path& folder) -> core::Result<void> {
      return source.source->fetch(candidate, folder, source.max_artifact_bytes, deadline, *source.tools);
    };
    std::optional<core::Digest> expected;
    if (!candidate.artifact->digest.empty()) expected = candidate.artifact->digest;
    runtime::TreeLimits limits;
    limits.max_bytes = source.max_artifact_bytes;
    return guarded([&] { return store->put_tree(fill, expected, limits); });
  };
  co_return co_await parts_.pool.run(std::move(work));
}

}  // namespace penstock::intake
