#include "daemon/lent_tools.hpp"

#include <algorithm>

#include "daemon/runtime/digest.hpp"
#include "daemon/runtime/tree.hpp"

namespace penstock {
namespace fs = std::filesystem;
namespace {

core::Problem not_lent(const char* tool) {
  return {"not-lent",
          std::string("this kind of plugin asked for `") + tool + "`, which its row in the catalog does not name",
          "plugins/catalog.cpp", "add the capability to the kind's `needs`", false};
}

}  // namespace

core::Digest LentCrypto::sha256(std::string_view bytes) const { return runtime::sha256(bytes); }
std::string LentCrypto::hmac_sha256(std::string_view key, std::string_view bytes) const {
  return runtime::hmac_sha256(key, bytes);
}
std::string LentCrypto::base64(std::string_view bytes) const { return runtime::base64(bytes); }
std::optional<std::string> LentCrypto::from_base64(std::string_view text) const { return runtime::from_base64(text); }

core::Result<sdk::Endpoint> LentEndpoints::find(const std::string& name) const {
  std::string known;
  for (const auto& endpoint : all_) {
    if (endpoint.name == name) {
      if (std::find(lent_.begin(), lent_.end(), name) != lent_.end()) return endpoint;
      return core::Problem{"not-lent", "the endpoint `" + name + "` is not lent to this plugin", "its configuration",
                           "name the endpoint in a field that the kind declares for it", false};
    }
    known += (known.empty() ? "" : ", ") + endpoint.name;
  }
  return core::Problem{"unknown-endpoint", "there is no endpoint `" + name + "`", "penstock.yaml",
                       known.empty() ? "configure it under `endpoints`" : "configured are: " + known, false};
}

LentFolders::~LentFolders() {
  // A leftover is emptied at the next start.
  for (const auto& folder : scratch_) runtime::remove_tree(folder);
}

core::Result<fs::path> LentFolders::resolve(const std::string& root, const std::string& relative) const {
  const auto found = roots_.find(root);
  if (found == roots_.end())
    return core::Problem{"unknown-folder", "there is no folder `" + root + "` that gates may read", "penstock.yaml",
                         "configure it under `data_roots`", false};
  std::error_code failed;
  const auto base = fs::canonical(found->second, failed);
  if (failed)
    return core::Problem{"unreadable", "the folder `" + root + "` cannot be read: " + failed.message(),
                         found->second.string(), "", false};
  const auto path = fs::weakly_canonical(base / fs::path(relative).relative_path(), failed);
  if (failed)
    return core::Problem{"unreadable", "`" + relative + "` cannot be resolved: " + failed.message(),
                         found->second.string(), "", false};
  // Compared after links and dots are resolved: what is outside stays outside.
  const auto mismatch = std::mismatch(base.begin(), base.end(), path.begin(), path.end());
  if (mismatch.first != base.end())
    return core::Problem{"outside-folder", "`" + relative + "` leaves the folder `" + root + "`",
                         found->second.string(), "name a path inside it", false};
  if (!fs::exists(path, failed))
    return core::Problem{"not-found", "there is no `" + relative + "` in the folder `" + root + "`",
                         found->second.string(), "", false};
  return path;
}

core::Result<fs::path> LentFolders::scratch() {
  auto folder = store_.scratch();
  if (folder) scratch_.push_back(*folder);
  return folder;
}

std::shared_ptr<std::timed_mutex> FetchTurns::of(const core::Digest& digest) {
  const std::lock_guard lock(mutex_);
  std::erase_if(turns_, [](const auto& entry) { return entry.second.expired(); });
  auto& turn = turns_[digest.text()];
  auto shared = turn.lock();
  if (!shared) turn = shared = std::make_shared<std::timed_mutex>();
  return shared;
}

core::Result<void> LentArtifacts::fetch(const core::Candidate& candidate, const fs::path& folder, core::Time deadline) {
  const auto source = parts_.sources.find(candidate.source);
  if (source == parts_.sources.end())
    return core::Problem{
        "unknown-source",
        "the candidate's source `" + candidate.source + "` is not configured, so its files cannot be fetched",
        "penstock.yaml", "configure the source, or submit a candidate of one that is", false};
  auto tools = lending_.for_source(candidate.source);
  if (!tools) return tools.error();
  return source->second->fetch(candidate, folder, parts_.max_artifact_bytes, deadline, *tools);
}

core::Result<fs::path> LentArtifacts::open(const core::Candidate& candidate) {
  if (!candidate.artifact)
    return core::Problem{"no-artifact", "the candidate has no artifact", candidate.model + " " + candidate.version,
                         "register it with its files", false};
  const auto& digest = candidate.artifact->digest;
  if (auto tree = parts_.store.tree(digest)) return *tree;
  const auto mutex = turns_.of(digest);
  const std::unique_lock turn(*mutex, std::max<core::Duration>(deadline_ - parts_.clock.now(), core::Duration(0)));
  if (!turn.owns_lock())
    return core::Problem{"timeout", "another gate was still fetching the artifact at the deadline", digest.text(),
                         "find out why its source is slow, or give the gate a longer deadline", true};
  if (auto tree = parts_.store.tree(digest)) return *tree;
  const auto stored = parts_.store.put_tree([&](const fs::path& folder) { return fetch(candidate, folder, deadline_); },
                                            digest, {.max_bytes = parts_.max_artifact_bytes});
  if (!stored) return stored.error();
  const auto tree = parts_.store.tree(digest);
  if (!tree)
    return core::Problem{"not-found", "the artifact was stored and is gone", digest.text(),
                         "is something else writing to the data folder?", false};
  return *tree;
}

core::Result<core::Duration> LentArtifacts::prove_fetchable(const core::Candidate& candidate, core::Time deadline) {
  if (!candidate.artifact)
    return core::Problem{"no-artifact", "the candidate has no artifact", candidate.model + " " + candidate.version, "",
                         false};
  const auto before = std::chrono::steady_clock::now();
  const auto digest = parts_.store.try_tree(
      [&](const fs::path& folder) { return fetch(candidate, folder, std::min(deadline, deadline_)); },
      {.max_bytes = parts_.max_artifact_bytes});
  if (!digest) return digest.error();
  if (*digest != candidate.artifact->digest)
    return core::Problem{"digest-mismatch",
                         "the source now gives files with the digest " + digest->text() + " instead of " +
                             candidate.artifact->digest.text(),
                         candidate.source, "somebody changed the files of this version", false};
  return std::chrono::duration_cast<core::Duration>(std::chrono::steady_clock::now() - before);
}

core::Result<sdk::HttpResponse> NoHttp::send(const sdk::HttpRequest&) { return not_lent("http"); }
core::Result<sdk::ProcessResult> NoProcess::run(const sdk::ProcessRequest&) { return not_lent("process"); }
core::Result<fs::path> NoArtifacts::open(const core::Candidate&) { return not_lent("artifacts"); }
core::Result<core::Duration> NoArtifacts::prove_fetchable(const core::Candidate&, core::Time) {
  return not_lent("artifacts");
}
core::Result<sdk::Endpoint> NoEndpoints::find(const std::string&) const { return not_lent("endpoints"); }
core::Result<fs::path> NoFolders::resolve(const std::string&, const std::string&) const { return not_lent("folders"); }
core::Result<fs::path> NoFolders::scratch() { return not_lent("folders"); }

}  // namespace penstock
