// A disk that fails when a test says so: an SQLite VFS over the real one, used by every connection opened while it
// lives.
#pragma once

#include <atomic>
#include <string>

namespace penstock::journal::testing {

class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // What writes and syncs of files whose name ends with `suffix` answer from now on: an SQLite result code, 0 = as the
  // real disk does.
  void fail_writes(const std::string& suffix, int code);
  void fail_syncs(const std::string& suffix, int code);
  int syncs() const;

  // What becomes of one operation (a write, a sync, a truncate), counted from 1 over all files from now on.
  enum class Fate {
    fails,  // is answered with SQLITE_IOERR, and not done
    kills,  // the process is gone before it is done
    tears,  // of a write the first part is done, one to seven eighths by its number, then the process is gone
  };
  void at_operation(int number, Fate fate);
  // How many there were since then.
  int operations() const;
};

}  // namespace penstock::journal::testing
