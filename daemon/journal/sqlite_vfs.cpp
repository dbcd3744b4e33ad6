#include "daemon/journal/sqlite_vfs.hpp"

#include <array>
#include <memory>
#include <new>

#include "daemon/journal/sqlite_vfs_file.hpp"

namespace penstock::journal {
namespace {

// An operation of xFileControl; those up to 100 are SQLite's own.
constexpr int set_checks = 0x506e01;

// SQLITE_IOCAP_SUBPAGE_READ of newer SQLites, which read a part of a page by themselves where a disk says so.
constexpr int reads_parts_of_pages = 0x8000;

sqlite3_vfs* disk() { return sqlite3_vfs_find(nullptr); }

CheckedFile& file_of(sqlite3_file* file) { return *reinterpret_cast<SqliteFile*>(file)->file; }
sqlite3_file* real(sqlite3_file* file) { return file_of(file).real(); }
const sqlite3_io_methods& methods_of(sqlite3_file* file) { return *real(file)->pMethods; }

int close(sqlite3_file* file) {
  delete reinterpret_cast<SqliteFile*>(file)->file;
  file->pMethods = nullptr;
  return SQLITE_OK;
}

// What SQLite asks a VFS before it does one by itself (SQLITE_FCNTL_PRAGMA): [answer, name, value].
int pragma(char** told) {
  const bool is_full = told[2] == nullptr || sqlite3_stricmp(told[2], "FULL") == 0;
  if (is_full || sqlite3_stricmp(told[1], "synchronous") != 0) return SQLITE_NOTFOUND;
  told[0] = sqlite3_mprintf("PRAGMA synchronous = %s was asked for, and a journal is only written with FULL", told[2]);
  return SQLITE_ERROR;
}

int control(sqlite3_file* file, int operation, void* argument) {
  if (operation == SQLITE_FCNTL_PRAGMA) return pragma(static_cast<char**>(argument));
  if (operation == set_checks) {
    file_of(file).check(*static_cast<PageChecks*>(argument));
    return SQLITE_OK;
  }
  return methods_of(file).xFileControl(real(file), operation, argument);
}

// Version 2: without xFetch there is no memory-mapped reading.
const sqlite3_io_methods methods = {
    2,
    close,
    [](sqlite3_file* f, void* bytes, int size, sqlite3_int64 offset) { return file_of(f).read(bytes, size, offset); },
    [](sqlite3_file* f, const void* bytes, int size, sqlite3_int64 offset) {
      return file_of(f).write(bytes, size, offset);
    },
    [](sqlite3_file* f, sqlite3_int64 size) { return file_of(f).truncate(size); },
    [](sqlite3_file* f, int flags) { return file_of(f).sync(flags); },
    [](sqlite3_file* f, sqlite3_int64* size) { return file_of(f).size(size); },
    [](sqlite3_file* f, int level) { return methods_of(f).xLock(real(f), level); },
    [](sqlite3_file* f, int level) { return methods_of(f).xUnlock(real(f), level); },
    [](sqlite3_file* f, int* held) { return methods_of(f).xCheckReservedLock(real(f), held); },
    control,
    [](sqlite3_file* f) { return methods_of(f).xSectorSize(real(f)); },
    [](sqlite3_file* f) { return methods_of(f).xDeviceCharacteristics(real(f)) & ~reads_parts_of_pages; },
    [](sqlite3_file* f, int page, int size, int extend, void volatile** memory) {
      return methods_of(f).xShmMap(real(f), page, size, extend, memory);
    },
    [](sqlite3_file* f, int offset, int count, int flags) {
      return methods_of(f).xShmLock(real(f), offset, count, flags);
    },
    [](sqlite3_file* f) { methods_of(f).xShmBarrier(real(f)); },
    [](sqlite3_file* f, int remove) { return methods_of(f).xShmUnmap(real(f), remove); },
    nullptr,
    nullptr,
};

int open(sqlite3_vfs*, const char* name, sqlite3_file* base, int flags, int* out_flags) {
  base->pMethods = nullptr;
  try {
    sqlite3_file* database = (flags & SQLITE_OPEN_WAL) != 0 ? real(sqlite3_database_file_object(name)) : nullptr;
    auto file = std::make_unique<CheckedFile>(name == nullptr ? "" : name, flags, disk()->szOsFile, database);
    if (const int code = disk()->xOpen(disk(), name, file->real(), flags, out_flags); code != SQLITE_OK) return code;
    reinterpret_cast<SqliteFile*>(base)->file = file.release();
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  }
  base->pMethods = &methods;
  return SQLITE_OK;
}

sqlite3_vfs made() {
  sqlite3_vfs vfs = *disk();
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(SqliteFile));
  vfs.pNext = nullptr;
  vfs.zName = "penstock";
  vfs.pAppData = nullptr;
  vfs.xOpen = open;
  vfs.xDelete = [](sqlite3_vfs*, const char* name, int sync) { return disk()->xDelete(disk(), name, sync); };
  vfs.xAccess = [](sqlite3_vfs*, const char* name, int what, int* answer) {
    return disk()->xAccess(disk(), name, what, answer);
  };
  vfs.xFullPathname = [](sqlite3_vfs*, const char* name, int size, char* whole) {
    return disk()->xFullPathname(disk(), name, size, whole);
  };
  return vfs;
}

sqlite3_file* file_pointer(sqlite3* handle) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  return file == nullptr || file->pMethods != &methods ? nullptr : file;
}

}  // namespace

const char* sqlite_vfs() {
  // Without it each allocation takes a lock, to keep a count that nobody asks for. Refused, and no harm, where somebody
  // has used SQLite before.
  [[maybe_unused]] static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static sqlite3_vfs vfs = made();
  [[maybe_unused]] static const int registered = sqlite3_vfs_register(&vfs, 0);
  return vfs.zName;
}

void set_page_checks(sqlite3* handle, PageChecks checks) { sqlite3_file_control(handle, "main", set_checks, &checks); }

void reserve_room_for_checksums(sqlite3* handle) {
  int bytes = sqlite_reserved_bytes;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
}

int check_page(sqlite3* handle, std::int64_t number) {
  auto* file = file_pointer(handle);
  if (file == nullptr) return SQLITE_MISUSE;
  std::array<unsigned char, sqlite_page_bytes> page{};
  return file_of(file).read(page.data(), static_cast<int>(page.size()), (number - 1) * std::int64_t{page.size()});
}

std::int64_t pages_in_file(sqlite3* handle) {
  auto* file = file_pointer(handle);
  sqlite3_int64 size = 0;
  if (file == nullptr || methods_of(file).xFileSize(real(file), &size) != SQLITE_OK) return 0;
  return size / std::int64_t{sqlite_page_bytes};
}

}  // namespace penstock::journal
