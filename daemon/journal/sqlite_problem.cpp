#include "daemon/journal/sqlite_problem.hpp"

#include <sqlite3.h>

#include "daemon/journal/sqlite_check.hpp"

namespace penstock::journal {
namespace {

// An extended code carries its kind in the lowest byte.
constexpr int kind_of(int code) { return code & 0xff; }

// SQLITE_IOERR_SHMSIZE: the log's index, a file beside it, finds no room to grow.
constexpr bool is_full(int code) { return kind_of(code) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE; }

}  // namespace

core::Problem sqlite_problem(int code, const std::string& said, const std::string& path) {
  if (code == SQLITE_IOERR_DATA)
    return {"journal-damaged", "the journal is damaged, or another program has written to it: " + said, path,
            std::string("stop penstockd, ") + restore_a_backup, false};
  const auto observed = " (SQLite says: " + said + ", code " + std::to_string(code) + ")";
  if (is_full(code))
    return {"journal-full", "there is no room left for the journal" + observed + "; nothing of this was kept", path,
            "free space on its file system, or raise the journal's size limit; a daemon that runs goes on by itself "
            "then; start again what has ended",
            true};
  switch (kind_of(code)) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {"journal-damaged", "the journal's file is damaged" + observed, path,
              std::string("stop penstockd, ") + restore_a_backup, false};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {"journal-failed", "another program keeps the journal's file locked" + observed, path,
              "end the program that has it open; only penstockd may", true};
    case SQLITE_IOERR:
      return {"journal-failed", "the disk did not read or write the journal" + observed + "; nothing of this was kept",
              path, "look into the kernel's log and check the disk", false};
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {"journal-failed", "the journal's file cannot be opened for writing" + observed, path,
              "let penstockd's user write the file and its folder", false};
    default:
      return {"journal-failed", "the journal refused a statement" + observed + "; nothing of this was kept", path,
              "report this as a bug of Penstock", false};
  }
}

bool spares_transaction(int code) {
  switch (kind_of(code)) {
    case SQLITE_OK:
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return true;
    default:
      return false;
  }
}

bool forbids_writing(int code, bool while_committing) {
  // Nothing of the transaction can come back: room for it in the index is asked for before it is in the log.
  if (is_full(code)) return false;
  switch (kind_of(code)) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return true;
    case SQLITE_IOERR:
      return while_committing || code == SQLITE_IOERR_DATA || code == SQLITE_IOERR_FSYNC ||
             code == SQLITE_IOERR_DIR_FSYNC;
    default:
      return false;
  }
}

}  // namespace penstock::journal
