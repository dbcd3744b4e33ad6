// The configured sources, made from the catalog, each called by one thread at a time.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "plugins/sdk/kinds.hpp"

namespace penstock {

// A poll and a fetch may be wanted at once, by the watcher and by a gate: they take turns here.
class TakingTurns : public sdk::Source {
 public:
  explicit TakingTurns(std::unique_ptr<sdk::Source> source);
  ~TakingTurns() override;
  core::Result<sdk::Poll> poll(const std::string& cursor, core::Time deadline, sdk::SourceTools& tools) override;
  core::Result<void> fetch(const core::Candidate& candidate, const std::filesystem::path& folder,
                           std::uint64_t max_bytes, core::Time deadline, sdk::SourceTools& tools) override;

 private:
  struct Turns;
  std::unique_ptr<sdk::Source> source_;
  std::unique_ptr<Turns> turns_;
};

using Sources = std::map<std::string, std::unique_ptr<sdk::Source>>;

}  // namespace penstock
