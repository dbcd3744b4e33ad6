#include "plugins/sinks/git_store.hpp"

namespace penstock::sinks {
namespace {

using sources::fill;
using sources::git_problem;

constexpr const char* checkpoint_path = "checkpoint";
// What `penstock audit verify` compares besides; the earlier ones are in the branch's history.
constexpr const char* checkpoints_path = "checkpoints";
constexpr const char* next_ref = "refs/penstock/next";
constexpr std::uint64_t max_received = std::uint64_t{512} << 20;

core::Problem moved(const std::string& repository) {
  return {"audit-moved", "the sink's branch has moved on meanwhile", repository, "", true};
}

using SignatureHandle = std::unique_ptr<git_signature, sources::GitFree<git_signature_free>>;
using ReferenceHandle = std::unique_ptr<git_reference, sources::GitFree<git_reference_free>>;

// The updates of one tree; they point to the paths.
class Updates {
 public:
  void put(std::string path, const git_oid& blob) {
    add(GIT_TREE_UPDATE_UPSERT, std::move(path), blob, GIT_FILEMODE_BLOB);
  }
  void remove_folder(std::string path) { add(GIT_TREE_UPDATE_REMOVE, std::move(path), {}, GIT_FILEMODE_TREE); }
  std::vector<git_tree_update> take() {
    for (std::size_t i = 0; i < paths_.size(); ++i) updates_[i].path = paths_[i].c_str();
    return updates_;
  }

 private:
  void add(git_tree_update_t action, std::string path, const git_oid& id, git_filemode_t mode) {
    paths_.push_back(std::move(path));
    updates_.push_back({action, id, mode, nullptr});
  }
  std::vector<std::string> paths_;
  std::vector<git_tree_update> updates_;
};

const git_oid* id_at(git_tree* tree, const std::string& path, sources::TreeEntryHandle& entry) {
  if (tree == nullptr || fill(entry, [&](auto** out) { return git_tree_entry_bypath(out, tree, path.c_str()); }) != 0)
    return nullptr;
  return git_tree_entry_id(entry.get());
}

}  // namespace

GitStore::GitStore(GitStoreSettings settings) : settings_(std::move(settings)) { sources::start_git(); }

sources::GitLimits GitStore::limits() const {
  return {std::chrono::steady_clock::now() + settings_.within, std::chrono::seconds(10), std::chrono::seconds(15),
          max_received, settings_.allow_private};
}

// A path is opened anew each time: its disk may have come or gone since.
core::Result<void> GitStore::open() {
  if (!is_local()) {
    if (mirror_) return {};
    auto opened = sources::GitRepository::open(settings_.mirror);
    if (!opened) return opened.error();
    mirror_.emplace(std::move(*opened));
    return {};
  }
  const auto flags = GIT_REPOSITORY_OPEN_BARE | GIT_REPOSITORY_OPEN_NO_SEARCH;
  const auto& path = settings_.repository;
  int error = fill(repository_, [&](auto** out) { return git_repository_open_ext(out, path.c_str(), flags, nullptr); });
  if (error != 0) {
    auto problem = git_problem("open the sink's repository", path, error);
    problem.hint = "mount its disk; the first time, make it with `git init --bare` as penstockd's user";
    return problem;
  }
  return {};
}

core::Result<void> GitStore::fetch() {
  sources::GitSession session(limits());
  auto remote = sources::GitRemote::connect(*mirror_, settings_.repository, settings_.credentials, session);
  if (!remote) return remote.error();
  const auto refs = remote->refs();
  if (!refs) return refs.error();
  const auto found = refs->heads.find(branch());
  head_ = found == refs->heads.end() ? "" : found->second;
  if (head_.empty() || mirror_->has(head_)) return {};
  return remote->download({branch()});
}

core::Result<std::string> GitStore::checkpoint() {
  if (auto opened = open(); !opened) return opened.error();
  head_.clear();
  if (is_local()) {
    git_oid id{};
    const int error = git_reference_name_to_id(&id, handle(), branch().c_str());
    if (error != 0 && error != GIT_ENOTFOUND) return git_problem("read the sink's branch", settings_.repository, error);
    if (error == 0) head_ = sources::hex_of(id);
  } else if (auto fetched = fetch(); !fetched) {
    return fetched.error();
  }
  if (head_.empty()) return std::string();
  auto root = tree();
  if (!root) return root.error();
  sources::TreeEntryHandle entry;
  const auto* id = id_at(root->get(), checkpoint_path, entry);
  sources::BlobHandle blob;
  if (id == nullptr || fill(blob, [&](auto** out) { return git_blob_lookup(out, handle(), id); }) != 0)
    return core::Problem{
        "audit-differs",
        "the branch " + settings_.branch + " is there and holds no checkpoint: it is of something else",
        settings_.repository, "name another branch for the sink", false};
  return std::string(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                     static_cast<std::size_t>(git_blob_rawsize(blob.get())));
}

core::Result<std::optional<std::uint64_t>> GitStore::size_of(const std::string& path) {
  auto root = tree();
  if (!root) return root.error();
  sources::TreeEntryHandle entry;
  const auto* id = id_at(root->get(), path, entry);
  if (id == nullptr) return std::optional<std::uint64_t>();
  sources::BlobHandle blob;
  if (const int error = fill(blob, [&](auto** out) { return git_blob_lookup(out, handle(), id); }); error != 0)
    return git_problem("read " + path + " of the sink", settings_.repository, error);
  return std::optional<std::uint64_t>(git_blob_rawsize(blob.get()));
}

core::Result<sources::TreeHandle> GitStore::tree() const {
  sources::TreeHandle tree;
  if (head_.empty()) return tree;
  git_oid id{};
  sources::CommitHandle commit;
  int error = sources::read_oid(head_, id) ? 0 : -1;
  if (error == 0) error = fill(commit, [&](auto** out) { return git_commit_lookup(out, handle(), &id); });
  if (error == 0) error = fill(tree, [&](auto** out) { return git_commit_tree(out, commit.get()); });
  if (error != 0) return git_problem("read the sink's newest commit", settings_.repository, error);
  return tree;
}

core::Result<git_oid> GitStore::write_tree(const sdk::Addition& addition, git_tree* before) const {
  Updates updates;
  const auto blob_of = [&](const std::string& bytes, git_oid& id) {
    return git_blob_create_from_buffer(&id, handle(), bytes.data(), bytes.size());
  };
  int error = 0;
  git_oid id{};
  for (;;) {
    const auto file = addition.next();
    if (!file) return file.error();
    if (!*file) break;
    if (error = blob_of((*file)->bytes, id); error != 0) break;
    sources::TreeEntryHandle entry;
    const auto* present = id_at(before, (*file)->path, entry);
    if (present != nullptr && git_oid_equal(present, &id) == 0)
      return core::Problem{"audit-differs",
                           "the file " + (*file)->path + " is there already and says something else; nothing was added",
                           settings_.repository, "see who else commits to the sink's branch", false};
    updates.put((*file)->path, id);
  }
  for (const auto& [path, bytes] :
       {std::pair(checkpoint_path, addition.checkpoint), std::pair(checkpoints_path, addition.checkpoint + "\n")}) {
    if (error == 0) error = blob_of(bytes, id);
    updates.put(path, id);
  }
  for (const auto& path : addition.superseded) {
    sources::TreeEntryHandle entry;
    if (id_at(before, path, entry) != nullptr) updates.remove_folder(path);
  }
  const auto all = updates.take();
  if (error == 0) error = git_tree_create_updated(&id, handle(), before, all.size(), all.data());
  if (error != 0) return git_problem("write to the sink's repository", settings_.repository, error);
  return id;
}

core::Result<git_oid> GitStore::commit(const sdk::Addition& addition, const git_oid& tree_id) const {
  SignatureHandle author;
  sources::TreeHandle tree;
  sources::CommitHandle parent;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(settings_.now().time_since_epoch()).count();
  int error =
      fill(author, [&](auto** out) { return git_signature_new(out, "Penstock", "penstock@localhost", seconds, 0); });
  if (error == 0) error = fill(tree, [&](auto** out) { return git_tree_lookup(out, handle(), &tree_id); });
  git_oid id{};
  if (error == 0 && !head_.empty()) {
    sources::read_oid(head_, id);
    error = fill(parent, [&](auto** out) { return git_commit_lookup(out, handle(), &id); });
  }
  const git_commit* parents[] = {parent.get()};
  const auto message = "Add " + addition.about + "\n";
  if (error == 0)
    error = git_commit_create(&id, handle(), nullptr, author.get(), author.get(), nullptr, message.c_str(), tree.get(),
                              parent ? 1 : 0, parents);
  if (error != 0) return git_problem("commit to the sink's repository", settings_.repository, error);
  return id;
}

core::Result<void> GitStore::move_branch(const git_oid& commit) const {
  ReferenceHandle reference;
  git_oid before{};
  const bool is_there = !head_.empty() && sources::read_oid(head_, before);
  const int error = fill(reference, [&](auto** out) {
    return is_there ? git_reference_create_matching(out, handle(), branch().c_str(), &commit, 1, &before, "audit")
                    : git_reference_create(out, handle(), branch().c_str(), &commit, 0, "audit");
  });
  if (error == GIT_EMODIFIED || error == GIT_EEXISTS || error == GIT_ELOCKED) return moved(settings_.repository);
  if (error != 0) return git_problem("move the sink's branch", settings_.repository, error);
  return {};
}

core::Result<void> GitStore::push(const git_oid& commit) const {
  ReferenceHandle reference;
  const int error =
      fill(reference, [&](auto** out) { return git_reference_create(out, handle(), next_ref, &commit, 1, "audit"); });
  if (error != 0) return git_problem("keep what is to be pushed", settings_.mirror.string(), error);
  sources::GitSession session(limits());
  auto pushed =
      sources::GitRemote::push(*mirror_, settings_.repository, settings_.credentials, session, next_ref, branch());
  // Whether somebody else was faster is found by reading the branch again; a server that always says no is told.
  if (!pushed && pushed.error().code == "moved-on") return moved(settings_.repository);
  return pushed;
}

core::Result<void> GitStore::add(const sdk::Addition& addition) {
  auto before = tree();
  if (!before) return before.error();
  const auto written = write_tree(addition, before->get());
  if (!written) return written.error();
  const auto made = commit(addition, *written);
  if (!made) return made.error();
  auto done = is_local() ? move_branch(*made) : push(*made);
  if (done) head_ = sources::hex_of(*made);
  return done;
}

}  // namespace penstock::sinks
