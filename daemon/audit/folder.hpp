// The folder that holds a log: whole reads, and writes that a crash leaves done or not begun.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "daemon/core/result.hpp"
#include "daemon/runtime/descriptor.hpp"

namespace penstock::audit {

// The end of a file's name while it is being written: what a crash leaves of it says nothing.
constexpr std::string_view unfinished = ".new";

core::Problem disk_problem(int error, const std::string& what, const std::filesystem::path& path);

// Nothing when there is no such file. Problems "audit-failed" (the disk), "audit-damaged" (it is no file, or longer
// than `most` bytes).
core::Result<std::optional<std::string>> read_file(const std::filesystem::path& file, std::size_t most);

class Folder {
 public:
  // Makes the folder. Problems "audit-in-use" (another daemon writes there), "audit-failed".
  static core::Result<Folder> open(std::filesystem::path root);

  const std::filesystem::path& root() const { return root_; }
  // Whether its path still leads to it.
  bool is_in_place() const;
  // Writes a file that never changes. One that is there must be the same; Problem "audit-differs" otherwise. It is
  // durable after the next sync().
  core::Result<void> put(const std::string& path, const std::string& bytes);
  // What was put and has not been synced.
  core::Result<void> sync();
  // Replaces a file, or makes it; durable.
  core::Result<void> replace(const std::string& path, const std::string& bytes);
  // Adds to a file's end; durable. What a failed try has added is taken away by the next one.
  core::Result<void> append(const std::string& path, const std::string& bytes, std::uint64_t old_size);

 private:
  Folder(std::filesystem::path root, runtime::Descriptor lock) : root_(std::move(root)), lock_(std::move(lock)) {}
  core::Result<void> make_folders(const std::filesystem::path& folder);
  core::Result<void> write(const std::filesystem::path& file, const std::string& bytes);

  std::filesystem::path root_;
  runtime::Descriptor lock_;
  std::set<std::filesystem::path> unsynced_;  // folders with new names in them
  std::set<std::filesystem::path> known_;     // folders that are there
};

}  // namespace penstock::audit
