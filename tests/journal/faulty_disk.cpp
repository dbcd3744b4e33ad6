#include "tests/journal/faulty_disk.hpp"

#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <stdexcept>

namespace penstock::journal::testing {
namespace {

struct FaultOfACall {
  std::string suffix;
  int code = SQLITE_OK;
  int error = 0;  // errno
};

// A VFS is process-wide, and so is what it is told.
std::mutex mutex;
FaultOfACall write_fault;
FaultOfACall sync_fault;
std::vector<FaultyDisk::Operation> operations_done;
int fated_operation = 0;  // 0: none
FaultyDisk::Fate fate = FaultyDisk::Fate::fails;
int kept_of_torn = 0;
bool fate_was_met = false;
std::atomic<bool> index_may_grow = true;
std::atomic<int> sync_count = 0;
std::atomic<int> newest_error = 0;  // 0: what the real disk says

// Whether the fate meets this operation. It does not return where the process is killed.
bool is_fated(FaultyDisk::Operation operation) {
  const std::lock_guard lock(mutex);
  operations_done.push_back(operation);
  if (fated_operation == 0 || fate_was_met) return false;
  const auto number = static_cast<int>(operations_done.size());
  fate_was_met =
      fate == FaultyDisk::Fate::fills ? number >= fated_operation && operation.size > 0 : number == fated_operation;
  if (fate_was_met && fate == FaultyDisk::Fate::kills) ::kill(::getpid(), SIGKILL);
  if (fate_was_met) newest_error = EIO;
  return fate_was_met;
}

int fault_for(const FaultOfACall& fault, const char* name) {
  const std::lock_guard lock(mutex);
  if (fault.code == SQLITE_OK || name == nullptr || !std::string_view(name).ends_with(fault.suffix)) return SQLITE_OK;
  newest_error = fault.error;
  return fault.code;
}

// What SQLite sees as a file: this, and the real one right behind it.
struct File {
  sqlite3_file base;
  const char* name;
  bool is_log;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File* file_of(sqlite3_file* base) { return reinterpret_cast<File*>(base); }
sqlite3_file* real_of(sqlite3_file* base) { return file_of(base)->real(); }

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  const auto write_real = [&](int count) {
    return real_of(file)->pMethods->xWrite(real_of(file), bytes, count, offset);
  };
  if (is_fated({size, offset, file_of(file)->is_log})) {
    if (fate == FaultyDisk::Fate::fails) return SQLITE_IOERR_WRITE;
    if (fate == FaultyDisk::Fate::fills) {
      // File systems give room by the block.
      if (const auto end = (offset + size / 2) / 4096 * 4096; end > offset) write_real(static_cast<int>(end - offset));
      return SQLITE_FULL;
    }
    write_real(std::min(kept_of_torn, size - 1));
    ::kill(::getpid(), SIGKILL);
  }
  if (const int code = fault_for(write_fault, file_of(file)->name)) return code;
  return write_real(size);
}
int sync(sqlite3_file* file, int flags) {
  ++sync_count;
  if (is_fated({0, 0, file_of(file)->is_log})) {
    if (fate == FaultyDisk::Fate::fails) return SQLITE_IOERR_FSYNC;
    ::kill(::getpid(), SIGKILL);
  }
  if (const int code = fault_for(sync_fault, file_of(file)->name)) return code;
  return real_of(file)->pMethods->xSync(real_of(file), flags);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (is_fated({0, size, file_of(file)->is_log})) {
    if (fate == FaultyDisk::Fate::fails) return SQLITE_IOERR_TRUNCATE;
    ::kill(::getpid(), SIGKILL);
  }
  return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

int control(sqlite3_file* file, int operation, void* argument) {
  const int error = newest_error;
  if (operation != SQLITE_FCNTL_LAST_ERRNO || error == 0)
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
  *static_cast<int*>(argument) = error;
  return SQLITE_OK;
}

// Without `extend` nothing is mapped where the index would have to grow.
int map_index(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  const auto map = [&](int extended) {
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extended, memory);
  };
  if (extend == 0 || index_may_grow) return map(extend);
  const int code = map(0);
  return code == SQLITE_OK && *memory == nullptr ? SQLITE_IOERR_SHMSIZE : code;
}

const sqlite3_io_methods methods = {
    3,
    [](sqlite3_file* f) { return real_of(f)->pMethods->xClose(real_of(f)); },
    [](sqlite3_file* f, void* bytes, int size, sqlite3_int64 offset) {
      return real_of(f)->pMethods->xRead(real_of(f), bytes, size, offset);
    },
    write,
    truncate,
    sync,
    [](sqlite3_file* f, sqlite3_int64* size) { return real_of(f)->pMethods->xFileSize(real_of(f), size); },
    [](sqlite3_file* f, int level) { return real_of(f)->pMethods->xLock(real_of(f), level); },
    [](sqlite3_file* f, int level) { return real_of(f)->pMethods->xUnlock(real_of(f), level); },
    [](sqlite3_file* f, int* held) { return real_of(f)->pMethods->xCheckReservedLock(real_of(f), held); },
    control,
    [](sqlite3_file* f) { return real_of(f)->pMethods->xSectorSize(real_of(f)); },
    [](sqlite3_file* f) { return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f)); },
    map_index,
    [](sqlite3_file* f, int offset, int count, int flags) {
      return real_of(f)->pMethods->xShmLock(real_of(f), offset, count, flags);
    },
    [](sqlite3_file* f) { real_of(f)->pMethods->xShmBarrier(real_of(f)); },
    [](sqlite3_file* f, int remove) { return real_of(f)->pMethods->xShmUnmap(real_of(f), remove); },
    [](sqlite3_file* f, sqlite3_int64 offset, int size, void** memory) {
      return real_of(f)->pMethods->xFetch(real_of(f), offset, size, memory);
    },
    [](sqlite3_file* f, sqlite3_int64 offset, void* memory) {
      return real_of(f)->pMethods->xUnfetch(real_of(f), offset, memory);
    },
};

sqlite3_vfs* real_vfs() { return sqlite3_vfs_find("unix"); }

int open(sqlite3_vfs*, const char* name, sqlite3_file* base, int flags, int* out_flags) {
  auto* file = file_of(base);
  file->base.pMethods = nullptr;
  file->name = name;
  file->is_log = (flags & SQLITE_OPEN_WAL) != 0;
  const int code = real_vfs()->xOpen(real_vfs(), name, file->real(), flags, out_flags);
  if (file->real()->pMethods != nullptr) file->base.pMethods = &methods;
  return code;
}

sqlite3_vfs vfs;

}  // namespace

FaultyDisk::FaultyDisk() {
  vfs = *real_vfs();
  vfs.szOsFile = static_cast<int>(sizeof(File)) + real_vfs()->szOsFile;
  vfs.zName = "penstock-faulty";
  vfs.pNext = nullptr;
  vfs.xOpen = open;
  sync_count = 0;
  if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK) throw std::runtime_error("the faulty disk was not accepted");
}

FaultyDisk::~FaultyDisk() {
  fail_writes("", SQLITE_OK);
  fail_syncs("", SQLITE_OK);
  let_index_grow(true);
  at_operation(0, Fate::fails);
  sqlite3_vfs_unregister(&vfs);
  sqlite3_vfs_register(real_vfs(), 1);
}

void FaultyDisk::fail_writes(const std::string& suffix, int code, int error) {
  const std::lock_guard lock(mutex);
  write_fault = {suffix, code, error};
  newest_error = 0;
}

void FaultyDisk::fail_syncs(const std::string& suffix, int code) {
  const std::lock_guard lock(mutex);
  sync_fault = {suffix, code, EIO};
  newest_error = 0;
}

void FaultyDisk::let_index_grow(bool may) { index_may_grow = may; }

int FaultyDisk::syncs() const { return sync_count; }

void FaultyDisk::at_operation(int number, Fate what, int kept) {
  const std::lock_guard lock(mutex);
  operations_done.clear();
  fated_operation = number;
  fate = what;
  kept_of_torn = kept;
  fate_was_met = false;
  newest_error = 0;
}

bool FaultyDisk::was_met() const {
  const std::lock_guard lock(mutex);
  return fate_was_met;
}

std::vector<FaultyDisk::Operation> FaultyDisk::operations() const {
  const std::lock_guard lock(mutex);
  return operations_done;
}

}  // namespace penstock::journal::testing
