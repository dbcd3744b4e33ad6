#include "daemon/journal/sqlite_log_again.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <vector>

#include "daemon/journal/sqlite_problem.hpp"

namespace penstock::journal {
namespace {

constexpr sqlite3_int64 piece_bytes = 1 << 16;  // its VFS writes less than 128 KiB at once

// Opened without what stands between SQLite and the disk (sqlite_vfs.hpp), which would want to know the database.
class Log {
 public:
  explicit Log(const std::string& path)
      : disk_(*sqlite3_vfs_find(nullptr)),
        room_(static_cast<std::size_t>(disk_.szOsFile) / sizeof(std::max_align_t) + 1) {
    int opened_as = 0;
    code_ = disk_.xOpen(&disk_, path.c_str(), file(), SQLITE_OPEN_WAL | SQLITE_OPEN_READWRITE, &opened_as);
    if (code_ == SQLITE_OK && (opened_as & SQLITE_OPEN_READONLY) != 0) code_ = SQLITE_READONLY;
  }
  ~Log() {
    if (file()->pMethods != nullptr) file()->pMethods->xClose(file());
  }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // An SQLite result code.
  int write_again() {
    sqlite3_int64 size = 0;
    if (code_ == SQLITE_OK) code_ = file()->pMethods->xFileSize(file(), &size);
    std::vector<char> piece(static_cast<std::size_t>(std::min(size, piece_bytes)));
    for (sqlite3_int64 offset = 0; code_ == SQLITE_OK && offset < size; offset += piece_bytes) {
      const auto count = static_cast<int>(std::min(size - offset, piece_bytes));
      code_ = file()->pMethods->xRead(file(), piece.data(), count, offset);
      if (code_ == SQLITE_OK) code_ = file()->pMethods->xWrite(file(), piece.data(), count, offset);
    }
    return code_ == SQLITE_OK ? file()->pMethods->xSync(file(), SQLITE_SYNC_NORMAL) : code_;
  }

 private:
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(room_.data()); }

  sqlite3_vfs& disk_;
  std::vector<std::max_align_t> room_;
  int code_ = SQLITE_OK;
};

}  // namespace

core::Result<void> write_log_again(const std::string& log) {
  const int code = Log(log).write_again();
  if (code != SQLITE_OK) return sqlite_problem(code, sqlite3_errstr(code), log);
  return {};
}

}  // namespace penstock::journal
