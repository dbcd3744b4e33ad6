// A copy of the log's files in a folder elsewhere: another disk, another machine's.
#pragma once

#include <filesystem>
#include <optional>

#include "daemon/audit/folder.hpp"
#include "plugins/sdk/log_store.hpp"

namespace penstock::audit {

class FolderStore : public sdk::LogStore {
 public:
  // The folder must be there: one that is made here would be made in the place of a disk that is not mounted.
  explicit FolderStore(std::filesystem::path root) : root_(std::move(root)) {}

  // "audit-failed" when the folder is not there or cannot be read.
  core::Result<std::string> checkpoint() override;
  core::Result<void> add(const sdk::Addition& addition) override;

 private:
  core::Result<void> take();
  core::Result<void> keep(const std::string& note);

  std::filesystem::path root_;
  std::optional<Folder> folder_;  // held from the first addition on, by one daemon at a time
  std::string seen_;
};

}  // namespace penstock::audit
