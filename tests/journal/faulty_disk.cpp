#include "tests/journal/faulty_disk.hpp"

#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstring>
#include <mutex>
#include <stdexcept>

namespace penstock::journal::testing {
namespace {

struct Fault {
  std::string suffix;
  int code = SQLITE_OK;
};

// A VFS is process-wide, and so is what it is told.
std::mutex mutex;
Fault write_fault;
Fault sync_fault;
std::atomic<int> sync_count = 0;
std::atomic<int> operation_count = 0;
std::atomic<int> fatal_operation = 0;  // 0: none
std::atomic<FaultyDisk::Fate> fate = FaultyDisk::Fate::fails;

// Whether this operation is the one. It does not return where the process is killed.
bool is_fatal() {
  if (++operation_count != fatal_operation) return false;
  if (fate == FaultyDisk::Fate::kills) ::kill(::getpid(), SIGKILL);
  return true;
}

int fault_for(const Fault& fault, const char* name) {
  const std::lock_guard lock(mutex);
  if (fault.code == SQLITE_OK || name == nullptr) return SQLITE_OK;
  return std::string_view(name).ends_with(fault.suffix) ? fault.code : SQLITE_OK;
}

// What SQLite sees as a file: this, and the real one right behind it.
struct File {
  sqlite3_file base;
  const char* name;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File* file_of(sqlite3_file* base) { return reinterpret_cast<File*>(base); }
sqlite3_file* real_of(sqlite3_file* base) { return file_of(base)->real(); }

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  if (is_fatal()) {
    if (fate == FaultyDisk::Fate::fails) return SQLITE_IOERR_WRITE;
    real_of(file)->pMethods->xWrite(real_of(file), bytes, size * (1 + operation_count % 7) / 8, offset);
    ::kill(::getpid(), SIGKILL);
  }
  if (const int code = fault_for(write_fault, file_of(file)->name)) return code;
  return real_of(file)->pMethods->xWrite(real_of(file), bytes, size, offset);
}
int sync(sqlite3_file* file, int flags) {
  ++sync_count;
  if (is_fatal()) {
    if (fate == FaultyDisk::Fate::fails) return SQLITE_IOERR_FSYNC;
    ::kill(::getpid(), SIGKILL);
  }
  if (const int code = fault_for(sync_fault, file_of(file)->name)) return code;
  return real_of(file)->pMethods->xSync(real_of(file), flags);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (is_fatal()) {
    if (fate == FaultyDisk::Fate::fails) return SQLITE_IOERR_TRUNCATE;
    ::kill(::getpid(), SIGKILL);
  }
  return real_of(file)->pMethods->xTruncate(real_of(file), size);
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
    [](sqlite3_file* f, int op, void* argument) {
      return real_of(f)->pMethods->xFileControl(real_of(f), op, argument);
    },
    [](sqlite3_file* f) { return real_of(f)->pMethods->xSectorSize(real_of(f)); },
    [](sqlite3_file* f) { return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f)); },
    [](sqlite3_file* f, int page, int size, int extend, void volatile** memory) {
      return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, memory);
    },
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
  at_operation(0, Fate::fails);
  sqlite3_vfs_unregister(&vfs);
  sqlite3_vfs_register(real_vfs(), 1);
}

void FaultyDisk::fail_writes(const std::string& suffix, int code) {
  const std::lock_guard lock(mutex);
  write_fault = {suffix, code};
}

void FaultyDisk::fail_syncs(const std::string& suffix, int code) {
  const std::lock_guard lock(mutex);
  sync_fault = {suffix, code};
}

int FaultyDisk::syncs() const { return sync_count; }

void FaultyDisk::at_operation(int number, Fate what) {
  operation_count = 0;
  fate = what;
  fatal_operation = number;
}

int FaultyDisk::operations() const { return operation_count; }

}  // namespace penstock::journal::testing
