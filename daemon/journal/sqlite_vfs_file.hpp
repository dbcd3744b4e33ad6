// One open file of SQLite's, database, write-ahead log or another one, with what is checked when it is read.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/journal/sqlite_page.hpp"
#include "daemon/journal/sqlite_vfs.hpp"

namespace penstock::journal {

// Used by one thread at a time, as connections are.
class CheckedFile {
 public:
  // `flags` as of xOpen; `real_size` is the size of the real VFS's file object, which is opened by the caller. A log
  // needs the real file of its database, which SQLite closes after it.
  CheckedFile(std::string name, int flags, int real_size, sqlite3_file* database);
  ~CheckedFile();
  CheckedFile(const CheckedFile&) = delete;
  CheckedFile& operator=(const CheckedFile&) = delete;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(real_.get()); }
  void check(PageChecks checks) { checks_ = checks; }

  int read(void* bytes, int size, sqlite3_int64 offset);
  int write(const void* bytes, int size, sqlite3_int64 offset);
  int truncate(sqlite3_int64 size);
  int sync(int flags);
  int size(sqlite3_int64* size);

 private:
  enum class Kind { database, log, other };
  int read_page(void* bytes, sqlite3_int64 offset);
  int read_frame(void* bytes, sqlite3_int64 offset);
  int write_page(const void* bytes, sqlite3_int64 offset);
  int gather(std::string_view bytes, sqlite3_int64 offset);
  int write_gathered();
  int make_room_in_index(sqlite3_int64 frame_at);
  int real_write(const void* bytes, std::size_t size, sqlite3_int64 offset);
  int real_read(void* bytes, std::size_t size, sqlite3_int64 offset);
  int damaged(const std::string& what);

  std::string name_;
  Kind kind_;
  PageChecks checks_ = PageChecks::none;
  // Of the log: where the newest frame header was written, and from where on pages were written again within their
  // transaction; SQLite brings those frames' checksums up to date before the commit's sync.
  sqlite3_int64 newest_header_ = -1;
  std::optional<sqlite3_int64> unsettled_from_;
  // Of the log: what was written since, and from where on it belongs. Left behind only by a transaction that is given
  // up.
  std::string gathered_;
  sqlite3_int64 gathered_at_ = 0;
  // Of the log: how many blocks its index is known to have.
  sqlite3_int64 index_blocks_ = 0;
  sqlite3_file* database_;
  std::unique_ptr<std::byte[]> real_;
};

// What SQLite holds in its memory.
struct SqliteFile {
  sqlite3_file base;
  CheckedFile* file;
};

}  // namespace penstock::journal
