#include "plugins/sources/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace penstock::sources {
namespace {

constexpr std::size_t max_names = 100'000;

core::Problem failed(const std::string& what, const std::string& path, int error) {
  const bool absent = error == ENOENT;
  return {absent ? "not-found" : "unreadable", "cannot " + what + ": " + std::strerror(error), path,
          absent ? "check the path" : "let the daemon's user read it", false};
}

core::Problem unsafe(const std::string& path, const std::string& found) {
  return {"unsafe-tree", "found " + found + ", needed regular files and folders only", path,
          "replace it by the file that is meant", false};
}

std::string kind_of(mode_t mode) {
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISREG(mode)) return "a file";
  return "a device";
}

// A descriptor that is closed at the end of its scope.
struct Closing {
  int descriptor;
  explicit Closing(int opened) : descriptor(opened) {}
  ~Closing() { ::close(descriptor); }
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
};

core::Result<void> copy_file(int from, const std::string& from_path, const std::filesystem::path& to,
                             CopyLimits& limits) {
  const int opened = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (opened < 0) return failed("create the copy", to.string(), errno);
  const Closing target(opened);
  std::array<char, 256 << 10> buffer;
  for (;;) {
    if (limits.is_late())
      return core::Problem{"timeout", "copying took longer than the fetch may take", from_path, "", true};
    const auto count = ::read(from, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("read", from_path, errno);
    if (count == 0) return {};
    const auto size = static_cast<std::size_t>(count);
    if (size > limits.max_bytes)
      return core::Problem{"too-large", "the version has more bytes than an artifact may have", from_path,
                           "make it smaller, or raise the limit on artifacts", false};
    limits.max_bytes -= size;
    for (std::size_t written = 0; written < size;) {
      const auto wrote = ::write(target.descriptor, buffer.data() + written, size - written);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return failed("write the copy", to.string(), errno);
      written += static_cast<std::size_t>(wrote);
    }
  }
}

core::Result<void> copy_level(const Folder& from, const std::filesystem::path& to, const std::string& without,
                              int level, CopyLimits& limits) {
  auto names = from.names();
  if (!names) return names.error();
  for (const auto& name : *names) {
    if (level == 0 && name == without) continue;
    const auto path = from.path() + "/" + name;
    if (limits.max_files == 0 || level > limits.max_levels)
      return core::Problem{"too-large", "the version has too many files, or folders nested too deep", path,
                           "pack it into fewer files", false};
    --limits.max_files;
    const auto found = from.stat(name);
    if (!found) return failed("look at", path, ENOENT);
    if (S_ISDIR(found->st_mode)) {
      auto inside = from.enter(name);
      if (!inside) return inside.error();
      std::error_code error;
      std::filesystem::create_directory(to / name, error);
      if (error) return failed("create the copy", (to / name).string(), error.value());
      if (auto done = copy_level(*inside, to / name, without, level + 1, limits); !done) return done.error();
    } else {
      auto file = from.open_file(name);
      if (!file) return file.error();
      const Closing source(*file);
      if (auto done = copy_file(source.descriptor, path, to / name, limits); !done) return done.error();
    }
  }
  return {};
}

}  // namespace

core::Result<Folder> Folder::open(const std::string& path) {
  const int opened = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return failed("open the folder", path, errno);
  return Folder(opened, path);
}

Folder::Folder(Folder&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

Folder::~Folder() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

core::Result<Folder> Folder::enter(const std::string& name) const {
  const auto inside = path_ + "/" + name;
  const int opened = ::openat(descriptor_, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (opened >= 0) return Folder(opened, inside);
  const int error = errno;
  if (const auto found = stat(name); found && !S_ISDIR(found->st_mode)) return unsafe(inside, kind_of(found->st_mode));
  return failed("open the folder", inside, error);
}

core::Result<std::vector<std::string>> Folder::names() const {
  // A descriptor of its own: fdopendir takes it over, and its position is shared by duplicates.
  const int opened = ::openat(descriptor_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return failed("list the folder", path_, errno);
  DIR* listing = ::fdopendir(opened);
  if (listing == nullptr) {
    const int error = errno;
    ::close(opened);
    return failed("list the folder", path_, error);
  }
  std::vector<std::string> names;
  int error = 0;
  for (;;) {
    errno = 0;
    const auto* entry = ::readdir(listing);
    if (entry == nullptr) {
      error = errno;
      break;
    }
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    if (names.size() > max_names) break;
  }
  ::closedir(listing);
  if (error != 0) return failed("list the folder", path_, error);
  if (names.size() > max_names)
    return core::Problem{"too-many-versions", "more than " + std::to_string(max_names) + " entries in one folder",
                         path_, "move old ones away", false};
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<struct stat> Folder::stat(const std::string& name) const {
  struct stat found {};
  if (::fstatat(descriptor_, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return found;
}

std::optional<MarkerStat> Folder::stat_in(const std::string& inside, const std::string& name) const {
  const auto folder = enter(inside);
  if (!folder) return std::nullopt;
  const auto found = folder->stat(name);
  if (!found || !S_ISREG(found->st_mode)) return std::nullopt;
  return MarkerStat{std::int64_t{found->st_mtim.tv_sec} * 1'000'000'000 + found->st_mtim.tv_nsec, found->st_size};
}

core::Result<int> Folder::open_file(const std::string& name) const {
  const auto path = path_ + "/" + name;
  const int opened = ::openat(descriptor_, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (opened < 0) {
    const int error = errno;
    if (const auto found = stat(name); found && !S_ISREG(found->st_mode)) return unsafe(path, kind_of(found->st_mode));
    return failed("open", path, error);
  }
  struct stat found {};
  if (::fstat(opened, &found) != 0 || !S_ISREG(found.st_mode)) {
    ::close(opened);
    return unsafe(path, kind_of(found.st_mode));
  }
  return opened;
}

core::Result<std::string> Folder::read(const std::string& name, std::size_t max_bytes) const {
  auto opened = open_file(name);
  if (!opened) return opened.error();
  const Closing file(*opened);
  std::string text(max_bytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto count = ::read(file.descriptor, text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("read", path_ + "/" + name, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > max_bytes)
    return core::Problem{"too-large", "more than " + std::to_string(max_bytes) + " bytes", path_ + "/" + name,
                         "make the file smaller", false};
  text.resize(size);
  return core::Result<std::string>(boost::system::in_place_value, std::move(text));
}

core::Result<void> copy_tree(const Folder& from, const std::filesystem::path& to, const std::string& without,
                             CopyLimits& limits) {
  return copy_level(from, to, without, 0, limits);
}

}  // namespace penstock::sources
