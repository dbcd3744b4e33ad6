#include "daemon/loading.hpp"

#include <unistd.h>

#include <array>
#include <filesystem>

#include "daemon/journal/postgres.hpp"
#include "daemon/journal/sqlite.hpp"
#include "daemon/runtime/digest.hpp"
#include "daemon/runtime/time_zones.hpp"

namespace penstock {
namespace fs = std::filesystem;
namespace {

using core::declared::Faults;

constexpr core::Duration verify_within = std::chrono::seconds(30);

// The kind of each endpoint, by name.
core::declared::EndpointKinds kinds_of_endpoints(const Settings& settings) {
  core::declared::EndpointKinds kinds;
  for (const auto& endpoint : settings.endpoints) kinds[endpoint.name] = std::string(core::name_of(endpoint.kind));
  return kinds;
}

// The kind of each source, its own keys, and the endpoints that they name.
void check_sources(const Settings& settings, const sdk::Catalog& catalog, Faults& faults) {
  for (std::size_t i = 0; i < settings.sources.size(); ++i) {
    const auto& entry = settings.sources[i];
    const auto path = "sources[" + std::to_string(i) + "]";
    const auto* kind = sdk::find_kind(catalog.sources, entry.kind);
    if (kind == nullptr) {
      std::string known;
      for (const auto& row : catalog.sources) known += (known.empty() ? "" : ", ") + row.kind;
      faults.push_back(
          {entry.kind_mark, path + ".kind", "there is no source of the kind `" + entry.kind + "`; there are " + known});
      continue;
    }
    const auto before = faults.size();
    kind->configuration.check(entry.written_with, path + ".with", faults);
    core::declared::check_endpoints(kind->configuration.endpoints(entry.written_with, path + ".with"),
                                    kinds_of_endpoints(settings), faults);
    if (faults.size() != before) continue;
    if (const auto made = kind->make(entry.name, entry.with); !made)
      faults.push_back({entry.written_with.mark, path + ".with", core::to_text(made.error())});
  }
}

// Of the stages, the watch and the way back.
std::vector<core::GateSpec> gates_of(const core::Policy& policy) {
  std::vector<core::GateSpec> gates;
  const auto add = [&gates](const std::vector<core::GateSpec>& more) {
    gates.insert(gates.end(), more.begin(), more.end());
  };
  for (const auto* stages : {&policy.stages, &policy.rollback.stages})
    for (const auto& stage : *stages) add(stage.gates);
  if (policy.watch) add(policy.watch->gates);
  return gates;
}

}  // namespace

std::vector<std::shared_ptr<const core::Policy>> Policies::covering(const std::string& model) const {
  return definitions::policies_for(policies_, model);
}

std::vector<core::Problem> Policies::verify(const sdk::Catalog& catalog, sdk::Lender& lender,
                                            const runtime::Clock& clock) const {
  std::vector<core::Problem> problems;
  for (const auto& policy : policies_)
    for (const auto& gate : gates_of(*policy)) {
      const auto* kind = sdk::find_kind(catalog.gates, gate.kind);
      if (kind == nullptr || !kind->verify) continue;
      const auto lease = lender.lend(sdk::loan_for(*kind, gate.with), clock.now() + verify_within);
      auto verified = kind->verify(gate.with, lease->tools());
      if (verified) continue;
      auto problem = verified.error();
      problem.message = "the gate " + gate.name + " of policy " + policy->name + " cannot be used: " + problem.message;
      problems.push_back(std::move(problem));
    }
  return problems;
}

definitions::Kinds kinds_of(const sdk::Catalog& catalog) {
  definitions::Kinds kinds;
  for (const auto& row : catalog.gates)
    kinds.gates[row.kind] = {row.description, row.configuration,
                             [&row](const nlohmann::json& with) -> core::Result<void> {
                               if (const auto made = row.make(with); !made) return made.error();
                               return core::Result<void>();
                             },
                             row.proves_integrity};
  for (const auto& row : catalog.deliveries)
    kinds.deliveries[row.kind] = {row.description, row.configuration,
                                  [&row](const nlohmann::json& with) -> core::Result<void> {
                                    if (const auto made = row.make(with); !made) return made.error();
                                    return core::Result<void>();
                                  }};
  return kinds;
}

std::map<std::string, int> people_in_groups(const Settings& settings) {
  std::map<std::string, int> count;
  for (const auto& person : settings.people)
    for (const auto& group : person.groups) ++count[group];
  return count;
}

definitions::Options options_for(const std::string& folder, const sdk::Catalog& catalog) {
  definitions::Options options;
  options.kinds = kinds_of(catalog);
  options.sha256 = runtime::sha256;
  options.zones = std::make_shared<const runtime::TimeZones>();
  if (catalog.last_author)
    options.last_editor = [folder, last_author = catalog.last_author](const definitions::File& file) {
      return last_author(fs::path(folder) / file.name, file.text);
    };
  return options;
}

namespace {

definitions::Options options_of_daemon(const Settings& settings, const core::Semaphores& semaphores,
                                       const sdk::Catalog& catalog) {
  auto options = options_for(settings.definitions, catalog);
  options.people_in_group = people_in_groups(settings);
  options.endpoints = kinds_of_endpoints(settings);
  options.semaphores = semaphores;
  options.acknowledgers = acknowledgers_of(settings.audit);
  return options;
}

}  // namespace

LoadedDefinitions load_definitions(const Settings& settings, const core::Semaphores& semaphores,
                                   const sdk::Catalog& catalog) {
  auto options = options_of_daemon(settings, semaphores, catalog);
  options.editor_unknown = definitions::Severity::error;
  auto read = definitions::load(settings.definitions, options);
  LoadedDefinitions loaded{{}, std::move(read.lints), false};
  loaded.policies = Policies(std::move(read));
  loaded.good = !definitions::has_errors(loaded.lints);
  for (auto& lint : loaded.lints) lint.file = (fs::path(settings.definitions) / lint.file).string();
  return loaded;
}

definitions::Loaded load_beside(const std::vector<definitions::File>& gate_files,
                                const std::vector<definitions::File>& files, const Settings& settings,
                                const core::Semaphores& semaphores, const sdk::Catalog& catalog) {
  auto options = options_of_daemon(settings, semaphores, catalog);
  options.last_editor = nullptr;
  return definitions::load_beside(gate_files, files, options);
}

LoadedAll load(const std::string& settings_file, const sdk::Catalog& catalog) {
  LoadedAll all;
  Faults faults;
  all.settings = read_settings(settings_file, faults);
  if (faults.empty()) check_sources(all.settings, catalog, faults);
  definitions::add_faults(faults, settings_file, all.lints);
  if (!faults.empty()) return all;
  auto loaded = load_definitions(all.settings, all.settings.semaphores, catalog);
  all.lints.insert(all.lints.end(), std::make_move_iterator(loaded.lints.begin()),
                   std::make_move_iterator(loaded.lints.end()));
  all.good = loaded.good;
  all.policies = std::move(loaded.policies);
  return all;
}

core::Result<std::unique_ptr<journal::Journal>> open_journal(const Settings& settings, journal::Post post,
                                                             std::function<void(const core::Problem&)> fenced,
                                                             std::function<void(const core::Problem&)> closed) {
  std::error_code failed;
  fs::create_directories(settings.data, failed);
  if (failed)
    return core::Problem{"unwritable", "the data folder cannot be made: " + failed.message(), settings.data,
                         "check `data` in the settings"};
  if (settings.journal) {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    const auto name = std::string(host.data()) + " " + settings.listen + " process " + std::to_string(::getpid());
    return journal::open_postgres(
        {settings.journal->connection, settings.journal->schema, name, settings.journal->lease, std::move(fenced)},
        std::move(post));
  }
  journal::SqliteOptions options;
  options.max_bytes = settings.limits.journal_mb << 20;
  journal::SqliteCare care;
  care.closed = std::move(closed);
  return journal::open_sqlite((fs::path(settings.data) / "journal.db").string(), std::move(post), options,
                              std::move(care));
}

LendingParts lending_parts(const Settings& settings, runtime::Clock& clock, runtime::ContentStore& store,
                           const Sources& sources, const sdk::Catalog& catalog) {
  auto workers = fs::path(settings.workers);
  if (workers.empty()) {
    std::error_code failed;
    workers = fs::read_symlink("/proc/self/exe", failed).parent_path();
  }
  std::map<std::string, fs::path> folders{{"definitions", settings.definitions}};
  for (const auto& [name, root] : settings.data_roots) folders[name] = root;
  std::map<std::string, std::vector<std::string>> source_endpoints;
  for (const auto& source : settings.sources)
    if (const auto* kind = sdk::find_kind(catalog.sources, source.kind))
      for (auto& use : kind->configuration.endpoints(core::declared::value_of_json(source.with), ""))
        source_endpoints[source.name].push_back(std::move(use.name));
  return {clock,
          store,
          sources,
          std::move(source_endpoints),
          settings.resolved_endpoints,
          std::move(folders),
          workers,
          fs::path(settings.data) / "sources",
          static_cast<std::uint64_t>(settings.limits.artifact_mb) << 20};
}

}  // namespace penstock
