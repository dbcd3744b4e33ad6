#include "daemon/journal/sqlite_vfs_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "daemon/journal/sqlite_wal.hpp"

namespace penstock::journal {
namespace {

constexpr auto page_bytes = static_cast<sqlite3_int64>(sqlite_page_bytes);
constexpr auto frame_header_bytes = static_cast<sqlite3_int64>(wal_frame_header_bytes);
constexpr auto frame_bytes = frame_header_bytes + page_bytes;
constexpr auto log_header_bytes = static_cast<sqlite3_int64>(wal_header_bytes);
// SQLite looks into the header, to learn the size of pages, before it reads a page (sqlite3BtreeOpen: 100 bytes; and
// 16 of the version). Nothing is taken from there that is not read again as a page.
constexpr int header_bytes = 100;
// A read beside another program's write may see half of it.
constexpr int looks = 3;
// Of a log, in one write: SQLite's unix VFS takes a greater number of bytes modulo 128 KiB (seekAndWriteFd in
// os_unix.c).
constexpr std::size_t most_gathered_bytes = 0x1ffff;
// Of the log's index, https://www.sqlite.org/walformat.html#wal_index_file_format: the first block has a header too.
constexpr int index_block_bytes = 32768;
constexpr sqlite3_int64 frames_per_index_block = 4096;
constexpr sqlite3_int64 frames_in_first_index_block = 4062;

std::string& newest_damage() {
  thread_local std::string damage;
  return damage;
}

// In the header: how many bytes each page reserves.
constexpr std::size_t reserved_at = 20;

}  // namespace

std::string take_damage() { return std::exchange(newest_damage(), {}); }

CheckedFile::CheckedFile(std::string name, int flags, int real_size, sqlite3_file* database)
    : name_(std::move(name)),
      kind_((flags & SQLITE_OPEN_MAIN_DB) != 0 ? Kind::database
            : (flags & SQLITE_OPEN_WAL) != 0   ? Kind::log
                                               : Kind::other),
      database_(database),
      // Zeros: a file that was not opened has no methods.
      real_(std::make_unique<std::byte[]>(static_cast<std::size_t>(real_size))) {}

CheckedFile::~CheckedFile() {
  if (real()->pMethods != nullptr) real()->pMethods->xClose(real());
}

int CheckedFile::real_read(void* bytes, std::size_t size, sqlite3_int64 offset) {
  return real()->pMethods->xRead(real(), bytes, static_cast<int>(size), offset);
}

int CheckedFile::damaged(const std::string& what) {
  newest_damage() = what + ", in " + name_;
  return SQLITE_IOERR_DATA;
}

int CheckedFile::read(void* bytes, int size, sqlite3_int64 offset) {
  if (const int code = write_gathered(); code != SQLITE_OK) return code;
  const bool is_page = size == page_bytes;
  if (kind_ == Kind::database && checks_ == PageChecks::all && size > header_bytes) {
    if (is_page && offset % page_bytes == 0) return read_page(bytes, offset);
    return damaged("SQLite takes " + std::to_string(size) + " bytes for a page, and the journal's have " +
                   std::to_string(page_bytes));
  }
  if (kind_ == Kind::log && is_page && offset >= log_header_bytes &&
      (offset - log_header_bytes) % frame_bytes == frame_header_bytes)
    return read_frame(bytes, offset);
  return real_read(bytes, static_cast<std::size_t>(size), offset);
}

int CheckedFile::read_page(void* bytes, sqlite3_int64 offset) {
  const SqlitePage page(static_cast<const unsigned char*>(bytes), sqlite_page_bytes);
  const auto number = offset / page_bytes + 1;
  for (int look = 0; look < looks; ++look) {
    const int code = real_read(bytes, sqlite_page_bytes, offset);
    if (code == SQLITE_IOERR_SHORT_READ)
      return damaged("page " + std::to_string(number) + " is missing: the file ends before byte " +
                     std::to_string(offset + page_bytes));
    if (code != SQLITE_OK) return code;
    if (is_whole(page, number)) return SQLITE_OK;
  }
  return damaged(what_is_wrong(page, number));
}

int CheckedFile::read_frame(void* bytes, sqlite3_int64 offset) {
  const auto frame_at = offset - frame_header_bytes;
  if (unsettled_from_ && frame_at >= *unsettled_from_) return real_read(bytes, sqlite_page_bytes, offset);
  // What the frame's checksum goes on from: that of the frame before it, or of the log's header.
  const bool is_first = frame_at == log_header_bytes;
  std::array<char, wal_header_bytes> header{};
  std::array<char, wal_frame_header_bytes> before{};
  std::array<char, static_cast<std::size_t>(frame_bytes)> frame{};
  for (int look = 0; look < looks; ++look) {
    int code = real_read(header.data(), header.size(), 0);
    if (code == SQLITE_OK && !is_first) code = real_read(before.data(), before.size(), frame_at - frame_bytes);
    if (code == SQLITE_OK) code = real_read(frame.data(), frame.size(), frame_at);
    if (code != SQLITE_OK) return code;
    const auto big_endian = wal_is_big_endian({header.data(), header.size()});
    if (!big_endian) continue;
    const std::string_view whole(frame.data(), frame.size());
    const auto content = whole.substr(wal_frame_header_bytes);
    const auto from = stored_wal_checksum(is_first ? &header[24] : &before[16]);
    if (wal_checksum(wal_checksum(from, whole.substr(0, 8), *big_endian), content, *big_endian) ==
        stored_wal_checksum(&frame[16])) {
      std::memcpy(bytes, content.data(), content.size());
      return SQLITE_OK;
    }
  }
  return damaged("the frame at byte " + std::to_string(frame_at) + " does not have its checksum");
}

int CheckedFile::write(const void* bytes, int size, sqlite3_int64 offset) {
  if (kind_ == Kind::database && checks_ != PageChecks::none && size == page_bytes) return write_page(bytes, offset);
  if (kind_ != Kind::log) return real_write(bytes, static_cast<std::size_t>(size), offset);
  if (size == frame_header_bytes) {
    newest_header_ = offset;
    if (const int code = make_room_in_index(offset); code != SQLITE_OK) return code;
  }
  if (size == page_bytes) {
    // A page behind its header; or one of a frame that was written before.
    if (const auto header = std::exchange(newest_header_, -1); header != offset - frame_header_bytes)
      unsettled_from_ = std::min(unsettled_from_.value_or(offset), offset - frame_header_bytes);
  }
  return gather({static_cast<const char*>(bytes), static_cast<std::size_t>(size)}, offset);
}

int CheckedFile::gather(std::string_view bytes, sqlite3_int64 offset) {
  const bool follows = offset == gathered_at_ + static_cast<sqlite3_int64>(gathered_.size());
  if (!follows || gathered_.size() + bytes.size() > most_gathered_bytes)
    if (const int code = write_gathered(); code != SQLITE_OK) return code;
  if (gathered_.empty()) gathered_at_ = offset;
  try {
    gathered_.append(bytes);
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  }
  return SQLITE_OK;
}

int CheckedFile::write_gathered() {
  if (gathered_.empty()) return SQLITE_OK;
  const int code = real_write(gathered_.data(), gathered_.size(), gathered_at_);
  // Where that failed the transaction is given up, and what comes next is written over it. SQLite's pager took these
  // frames for written long ago, and does not learn here which are gone. That is safe, because no part of a transaction
  // is kept after SQLITE_FULL, NOMEM or IOERR, not even one before a savepoint (spares_transaction()).
  gathered_.clear();
  return code;
}

// SQLite enters a transaction into the log's index after the log's sync. Where the index found no room then, what is
// told to be refused would be in the log, and back after a crash.
int CheckedFile::make_room_in_index(sqlite3_int64 frame_at) {
  const auto frame = (frame_at - log_header_bytes) / frame_bytes;
  const auto block = (frame + frames_per_index_block - frames_in_first_index_block) / frames_per_index_block;
  if (block < index_blocks_) return SQLITE_OK;
  void volatile* mapped = nullptr;
  const int code = database_->pMethods->xShmMap(database_, static_cast<int>(block), index_block_bytes, 1, &mapped);
  if (code == SQLITE_OK) index_blocks_ = block + 1;
  return code;
}

// SQLite's unix VFS tells only ENOSPC as a full disk (unixWrite in os_unix.c); a quota that is used up is no broken
// disk either. Of a sync neither is told: what it lost is lost.
int CheckedFile::real_write(const void* bytes, std::size_t size, sqlite3_int64 offset) {
  const int code = real()->pMethods->xWrite(real(), bytes, static_cast<int>(size), offset);
  if (code != SQLITE_IOERR_WRITE) return code;
  int error = 0;
  real()->pMethods->xFileControl(real(), SQLITE_FCNTL_LAST_ERRNO, &error);
  return error == EDQUOT || error == ENOSPC ? SQLITE_FULL : code;
}

int CheckedFile::write_page(const void* bytes, sqlite3_int64 offset) {
  std::array<unsigned char, sqlite_page_bytes> page;
  std::memcpy(page.data(), bytes, page.size());
  // The first page is written first; where it has no room for a checksum, no other page has.
  if (offset == 0 && page[reserved_at] != sqlite_reserved_bytes)
    return damaged("the first page reserves " + std::to_string(page[reserved_at]) + " bytes for a checksum of " +
                   std::to_string(sqlite_reserved_bytes));
  const auto checksum = checksum_of(page, offset / page_bytes + 1);
  std::copy(checksum.begin(), checksum.end(), page.end() - sqlite_reserved_bytes);
  return real_write(page.data(), page.size(), offset);
}

int CheckedFile::truncate(sqlite3_int64 size) {
  if (const int code = write_gathered(); code != SQLITE_OK) return code;
  return real()->pMethods->xTruncate(real(), size);
}

int CheckedFile::sync(int flags) {
  if (const int code = write_gathered(); code != SQLITE_OK) return code;
  unsettled_from_.reset();
  return real()->pMethods->xSync(real(), flags);
}

int CheckedFile::size(sqlite3_int64* size) {
  if (const int code = write_gathered(); code != SQLITE_OK) return code;
  return real()->pMethods->xFileSize(real(), size);
}

}  // namespace penstock::journal
