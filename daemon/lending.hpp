// Lends tools to plugins: the real ones where the kind's row in the catalog asks for them, a refusal elsewhere; and of
// the endpoints those that the plugin's configuration names.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "daemon/runtime/child_process.hpp"
#include "daemon/runtime/clock.hpp"
#include "daemon/runtime/content_store.hpp"
#include "daemon/runtime/http_client.hpp"
#include "daemon/sources.hpp"
#include "plugins/sdk/lender.hpp"

namespace penstock {

struct LendingParts {
  runtime::Clock& clock;
  runtime::ContentStore& store;
  const Sources& sources;
  std::map<std::string, std::vector<std::string>> source_endpoints;  // those that each source's configuration names
  std::vector<sdk::Endpoint> endpoints;
  std::map<std::string, std::filesystem::path> folders;  // roots by name: "definitions" and the data roots
  std::filesystem::path workers;                         // where Penstock's worker programs are
  std::filesystem::path source_scratch;                  // one folder per source below it
  std::uint64_t max_artifact_bytes = std::uint64_t{16} << 30;
};

// Safe from any thread.
class Lending : public sdk::Lender {
 public:
  explicit Lending(LendingParts parts);
  ~Lending() override;
  std::unique_ptr<sdk::Lease> lend(const sdk::Loan& loan, core::Time deadline) override;

  // What a source is called with; the folder is made when needed.
  core::Result<sdk::SourceTools> for_source(const std::string& name);

  // Ends every process that was started for a plugin.
  void end_processes();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace penstock
