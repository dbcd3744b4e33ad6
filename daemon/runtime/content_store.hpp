// Bytes kept by their digest: documents (blobs) and folders (trees). One copy of each, never changed.
//
// A tree's digest is the SHA-256 of its manifest: for every regular file, sorted by path as bytes, the line
// "<64 hex digits of the file's SHA-256>  <path>\n". In the folder,
// `find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0r sha256sum -- | sha256sum` gives the same. Names with
// control characters or backslashes are refused: their lines could be read in two ways. Empty folders do not count.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"
#include "daemon/runtime/process_lock.hpp"

namespace penstock::runtime {

struct TreeLimits {
  std::uint64_t max_bytes = std::uint64_t{64} << 30;
  std::size_t max_files = 100'000;
};

// Safe from any thread. A folder is one store's, in one process: what another one fetches must not be taken away.
class ContentStore {
 public:
  // The largest document, in bytes.
  static constexpr std::size_t max_content = std::size_t{64} << 20;

  // Creates <root>/blobs, <root>/trees and <root>/incoming (emptied) when needed. Problem "store-in-use" (names the
  // process id) when the folder is another store's, before anything is touched.
  static core::Result<ContentStore> open(const std::filesystem::path& root);

  // Durable (file and folder fsynced) before it returns; heals a damaged copy. Problem "store-full" when the disk is,
  // "store-failed" for its other refusals, "too-large" beyond max_content.
  core::Result<core::Digest> put(std::string_view content);
  // Problem "not-found"; "damaged" when the bytes no longer have the digest.
  core::Result<std::string> get(const core::Digest& digest) const;

  // Documents are kept elsewhere too, before put() returns, and looked for there when they are not here: for stores of
  // several daemons. Called once, before the others; both may block, and are called from any thread.
  struct Elsewhere {
    std::function<core::Result<void>(const core::Digest& digest, std::string_view content)> keep;
    std::function<core::Result<std::optional<std::string>>(const core::Digest& digest)> find;
  };
  void share(Elsewhere elsewhere) { elsewhere_ = std::move(elsewhere); }
  bool is_shared() const { return elsewhere_.keep != nullptr; }

  // The folder of a stored tree; nothing when it is not there.
  std::optional<std::filesystem::path> tree(const core::Digest& digest) const;
  // Lets `fill` write into a fresh folder, then hashes it, makes it read-only and keeps it under its digest. When
  // `expected` is given and differs, nothing is kept: Problem "digest-mismatch" with both. Links, devices and names
  // that leave the folder are refused: Problem "unsafe-tree"; more than `limits`: "too-large".
  core::Result<core::Digest> put_tree(const std::function<core::Result<void>(const std::filesystem::path&)>& fill,
                                      const std::optional<core::Digest>& expected = std::nullopt,
                                      TreeLimits limits = {});
  // As put_tree, but the copy is thrown away: what would its digest be?
  core::Result<core::Digest> try_tree(const std::function<core::Result<void>(const std::filesystem::path&)>& fill,
                                      TreeLimits limits = {});
  // A fresh folder below <root>/incoming; the caller removes it.
  core::Result<std::filesystem::path> scratch();

 private:
  ContentStore(std::filesystem::path root, ProcessLock lock);
  // The folder below blobs/ that the document belongs in; made, and durably so, when it is needed first.
  core::Result<std::filesystem::path> shelf(const core::Digest& digest);

  std::filesystem::path root_;
  ProcessLock lock_;
  Elsewhere elsewhere_;
  // Which of the 256 shelves are known to be there.
  std::unique_ptr<std::array<std::atomic<bool>, 256>> shelves_;
};

// The digest of a folder, as above; the folder is only read.
core::Result<core::Digest> tree_digest(const std::filesystem::path& folder, TreeLimits limits = {});

}  // namespace penstock::runtime
