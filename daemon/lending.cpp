#include "daemon/lending.hpp"

#include <algorithm>

#include "daemon/lent_tools.hpp"

namespace penstock {
namespace {

bool has(const std::vector<sdk::Capability>& needs, sdk::Capability one) {
  return std::find(needs.begin(), needs.end(), one) != needs.end();
}

}  // namespace

struct Lending::Inside {
  explicit Inside(LendingParts the_parts) : parts(std::move(the_parts)), clock(parts.clock) {
    for (const auto& [name, source] : parts.sources) {
      const auto named = parts.source_endpoints.find(name);
      source_endpoints.emplace(
          name, LentEndpoints(parts.endpoints,
                              named == parts.source_endpoints.end() ? std::vector<std::string>() : named->second));
    }
  }
  LendingParts parts;
  runtime::HttpClient http;
  runtime::ChildProcess process;
  std::map<std::string, LentEndpoints> source_endpoints;
  FetchTurns fetch_turns;
  LentClock clock;
  LentCrypto crypto;
  NoHttp no_http;
  NoProcess no_process;
  NoArtifacts no_artifacts;
  NoEndpoints no_endpoints;
  NoFolders no_folders;
};

namespace {

class ToolLease : public sdk::Lease {
 public:
  ToolLease(LentFolders folders, LentArtifacts artifacts, LentEndpoints endpoints)
      : folders_(folders), artifacts_(artifacts), endpoints_(std::move(endpoints)) {}
  sdk::Tools& tools() override { return *tools_; }
  LentFolders& folders() { return folders_; }
  LentArtifacts& artifacts() { return artifacts_; }
  LentEndpoints& endpoints() { return endpoints_; }
  void hold(sdk::Tools tools) { tools_ = std::make_unique<sdk::Tools>(std::move(tools)); }

 private:
  LentFolders folders_;
  LentArtifacts artifacts_;
  LentEndpoints endpoints_;
  std::unique_ptr<sdk::Tools> tools_;
};

}  // namespace

Lending::Lending(LendingParts parts) : inside_(std::make_unique<Inside>(std::move(parts))) {}
Lending::~Lending() = default;
void Lending::end_processes() { inside_->process.end_all(); }

std::unique_ptr<sdk::Lease> Lending::lend(const sdk::Loan& loan, core::Time deadline) {
  auto& in = *inside_;
  auto lease = std::make_unique<ToolLease>(LentFolders(in.parts.folders, in.parts.store),
                                           LentArtifacts(in.parts, *this, in.fetch_turns, deadline),
                                           LentEndpoints(in.parts.endpoints, loan.endpoints));
  const auto lent = [&](sdk::Capability one) { return has(loan.needs, one); };
  using sdk::Capability;
  lease->hold(
      sdk::Tools{lent(Capability::http) ? static_cast<sdk::Http&>(in.http) : in.no_http,
                 lent(Capability::process) ? static_cast<sdk::Process&>(in.process) : in.no_process,
                 lent(Capability::artifacts) ? static_cast<sdk::Artifacts&>(lease->artifacts()) : in.no_artifacts,
                 lent(Capability::endpoints) ? static_cast<sdk::Endpoints&>(lease->endpoints()) : in.no_endpoints,
                 lent(Capability::folders) ? static_cast<sdk::Folders&>(lease->folders()) : in.no_folders,
                 in.clock,
                 in.crypto,
                 {lent(Capability::workers) ? in.parts.workers : std::filesystem::path()}});
  return lease;
}

core::Result<sdk::SourceTools> Lending::for_source(const std::string& name) {
  auto& in = *inside_;
  const auto endpoints = in.source_endpoints.find(name);
  if (endpoints == in.source_endpoints.end())
    return core::Problem{"unknown-source", "the source `" + name + "` is not configured", "penstock.yaml",
                         "configure it under `sources`", false};
  const auto scratch = in.parts.source_scratch / name;
  std::error_code failed;
  std::filesystem::create_directories(scratch, failed);
  if (failed)
    return core::Problem{"unwritable", "the folder for source `" + name + "` cannot be made: " + failed.message(),
                         scratch.string(), "check the data folder", false};
  return sdk::SourceTools{in.http, endpoints->second, in.clock, in.crypto, scratch};
}

}  // namespace penstock
