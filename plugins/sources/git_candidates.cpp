#include "plugins/sources/git_candidates.hpp"

#include <algorithm>

#include "plugins/sources/candidate_file.hpp"
#include "plugins/sources/git_export.hpp"
#include "plugins/sources/gto_tags.hpp"

namespace penstock::sources {
namespace {

constexpr std::size_t max_file = 64 << 10;
constexpr std::size_t max_files = 200;  // candidate files in one commit
const std::string tags = "refs/tags/";

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

// `path` as seen from `folder`, inside the repository; "../" may be used as long as it stays inside.
std::optional<std::string> inside(const std::string& folder, const std::string& path) {
  if (path.starts_with('/')) return std::nullopt;
  return normal_path((std::filesystem::path(folder) / path).lexically_normal().generic_string());
}

// A problem of what somebody committed goes to people; one that may be over next time ends the poll.
core::Result<void> tell(core::Problem problem, sdk::Poll& poll) {
  if (problem.transient) return problem;
  poll.problems.push_back(std::move(problem));
  return {};
}

}  // namespace

std::string GitCandidates::place(const std::string& path, const ChangedRef& ref) const {
  return path + "@" + ref.commit.id.substr(0, 12) + " in " + settings_.url;
}

core::Result<void> GitCandidates::report(const ChangedRef& ref, sdk::Poll& poll) const {
  if (!ref.name.starts_with(tags)) return report_files(ref, ref.commit.id.substr(0, 12), poll);
  const auto tag = ref.name.substr(tags.size());
  if (settings_.gto && parse_gto_tag(tag)) return report_gto(ref, tag, poll);
  return report_files(ref, tag, poll);
}

core::Result<std::vector<GitFile>> GitCandidates::candidate_files(const std::string& commit) const {
  auto files = mirror_.find(commit, [&](const std::string& path) { return path_matches(settings_.candidates, path); });
  if (files && files->size() > max_files)
    return core::Problem{
        "too-large",
        std::to_string(files->size()) + " files match `candidates`; at most " + std::to_string(max_files) + " are read",
        commit.substr(0, 12) + " in " + settings_.url, "narrow `candidates` of the source", false};
  return files;
}

core::Result<void> GitCandidates::report_files(const ChangedRef& ref, const std::string& default_version,
                                               sdk::Poll& poll) const {
  auto files = candidate_files(ref.commit.id);
  if (!files) return tell(files.error(), poll);
  for (const auto& file : *files) {
    auto described = describe(ref, file, default_version);
    if (!described) {
      const bool told_before = is_unchanged(ref, file, folder_of(file.path));
      if (described.error().transient || !told_before)
        if (auto told = tell(described.error(), poll); !told) return told.error();
      continue;
    }
    if (is_unchanged(ref, file, described->folder)) continue;
    if (auto added = add(ref, std::move(*described), poll); !added) return added.error();
  }
  return {};
}

core::Result<void> GitCandidates::report_gto(const ChangedRef& ref, const std::string& tag, sdk::Poll& poll) const {
  auto described = describe_gto(ref, tag);
  if (!described) return tell(described.error(), poll);
  return add(ref, std::move(*described), poll);
}

// Only branches: every tag is a version of its own.
bool GitCandidates::is_unchanged(const ChangedRef& ref, const GitFile& file, const std::string& folder) const {
  if (ref.name.starts_with(tags) || ref.before.empty() || !mirror_.has(ref.before)) return false;
  const auto old_file = mirror_.entry(ref.before, file.path);
  const auto old_folder = mirror_.entry(ref.before, folder);
  const auto new_folder = mirror_.entry(ref.commit.id, folder);
  return old_file && old_file->oid == file.oid && old_folder && new_folder && old_folder->oid == new_folder->oid;
}

core::Result<GitCandidates::Described> GitCandidates::describe(const ChangedRef& ref, const GitFile& file,
                                                               const std::string& default_version) const {
  const auto where = place(file.path, ref);
  auto text = mirror_.read(file.oid, max_file, where);
  if (!text) return text.error();
  auto read = read_candidate_file(*text, where);
  if (!read) return read.error();
  if (read->model.empty())
    return core::Problem{"invalid-document", "missing key `model`: the model's name", where, "add it and commit",
                         false};
  const auto folder = inside(folder_of(file.path), read->artifact);
  if (!folder)
    return core::Problem{"invalid-document",
                         "`artifact` is \"" + read->artifact + "\", a path inside the repository is needed", where,
                         "correct it and commit", false};
  Described described;
  described.file = file.path;
  described.folder = *folder;
  auto& candidate = described.sighting.candidate;
  candidate = candidate_of(*read, source_);
  if (candidate.version.empty()) candidate.version = default_version;
  candidate.registry = {{"kind", "git"}, {"path", file.path}};
  candidate.artifact = core::Artifact{{}, folder->empty() ? "." : *folder};
  return described;
}

core::Result<GitCandidates::Described> GitCandidates::describe_gto(const ChangedRef& ref,
                                                                   const std::string& tag) const {
  const auto registered = *parse_gto_tag(tag);
  const auto [folder, name] = gto_place(registered.artifact);
  Described described;
  auto& candidate = described.sighting.candidate;
  std::optional<std::string> path;
  // A candidate file that speaks of this model says more than GTO's index.
  auto files = candidate_files(ref.commit.id);
  if (!files) return files.error();
  for (const auto& file : *files) {
    auto found = describe(ref, file, registered.version);
    if (!found) {
      if (found.error().transient) return found.error();
      continue;  // a broken file is told of where a branch or a plain tag leads to it; here it may be another model's
    }
    const auto& model = found->sighting.candidate.model;
    if (model != registered.artifact && model != name) continue;
    described = std::move(*found);
    path = described.folder;
    break;
  }
  for (const auto* index : {"artifacts.yaml", "dvc.yaml"}) {
    const auto file = join_path(folder, index);
    const auto entry = mirror_.entry(ref.commit.id, file);
    if (!entry || entry->kind != GitEntryKind::file) continue;
    auto text = mirror_.read(entry->oid, max_file, place(file, ref));
    if (!text) return text.error();
    auto artifact = read_gto_artifact(*text, name, index == std::string_view("dvc.yaml"), place(file, ref));
    if (!artifact) return artifact.error();
    if (!*artifact) continue;
    for (const auto& [key, value] : (*artifact)->labels) candidate.labels.emplace(key, value);
    if (!path && !(*artifact)->path.empty()) {
      path = inside(folder, (*artifact)->path);
      if (!path)
        return core::Problem{"invalid-document", "the path \"" + (*artifact)->path + "\" leads out of the repository",
                             place(file, ref), "correct it and register a new version", false};
    }
    break;
  }
  candidate.model = registered.artifact;
  candidate.version = registered.version;
  candidate.source = source_;
  candidate.registry = {{"kind", "gto"}, {"tag", tag}};
  candidate.artifact.reset();
  if (path) {
    described.folder = *path;
    // DVC keeps files outside git: GTO then names a path that is not in the commit, and there is nothing to fetch here.
    if (mirror_.entry(ref.commit.id, *path))
      candidate.artifact = core::Artifact{{}, path->empty() ? "." : *path};
    else
      candidate.labels["gto.path"] = *path;
  }
  return described;
}

core::Result<void> GitCandidates::add(const ChangedRef& ref, Described described, sdk::Poll& poll) const {
  auto& candidate = described.sighting.candidate;
  const auto where = place(described.file.empty() ? ref.name : described.file, ref);
  candidate.git = core::GitRef{settings_.url, ref.commit.id};
  const auto made_by = mirror_.authors(ref.commit.id, ref.name.starts_with(tags) ? "" : ref.before);
  for (const auto& email : made_by.emails)
    if (std::find(candidate.authors.begin(), candidate.authors.end(), email) == candidate.authors.end())
      candidate.authors.push_back(email);
  if (!made_by.is_whole)
    poll.problems.push_back({"too-many-commits",
                             "only the newest 1000 commits and 200 authors since the last look count as authors", where,
                             "let more people approve this one than usual", false});
  described.sighting.submitter = ref.commit.tagger.empty() ? ref.commit.committer : ref.commit.tagger;
  if (auto fits = check_candidate(candidate, where); !fits) return tell(fits.error(), poll);
  if (candidate.artifact) {
    // What cannot be fetched is told now, to whoever pushed it, and not when a promotion is under way.
    auto fetchable = export_from_git(mirror_, ref.commit.id, described.folder, {},
                                     {std::numeric_limits<std::uint64_t>::max(), is_late_});
    if (!fetchable) return tell(fetchable.error(), poll);
  }
  poll.sightings.push_back(std::move(described.sighting));
  return {};
}

}  // namespace penstock::sources
