// A copy of the log's files in a folder elsewhere: another disk, another machine's.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "daemon/audit/log_writer.hpp"
#include "plugins/sdk/log_store.hpp"

namespace penstock::audit {

class FolderStore : public sdk::LogStore {
 public:
  // The folder must be there: one that is made here would be made in the place of a disk that is not mounted.
  // `between_kept`: at least this much between two checkpoints that are also kept among the earlier ones, as in the log
  // (publisher.hpp).
  explicit FolderStore(std::filesystem::path root,
                       std::chrono::milliseconds between_kept = std::chrono::milliseconds(1000))
      : root_(std::move(root)), between_kept_(between_kept) {}

  // "audit-failed" when the folder is not there or cannot be read. What add() finds damaged is "audit-differs".
  core::Result<std::string> checkpoint() override;
  core::Result<std::optional<std::uint64_t>> size_of(const std::string& path) override;
  core::Result<void> add(const sdk::Addition& addition) override;

 private:
  core::Result<void> take();
  core::Result<std::optional<KeptEnd>> end_of_kept_when_due(const std::string& note) const;
  core::Result<void> keep(const std::string& note, const KeptEnd& end);

  std::filesystem::path root_;
  std::chrono::milliseconds between_kept_;
  std::optional<std::chrono::steady_clock::time_point> kept_at_;  // since the folder is held
  std::optional<Folder> folder_;  // held from the first addition on, by one daemon at a time
  std::string seen_;
};

}  // namespace penstock::audit
