#include "plugins/sources/git_export.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "plugins/sources/candidate_file.hpp"

namespace penstock::sources {
namespace {

constexpr int max_levels = 32;
constexpr int max_entries = 100'000;
// A blob is held in memory whole, and twice while it is unpacked.
constexpr std::uint64_t max_blob = std::uint64_t{1} << 30;
// Git-LFS specification: a pointer is shorter than 1024 bytes and begins with its version line.
constexpr std::size_t max_pointer = 1024;
constexpr std::string_view pointer_start = "version https://git-lfs.github.com/spec/";

class Export {
 public:
  Export(const GitRepository& repository, std::string commit, GitExportLimits limits)
      : repository_(repository), commit_(std::move(commit)), limits_(std::move(limits)) {}

  core::Result<void> folder(const git_oid& id, const std::string& path, const std::filesystem::path& to, int level) {
    if (level > max_levels)
      return unsafe(path, "folders nested more than " + std::to_string(max_levels) + " levels deep");
    TreeHandle tree;
    const int error = fill(tree, [&](auto** out) { return git_tree_lookup(out, repository_.handle(), &id); });
    if (error != 0) return git_problem("read the folder", place(path), error);
    for (std::size_t i = 0; i < git_tree_entrycount(tree.get()); ++i) {
      const auto* entry = git_tree_entry_byindex(tree.get(), i);
      if (auto done = one(entry, path, to, level); !done) return done.error();
    }
    return {};
  }

  core::Result<void> file(const git_oid& id, const std::string& path, const std::filesystem::path& to) {
    OdbHandle odb;
    std::size_t size = 0;
    git_object_t type{};
    if (fill(odb, [&](auto** out) { return git_repository_odb(out, repository_.handle()); }) != 0 ||
        git_odb_read_header(&size, &type, odb.get(), &id) != 0)
      return git_problem("read the file", place(path), -1);
    if (size > limits_.max_bytes || size > max_blob)
      return core::Problem{"too-large",
                           "the artifact has more bytes than it may have (" + std::to_string(size) + " in this file)",
                           place(path), "keep large files in a model registry", false};
    limits_.max_bytes -= size;
    if (to.empty() && size >= max_pointer) return {};
    auto content = repository_.read(hex_of(id), size, place(path));
    if (!content) return content.error();
    if (size < max_pointer && content->starts_with(pointer_start))
      return core::Problem{"lfs-pointer", "this is a Git-LFS pointer, not the file", place(path),
                           "keep the file in a model registry, or in the repository itself", false};
    return to.empty() ? core::Result<void>() : write(to, *content);
  }

 private:
  std::string place(const std::string& path) const { return path + "@" + commit_.substr(0, 12); }

  core::Problem unsafe(const std::string& path, const std::string& found) const {
    return {"unsafe-tree", "found " + found + ", needed regular files and folders only", place(path),
            "remove it, or choose another folder as `artifact`", false};
  }

  core::Result<void> one(const git_tree_entry* entry, const std::string& folder_path, const std::filesystem::path& to,
                         int level) {
    const std::string name = git_tree_entry_name(entry);
    const auto path = join_path(folder_path, name);
    if (limits_.is_late()) return core::Problem{"timeout", "writing the files took too long", place(path), "", true};
    if (++entries_ > max_entries) return unsafe(path, "more than " + std::to_string(max_entries) + " entries");
    // git refuses to make such trees; who writes objects by hand can.
    const auto normal = normal_path(name);
    if (!normal || *normal != name || name.empty() || name.find('/') != std::string::npos || name == ".git")
      return unsafe(path, "the name \"" + name + "\"");
    const auto target = to.empty() ? to : to / name;
    const auto& id = *git_tree_entry_id(entry);
    switch (git_tree_entry_filemode(entry)) {
      case GIT_FILEMODE_TREE: {
        std::error_code error;
        if (!target.empty() && !std::filesystem::create_directory(target, error))
          return core::Problem{"cannot-write", error ? error.message() : "it is there twice", target.string(), "",
                               true};
        return folder(id, path, target, level + 1);
      }
      case GIT_FILEMODE_BLOB:
      case GIT_FILEMODE_BLOB_EXECUTABLE:
        return file(id, path, target);
      case GIT_FILEMODE_LINK:
        return unsafe(path, "a symbolic link");
      case GIT_FILEMODE_COMMIT:
        return unsafe(path, "a submodule");
      default:
        return unsafe(path, "an entry of unknown kind");
    }
  }

  static core::Result<void> write(const std::filesystem::path& to, const std::string& content) {
    const auto failed = [&] { return core::Problem{"cannot-write", std::strerror(errno), to.string(), "", true}; };
    const int file = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (file < 0) return failed();
    for (std::size_t written = 0; written < content.size();) {
      const auto count = ::write(file, content.data() + written, content.size() - written);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) {
        const auto problem = failed();
        ::close(file);
        return problem;
      }
      written += static_cast<std::size_t>(count);
    }
    if (::close(file) != 0) return failed();
    return {};
  }

  const GitRepository& repository_;
  std::string commit_;
  GitExportLimits limits_;
  int entries_ = 0;
};

}  // namespace

core::Result<void> export_from_git(const GitRepository& repository, const std::string& commit, const std::string& path,
                                   const std::filesystem::path& to, GitExportLimits limits) {
  const auto found = repository.entry(commit, path);
  const auto where = path + "@" + commit.substr(0, 12);
  if (!found)
    return core::Problem{"not-found", "there is no such file or folder in the commit", where, "correct `artifact`",
                         false};
  git_oid id;
  read_oid(found->oid, id);
  Export work(repository, commit, std::move(limits));
  if (found->kind == GitEntryKind::folder) return work.folder(id, path, to, 0);
  if (found->kind == GitEntryKind::file) {
    const auto name = std::filesystem::path(path).filename();
    return work.file(id, path, to.empty() ? to : to / name);
  }
  return core::Problem{"unsafe-tree",
                       std::string("found ") + (found->kind == GitEntryKind::link ? "a symbolic link" : "a submodule") +
                           ", needed a folder or a file",
                       where, "choose another folder as `artifact`", false};
}

}  // namespace penstock::sources
