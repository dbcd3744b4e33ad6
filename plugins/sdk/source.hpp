// Where candidates appear: a model registry, a git repository, a folder. Polled; hooks only make a poll come sooner.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/candidate.hpp"
#include "plugins/sdk/tools.hpp"

namespace penstock::sdk {

struct SourceTools {
  Http& http;
  Endpoints& endpoints;
  Clock& clock;
  Crypto& crypto;
  std::filesystem::path scratch;  // the source's own folder, kept between polls (a git mirror, …)
};

// A version that a poll found. `candidate.artifact->digest` is empty: Penstock fetches the files and computes it.
struct Sighting {
  core::Candidate candidate;
  std::string submitter;  // who registered or pushed it, as the source names them; empty when it does not say
};

struct Poll {
  std::vector<Sighting> sightings;  // oldest first
  std::string cursor;               // to give to the next poll once all sightings are journalled; opaque
  // Versions that were there but cannot be read (a broken candidate.yaml): told to people, not retried for ever.
  std::vector<core::Problem> problems;
  // There is more: poll again at once.
  bool more = false;
};

// A configured source. Calls block, come one at a time per source, and end by `deadline`.
class Source {
 public:
  virtual ~Source() = default;
  // `cursor` is empty at the very first poll, which starts from what is there then and reports it all.
  virtual core::Result<Poll> poll(const std::string& cursor, core::Time deadline, SourceTools& tools) = 0;
  // Writes the files of a candidate's artifact below `folder`, which is empty. At most `max_bytes` in all.
  virtual core::Result<void> fetch(const core::Candidate& candidate, const std::filesystem::path& folder,
                                   std::uint64_t max_bytes, core::Time deadline, SourceTools& tools) = 0;
};

}  // namespace penstock::sdk
