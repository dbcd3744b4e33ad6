// A disk that fails when a test says so: an SQLite VFS over the real one, used by every connection opened while it
// lives.
#pragma once

#include <cerrno>
#include <cstdint>
#include <string>
#include <vector>

namespace penstock::journal::testing {

class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // What writes and syncs of files whose name ends with `suffix` answer from now on: an SQLite result code, 0 = as the
  // real disk does. `error` is the errno that the disk tells whoever asks why.
  void fail_writes(const std::string& suffix, int code, int error = EIO);
  void fail_syncs(const std::string& suffix, int code);
  // Whether the index of a write-ahead log, its file "-shm", finds room to grow.
  void let_index_grow(bool may);
  int syncs() const;

  // What becomes of one operation (a write, a sync, a truncate), counted from 1 over all files from now on.
  enum class Fate {
    fails,  // is answered with SQLITE_IOERR, and not done
    fills,  // it, or the first write after it, is done in part and answered with SQLITE_FULL; then there is room again
    kills,  // the process is gone before it is done
    tears,  // of a write the first bytes are done, `kept` at most, then the process is gone
  };
  void at_operation(int number, Fate fate, int kept = 0);
  // Whether the fate has met an operation since then.
  bool was_met() const;
  // What there was since then, in turn.
  struct Operation {
    int size = 0;  // of a write; 0: a sync or truncate
    std::int64_t offset = 0;
    bool of_log = false;  // of a write-ahead log
  };
  std::vector<Operation> operations() const;
};

}  // namespace penstock::journal::testing
