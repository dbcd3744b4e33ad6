#include "daemon/journal/sqlite_copy.hpp"

#include <filesystem>

#include "daemon/journal/sqlite_check.hpp"
#include "daemon/journal/sqlite_problem.hpp"
#include "daemon/journal/sqlite_vfs.hpp"

namespace penstock::journal {
namespace {

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close(handle); }
};

}  // namespace

core::Result<void> copy_database(SqliteConnection& from, const std::string& file) {
  if (std::filesystem::exists(file))
    return core::Problem{"journal-failed", "the copy's file is there already", file, "name one that is not there"};
  // Makes the file for its owner alone; SQLite would let everybody read it.
  if (const auto made = check_sqlite_file(file, 0); !made) return made.error();
  sqlite3* raw = nullptr;
  int code = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, sqlite_vfs());
  const std::unique_ptr<sqlite3, Close> to(raw);
  if (code == SQLITE_OK) {
    sqlite3_extended_result_codes(to.get(), 1);
    set_page_checks(to.get(), PageChecks::all);
    auto* backup = sqlite3_backup_init(to.get(), "main", from.handle(), "main");
    if (backup != nullptr) {
      // In one step: it is what the journal was at one instant, and the writer goes on meanwhile.
      sqlite3_backup_step(backup, -1);
      sqlite3_backup_finish(backup);
    }
    code = sqlite3_extended_errcode(to.get());
  }
  if (code == SQLITE_OK) return {};
  const bool is_damaged = code == SQLITE_IOERR_DATA;
  auto problem = is_damaged ? sqlite_problem(code, take_damage(), from.path())
                            : sqlite_problem(code, raw == nullptr ? "no memory" : sqlite3_errmsg(raw), file);
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  return problem;
}

}  // namespace penstock::journal
