// The configured sources, made from the catalog, each called by one thread at a time.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "daemon/settings.hpp"
#include "plugins/sdk/kinds.hpp"

namespace penstock {

// A poll and a fetch may be wanted at once, by the watcher and by a gate: they take turns here.
class TakingTurns : public sdk::Source {
 public:
  TakingTurns(std::string name, std::unique_ptr<sdk::Source> source);
  ~TakingTurns() override;
  core::Result<sdk::Poll> poll(const std::string& cursor, core::Time deadline, sdk::SourceTools& tools) override;
  core::Result<void> fetch(const core::Candidate& candidate, const std::filesystem::path& folder,
                           std::uint64_t max_bytes, core::Time deadline, sdk::SourceTools& tools) override;

 private:
  struct Turns;
  std::string name_;
  std::unique_ptr<sdk::Source> source_;
  std::unique_ptr<Turns> turns_;
};

// Gates fetch through them, the watcher polls them: they are shared.
using Sources = std::map<std::string, std::shared_ptr<sdk::Source>>;

// A source for one who wants to own it: calls go to the shared one.
class SharedSource : public sdk::Source {
 public:
  explicit SharedSource(std::shared_ptr<sdk::Source> source) : source_(std::move(source)) {}
  core::Result<sdk::Poll> poll(const std::string& cursor, core::Time deadline, sdk::SourceTools& tools) override {
    return source_->poll(cursor, deadline, tools);
  }
  core::Result<void> fetch(const core::Candidate& candidate, const std::filesystem::path& folder,
                           std::uint64_t max_bytes, core::Time deadline, sdk::SourceTools& tools) override {
    return source_->fetch(candidate, folder, max_bytes, deadline, tools);
  }

 private:
  std::shared_ptr<sdk::Source> source_;
};
// Problems of the sources' kinds, which the settings were checked for.
core::Result<Sources> make_sources(const Settings& settings, const sdk::Catalog& catalog);

}  // namespace penstock
