#include "plugins/sources/git_repository.hpp"

#include <algorithm>
#include <cctype>

#include "plugins/sources/candidate_file.hpp"

namespace penstock::sources {
namespace {

constexpr int max_entries = 200'000;
constexpr int max_commits = 1000;
constexpr std::size_t max_authors = 200;
constexpr std::ptrdiff_t max_packs = 500;

core::Result<CommitHandle> look_up(git_repository* repository, const std::string& oid) {
  git_oid id;
  ObjectHandle object;
  if (!read_oid(oid, id) ||
      fill(object, [&](auto** out) { return git_object_lookup(out, repository, &id, GIT_OBJECT_ANY); }) != 0)
    return core::Problem{"not-found", "the commit " + oid + " is not in the repository", "", "", true};
  CommitHandle commit;
  if (fill(commit, [&](auto** out) {
        return git_object_peel(reinterpret_cast<git_object**>(out), object.get(), GIT_OBJECT_COMMIT);
      }) != 0)
    return core::Problem{"not-a-commit", oid + " is not a commit, and no tag of one", "", "point the tag at a commit",
                         false};
  return commit;
}

void add(GitAuthors& authors, std::string email) {
  std::transform(email.begin(), email.end(), email.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (email.empty() || email.size() > 200) return;
  if (std::find(authors.emails.begin(), authors.emails.end(), email) != authors.emails.end()) return;
  if (authors.emails.size() == max_authors)
    authors.is_whole = false;
  else
    authors.emails.push_back(std::move(email));
}

void add_authors_of(const git_commit* commit, GitAuthors& authors) {
  add(authors, git_commit_author(commit)->email);
  // "Co-authored-by: Name <address>" (a trailer that git hosts write and honour).
  const std::string message = git_commit_message(commit) == nullptr ? "" : git_commit_message(commit);
  const std::string trailer = "\nco-authored-by:";
  std::string lower = message;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (auto at = lower.find(trailer); at != std::string::npos; at = lower.find(trailer, at + 1)) {
    const auto end = std::min(lower.find('\n', at + 1), lower.size());
    const auto from = lower.find('<', at);
    const auto to = lower.find('>', at);
    if (from < to && to < end) add(authors, lower.substr(from + 1, to - from - 1));
  }
}

}  // namespace

core::Result<GitRepository> GitRepository::open(const std::filesystem::path& folder) {
  start_git();
  std::error_code error;
  std::ptrdiff_t packs = 0;
  for (std::filesystem::directory_iterator file(folder / "objects" / "pack", error), end; !error && file != end;
       file.increment(error))
    packs += file->path().extension() == ".pack" ? 1 : 0;
  RepositoryHandle repository;
  const auto path = folder.string();
  const auto open = [&](auto** out) {
    return git_repository_open_ext(out, path.c_str(), GIT_REPOSITORY_OPEN_BARE | GIT_REPOSITORY_OPEN_NO_SEARCH,
                                   nullptr);
  };
  if (packs <= max_packs && fill(repository, open) == 0) return GitRepository(std::move(repository));
  // A mirror holds nothing that the repository does not: it may always be made anew.
  std::filesystem::remove_all(folder, error);
  const int made = fill(repository, [&](auto** out) { return git_repository_init(out, path.c_str(), 1); });
  if (made != 0) return git_problem("make the mirror", path, made);
  return GitRepository(std::move(repository));
}

bool GitRepository::has(const std::string& oid) const {
  git_oid id;
  OdbHandle odb;
  return read_oid(oid, id) && fill(odb, [&](auto** out) { return git_repository_odb(out, handle()); }) == 0 &&
         git_odb_exists(odb.get(), &id) == 1;
}

core::Result<GitCommit> GitRepository::commit(const std::string& oid) const {
  auto found = look_up(handle(), oid);
  if (!found) return found.error();
  GitCommit commit;
  commit.id = hex_of(*git_commit_id(found->get()));
  commit.author = git_commit_author(found->get())->email;
  commit.committer = git_commit_committer(found->get())->email;
  commit.at = core::Time(std::chrono::seconds(git_commit_time(found->get())));
  git_oid id;
  TagHandle tag;
  if (read_oid(oid, id) && fill(tag, [&](auto** out) { return git_tag_lookup(out, handle(), &id); }) == 0)
    if (const auto* tagger = git_tag_tagger(tag.get()); tagger != nullptr) commit.tagger = tagger->email;
  return commit;
}

GitAuthors GitRepository::authors(const std::string& newer, const std::string& older) const {
  GitAuthors authors;
  auto head = look_up(handle(), newer);
  if (!head) return authors;
  add_authors_of(head->get(), authors);
  auto previous = look_up(handle(), older);
  WalkHandle walk;
  if (!previous || fill(walk, [&](auto** out) { return git_revwalk_new(out, handle()); }) != 0) return authors;
  git_revwalk_push(walk.get(), git_commit_id(head->get()));
  git_revwalk_hide(walk.get(), git_commit_id(previous->get()));
  git_oid id;
  for (int commits = 0; git_revwalk_next(&id, walk.get()) == 0; ++commits) {
    if (commits == max_commits) {
      authors.is_whole = false;
      break;
    }
    CommitHandle commit;
    if (fill(commit, [&](auto** out) { return git_commit_lookup(out, handle(), &id); }) == 0)
      add_authors_of(commit.get(), authors);
  }
  return authors;
}

core::Result<TreeHandle> GitRepository::tree(const std::string& oid) const {
  auto commit = look_up(handle(), oid);
  if (!commit) return commit.error();
  TreeHandle tree;
  const int error = fill(tree, [&](auto** out) { return git_commit_tree(out, commit->get()); });
  if (error != 0) return git_problem("read the files of " + oid, "", error);
  return tree;
}

core::Result<std::vector<GitFile>> GitRepository::find(const std::string& commit,
                                                       const std::function<bool(const std::string&)>& wanted) const {
  auto root = tree(commit);
  if (!root) return root.error();
  struct Search {
    const std::function<bool(const std::string&)>& wanted;
    std::vector<GitFile> files{};
    int entries = 0;
  } search{wanted};
  const int error = git_tree_walk(
      root->get(), GIT_TREEWALK_PRE,
      [](const char* folder, const git_tree_entry* entry, void* payload) {
        auto& state = *static_cast<Search*>(payload);
        if (++state.entries > max_entries) return -1;
        const auto path = std::string(folder) + git_tree_entry_name(entry);
        if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB && state.wanted(path))
          state.files.push_back({path, hex_of(*git_tree_entry_id(entry))});
        return 0;
      },
      &search);
  if (search.entries > max_entries)
    return core::Problem{"too-large", "the commit has more than " + std::to_string(max_entries) + " files and folders",
                         commit, "use a smaller repository for candidates", false};
  if (error != 0) return git_problem("list the files", commit, error);
  return search.files;
}

std::optional<GitEntry> GitRepository::entry(const std::string& commit, const std::string& path) const {
  auto root = tree(commit);
  if (!root) return std::nullopt;
  if (path.empty()) return GitEntry{hex_of(*git_tree_id(root->get())), GitEntryKind::folder};
  TreeEntryHandle entry;
  if (fill(entry, [&](auto** out) { return git_tree_entry_bypath(out, root->get(), path.c_str()); }) != 0)
    return std::nullopt;
  GitEntry found{hex_of(*git_tree_entry_id(entry.get())), GitEntryKind::file};
  switch (git_tree_entry_filemode(entry.get())) {
    case GIT_FILEMODE_TREE:
      found.kind = GitEntryKind::folder;
      break;
    case GIT_FILEMODE_COMMIT:
      found.kind = GitEntryKind::submodule;
      break;
    case GIT_FILEMODE_LINK:
      found.kind = GitEntryKind::link;
      break;
    default:
      break;
  }
  return found;
}

core::Result<std::string> GitRepository::read(const std::string& oid, std::size_t max_bytes,
                                              const std::string& where) const {
  git_oid id;
  OdbHandle odb;
  std::size_t size = 0;
  git_object_t type{};
  // The size comes first: a blob is read into memory whole.
  if (!read_oid(oid, id) || fill(odb, [&](auto** out) { return git_repository_odb(out, handle()); }) != 0 ||
      git_odb_read_header(&size, &type, odb.get(), &id) != 0)
    return git_problem("read the file", where, -1);
  if (size > max_bytes)
    return core::Problem{"too-large",
                         std::to_string(size) + " bytes; at most " + std::to_string(max_bytes) + " are read", where,
                         "make the file smaller", false};
  BlobHandle blob;
  const int error = fill(blob, [&](auto** out) { return git_blob_lookup(out, handle(), &id); });
  if (error != 0) return git_problem("read the file", where, error);
  return core::Result<std::string>(boost::system::in_place_value,
                                   static_cast<const char*>(git_blob_rawcontent(blob.get())),
                                   static_cast<std::size_t>(git_blob_rawsize(blob.get())));
}

}  // namespace penstock::sources
