// Folders that somebody else writes to, read without ever following a symbolic link.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/result.hpp"

namespace penstock::sources {

struct MarkerStat {
  std::int64_t nanoseconds = 0;  // of its last change
  std::int64_t size = 0;         // bytes
};

// An open folder: what it is cannot be exchanged between looking and reading. Owns the descriptor.
class Folder {
 public:
  // The path itself may lead over links: an operator wrote it.
  static core::Result<Folder> open(const std::string& path);
  Folder(Folder&& other) noexcept;
  Folder& operator=(Folder&&) = delete;
  ~Folder();

  // A folder inside this one; a link or anything else is a Problem "unsafe-tree".
  core::Result<Folder> enter(const std::string& name) const;
  // All names but "." and "..", sorted. More than 100 000 are a Problem.
  core::Result<std::vector<std::string>> names() const;
  // Of the entry itself, not of what a link points to; nothing when there is none.
  std::optional<struct stat> stat(const std::string& name) const;
  // A regular file `name` inside the folder `inside` of this one; nothing when any of the two is something else.
  std::optional<MarkerStat> stat_in(const std::string& inside, const std::string& name) const;
  // A regular file, opened for reading without blocking (a pipe is refused, not waited for). The caller closes it.
  core::Result<int> open_file(const std::string& name) const;
  // The whole of a regular file of at most `max_bytes`.
  core::Result<std::string> read(const std::string& name, std::size_t max_bytes) const;

  const std::string& path() const { return path_; }

 private:
  Folder(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;
};

struct CopyLimits {
  std::uint64_t max_bytes = 0;
  std::size_t max_files = 0;
  int max_levels = 0;
  std::function<bool()> is_late;
};

// Copies the regular files below `from` to `to`, all but the file `without` at the top. Links, pipes, sockets and
// devices are a Problem "unsafe-tree"; what passes a limit is "too-large" or "timeout".
core::Result<void> copy_tree(const Folder& from, const std::filesystem::path& to, const std::string& without,
                             CopyLimits& limits);

}  // namespace penstock::sources
