// A regular file that stays open while it is checked: what is hashed is what is read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.hpp"

namespace penstock::gates::data_contract::worker {

class File {
 public:
  // Problem "unreadable" names the path.
  static core::Result<File> open(const std::string& path);
  File(File&& other) noexcept;
  File& operator=(File&&) = delete;
  ~File();

  std::uint64_t size() const { return size_; }
  // "/proc/self/fd/5": the same file whatever its name now means, and no pattern for the engine to expand.
  std::string handle() const;
  // The next piece, empty at the end or after a failure (see intact).
  std::string_view read();
  void rewind();
  // Problem "changed" when the file was written to since open(), "unreadable" when a read failed.
  core::Result<void> intact() const;

 private:
  File(std::string path, int descriptor);
  std::string path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::int64_t modified_ns_ = 0;
  std::string failure_;
  std::vector<char> piece_;
};

// The whole of a small file. Problem "too-large" or "unreadable".
core::Result<std::string> read_small(const std::string& path, std::size_t max_bytes);

}  // namespace penstock::gates::data_contract::worker
