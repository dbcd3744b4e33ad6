#include "daemon/cli/gate_test.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "daemon/cli/json_file.hpp"
#include "daemon/cli/print.hpp"
#include "daemon/gating/evidence.hpp"
#include "daemon/loading.hpp"
#include "daemon/runtime/digest.hpp"
#include "daemon/runtime/tree.hpp"
#include "plugins/catalog.hpp"

namespace penstock::cli {
namespace fs = std::filesystem;
namespace {

constexpr const char* source_name = "gate-test";

// The sample's files, as a source gives them: copied from a folder, links refused by the store.
class SampleFolder : public sdk::Source {
 public:
  explicit SampleFolder(fs::path folder) : folder_(std::move(folder)) {}
  core::Result<sdk::Poll> poll(const std::string&, core::Time, sdk::SourceTools&) override { return sdk::Poll{}; }
  core::Result<void> fetch(const core::Candidate&, const fs::path& folder, std::uint64_t, core::Time,
                           sdk::SourceTools&) override {
    std::error_code failed;
    fs::copy(folder_, folder, fs::copy_options::recursive | fs::copy_options::copy_symlinks, failed);
    if (failed)
      return core::Problem{"usage", "the sample's files cannot be copied: " + failed.message(), folder_.string()};
    return core::Result<void>();
  }

 private:
  fs::path folder_;
};

// A folder of its own below the system's temporary one, removed at the end.
class Workplace {
 public:
  Workplace() {
    auto name = (fs::temp_directory_path() / "penstock-gate-test-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Workplace() {
    if (!path_.empty()) runtime::remove_tree(path_);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

core::Result<core::Candidate> read_candidate(const std::string& file) {
  const auto document = read_json_file(file);
  if (!document) return document.error();
  auto candidate = core::candidate_from_json(*document);
  if (!candidate) return core::Problem{"usage", candidate.error().message, file};
  return candidate;
}

core::Result<core::GateSpec> find_gate(const GateTestOptions& options) {
  const auto loaded = definitions::load(options.definitions, options_for(options.definitions, plugins::catalog()));
  for (const auto& lint : loaded.lints)
    if (lint.severity == definitions::Severity::error)
      std::cerr << (fs::path(options.definitions) / to_text(lint)).string() << "\n";
  if (!loaded.usable()) return core::Problem{"usage", "the gate definitions have problems", options.definitions};
  std::vector<std::string> names;
  for (const auto& definition : loaded.gates) {
    if (definition.name == options.gate) return definition.gate;
    names.push_back(definition.name);
  }
  const auto near = core::declared::nearest(options.gate, names);
  return core::Problem{
      "usage", "there is no gate `" + options.gate + "`" + (near.empty() ? "" : ", did you mean `" + near + "`?"),
      options.definitions};
}

core::Result<core::Finding> ask(const GateTestOptions& options, const core::GateSpec& spec, core::Candidate candidate,
                                const Workplace& workplace) {
  const auto* kind = sdk::find_kind(plugins::catalog().gates, spec.kind);
  auto gate = kind->make(spec.with);
  if (!gate) return gate.error();
  auto store = runtime::ContentStore::open(workplace.path() / "store");
  if (!store) return store.error();
  Sources sources;
  if (!options.artifact.empty()) {
    if (std::error_code failed; !fs::is_directory(options.artifact, failed))
      return core::Problem{"usage", "there is no such folder", options.artifact,
                           "--artifact names the folder of the candidate's files", false};
    auto digest = runtime::tree_digest(options.artifact);
    if (!digest) return digest.error();
    candidate.artifact = core::Artifact{*digest, ""};
    candidate.source = source_name;
    sources.emplace(source_name, std::make_shared<SampleFolder>(options.artifact));
  }
  runtime::SystemClock clock;
  Settings settings;
  settings.data = workplace.path().string();
  settings.definitions = options.definitions;
  settings.data_roots = options.data_roots;
  Lending lending(lending_parts(settings, clock, *store, sources, plugins::catalog()));
  sdk::GateRequest request;
  request.promotion = "prm_test";
  request.lane = {candidate.model, options.environment};
  request.candidate_id = runtime::sha256(core::canonical_bytes(candidate));
  request.candidate = std::move(candidate);
  request.gate = spec.name;
  request.deadline = clock.now() + options.deadline;
  const auto lease = lending.lend(sdk::loan_for(*kind, spec.with), request.deadline);
  auto answer = (*gate)->check(request, lease->tools());
  if (!answer) return gating::errored(answer.error(), clock.now());
  for (const auto& document : answer->evidence)
    std::cerr << "--- " << document.name << "\n" << document.content << "\n";
  return gating::keep_evidence(std::move(*answer), clock.now(), *store);
}

Exit exit_of(core::Verdict verdict) {
  switch (verdict) {
    case core::Verdict::passed:
    case core::Verdict::waived:
      return Exit::done;
    case core::Verdict::failed:
    case core::Verdict::inconclusive:
      return Exit::denied;
    case core::Verdict::errored:
      return Exit::unexpected;
  }
  return Exit::unexpected;
}

}  // namespace

Exit gate_test(const GateTestOptions& options, Output output) {
  const Workplace workplace;
  if (workplace.path().empty())
    return fail(core::Problem{"unexpected", "no temporary folder can be made", fs::temp_directory_path().string()});
  const auto spec = find_gate(options);
  if (!spec) return fail(spec.error());
  auto candidate = read_candidate(options.candidate);
  if (!candidate) return fail(candidate.error());
  const auto finding = ask(options, *spec, std::move(*candidate), workplace);
  if (!finding) return fail(finding.error());
  if (output.json) {
    std::cout << core::to_json(*finding).dump(2) << "\n";
  } else {
    std::cout << finding_text(*finding);
  }
  return exit_of(finding->verdict);
}

}  // namespace penstock::cli
