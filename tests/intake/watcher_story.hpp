// A watcher over a source that follows a script, with a real store and the routes' real engine.
#pragma once

#include <deque>
#include <fstream>
#include <mutex>

#include "daemon/intake/watcher.hpp"
#include "tests/intake/api_story.hpp"
#include "tests/runtime/folder.hpp"

namespace penstock::intake {

// Tools that these sources do not use.
struct NoHttp : sdk::Http {
  core::Result<sdk::HttpResponse> send(const sdk::HttpRequest&) override {
    return core::Problem{"unreachable", "no network here"};
  }
};
struct NoEndpoints : sdk::Endpoints {
  core::Result<sdk::Endpoint> find(const std::string&) const override {
    return core::Problem{"unknown-endpoint", "there are none"};
  }
};
struct NoClock : sdk::Clock {
  core::Time now() const override { return {}; }
};
struct NoCrypto : sdk::Crypto {
  core::Digest sha256(std::string_view bytes) const override { return runtime::sha256(bytes); }
  std::string hmac_sha256(std::string_view key, std::string_view bytes) const override {
    return runtime::hmac_sha256(key, bytes);
  }
  std::string base64(std::string_view bytes) const override { return runtime::base64(bytes); }
  std::optional<std::string> from_base64(std::string_view text) const override { return runtime::from_base64(text); }
};

// What a source shows, poll by poll; the last answer is repeated. Its calls come from the pool's threads.
struct Script {
  std::mutex mutex;
  std::deque<core::Result<sdk::Poll>> polls;
  std::vector<std::string> cursors;                               // that it was asked with
  std::map<std::string, std::deque<core::Problem>> fetch_faults;  // by version: what goes wrong first
  std::vector<std::string> fetched;
  std::function<void()> on_poll;
  bool throws = false;

  std::size_t polled() {
    const std::lock_guard lock(mutex);
    return cursors.size();
  }
};

class ScriptedSource : public sdk::Source {
 public:
  explicit ScriptedSource(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  core::Result<sdk::Poll> poll(const std::string& cursor, core::Time, sdk::SourceTools&) override {
    std::function<void()> on_poll;
    {
      const std::lock_guard lock(script_->mutex);
      script_->cursors.push_back(cursor);
      on_poll = script_->on_poll;
    }
    if (on_poll) on_poll();
    const std::lock_guard lock(script_->mutex);
    if (script_->throws) throw std::runtime_error("a bug of the source");
    auto answer = script_->polls.front();
    if (script_->polls.size() > 1) script_->polls.pop_front();
    return answer;
  }
  core::Result<void> fetch(const core::Candidate& candidate, const std::filesystem::path& folder, std::uint64_t,
                           core::Time, sdk::SourceTools&) override {
    const std::lock_guard lock(script_->mutex);
    script_->fetched.push_back(candidate.version);
    auto& faults = script_->fetch_faults[candidate.version];
    if (!faults.empty()) {
      auto fault = faults.front();
      faults.pop_front();
      return fault;
    }
    std::ofstream(folder / "model.bin") << "weights of " << candidate.version;
    return {};
  }

 private:
  std::shared_ptr<Script> script_;
};

inline sdk::Sighting sighting(const std::string& version, const std::string& model = "fraud") {
  core::Candidate candidate;
  candidate.model = model;
  candidate.version = version;
  candidate.source = "registry";
  candidate.artifact = core::Artifact{{}, "files/" + version};
  return {candidate, version == "7" ? "mia" : ""};
}

inline sdk::Poll poll_of(std::vector<sdk::Sighting> sightings, std::string cursor, bool more = false) {
  return {std::move(sightings), std::move(cursor), {}, more};
}

struct Watching : ApiStory {
  TestFolder folder;
  std::optional<runtime::ContentStore> store;
  std::shared_ptr<Script> script = std::make_shared<Script>();
  NoHttp http;
  NoEndpoints endpoints;
  NoClock no_clock;
  NoCrypto crypto;
  std::vector<std::string> told;
  std::unique_ptr<Watcher> watcher;

  // The watcher works on `among_daemons` instead, where one is given, and nothing else does.
  explicit Watching(core::Duration interval = 1h, journal::Journal* among_daemons = nullptr) {
    store.emplace(runtime::ContentStore::open(folder / "store").value());
    WatchedSource source;
    source.name = "registry";
    source.interval = interval;
    source.source = std::make_unique<ScriptedSource>(script);
    source.tools.reset(new sdk::SourceTools{http, endpoints, no_clock, crypto, folder.path()});
    std::vector<WatchedSource> sources;
    sources.push_back(std::move(source));
    auto& watched_with = among_daemons != nullptr ? *among_daemons : *journal;
    watcher = std::make_unique<Watcher>(
        Watcher::Parts{context.get_executor(), engine, watched_with, pool, clock, *store, metrics,
                       [](const std::string& model) { return model.starts_with("fraud"); },
                       [this](const std::string& name, const core::Problem& problem) {
                         told.push_back(name + ": " + problem.code);
                       }},
        std::move(sources));
  }
  ~Watching() {
    watcher->stop();
    until_idle();
  }
  // Polls that are under way end; none begins after stop().
  void until_idle() {
    while (context.run_one_for(30ms) > 0) {
    }
  }
  double polls(const char* result) {
    return metrics.value("penstock_polls_total", {{"source", "registry"}, {"result", result}});
  }
  double sightings(const char* result) {
    return metrics.value("penstock_sightings_total", {{"source", "registry"}, {"result", result}});
  }
  void until_polls(const char* result, double count) {
    until([&, count] { return polls(result) >= count; });
  }
  std::string cursor() { return journal->cursor("registry").value().value_or("(none)"); }
};

}  // namespace penstock::intake
