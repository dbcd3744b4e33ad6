// The disk as the journal's connections see it: an SQLite VFS (https://www.sqlite.org/vfs.html) in front of the
// default one.
//
// - A page that is written to the database gets its checksum (sqlite_page.hpp); one that is read must have it.
// - A frame that is read from the write-ahead log must have the checksum that the log itself keeps, which SQLite
//   looks at only when it opens one. So what a checkpoint copies is what was committed.
// - What is written to the write-ahead log, of each frame a header and a page, is gathered and goes to the disk in
//   few writes when the log is synced, read, measured or cut. SQLite lets others read a transaction only after that
//   sync, but not where synchronous is less than FULL, which is refused here.
// - A disk or quota without room is SQLITE_FULL, and is told before the transaction is in the log.
// What does not check is SQLITE_IOERR_DATA, after a second look. Memory-mapped reading, which would go past all this,
// is not offered.
#pragma once

#include <sqlite3.h>

#include <string>

namespace penstock::journal {

// For sqlite3_open_v2(); registered when it is first asked for.
const char* sqlite_vfs();

// Whether the pages of a connection's database have checksums: a file of a former shape has none until it is brought
// forward.
enum class PageChecks {
  none,     // the state of a connection that was just opened
  written,  // what is written gets one; what is read need not have any
  all,
};
void set_page_checks(sqlite3* handle, PageChecks checks);
// Reserves the room for checksums in a file that is still empty, or at its next VACUUM.
void reserve_room_for_checksums(sqlite3* handle);

// Reads one page of the database's file, whatever the log and the cache have: SQLITE_OK, SQLITE_IOERR_DATA, or what
// the disk says. Only on the thread that checkpoints, because one page must not be written meanwhile.
int check_page(sqlite3* handle, std::int64_t number);
// Of the database's file; 0 when that cannot be found out.
std::int64_t pages_in_file(sqlite3* handle);

// What this thread's newest SQLITE_IOERR_DATA was about, and forgets it: file, page, observed and needed.
std::string take_damage();

}  // namespace penstock::journal
