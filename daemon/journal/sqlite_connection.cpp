#include "daemon/journal/sqlite_connection.hpp"

#include "daemon/journal/sqlite_problem.hpp"
#include "daemon/journal/sqlite_vfs.hpp"

namespace penstock::journal {
namespace {

// In WAL mode nobody of ours ever waits for a lock, except where a foreign program looks into the file.
constexpr int lock_patience_ms = 5000;

}  // namespace

std::string SqliteRow::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (bytes == nullptr) return {};
  return std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::optional<core::Time> SqliteRow::optional_time(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return time(column);
}

core::Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path, Access access) {
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(path));
  const int mode = access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  const int code = sqlite3_open_v2(path.c_str(), &connection->handle_,
                                   mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, sqlite_vfs());
  if (code != SQLITE_OK) {
    if (connection->handle_ == nullptr) return sqlite_problem(code, sqlite3_errstr(code), path);
    return connection->failure();
  }
  sqlite3_busy_timeout(connection->handle_, lock_patience_ms);
  return connection;
}

SqliteConnection::~SqliteConnection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

core::Result<void> SqliteConnection::script(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
  return {};
}

void SqliteConnection::leave_log_at_close() {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

bool SqliteConnection::transaction_lost() const {
  return !spares_transaction(failed_with_) || sqlite3_get_autocommit(handle_) != 0;
}

sqlite3_stmt* SqliteConnection::prepared(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return found->second;
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return nullptr;
  statements_.emplace(sql, statement);
  return statement;
}

core::Problem SqliteConnection::failure() {
  failed_with_ = sqlite3_extended_errcode(handle_);
  return sqlite_problem(failed_with_, failed_with_ == SQLITE_IOERR_DATA ? take_damage() : sqlite3_errmsg(handle_),
                        path_);
}

bool SqliteConnection::bind(sqlite3_stmt* statement, int& position, std::string_view text) {
  // An empty view may have no address, which SQLite would read as NULL.
  const auto* bytes = text.data() == nullptr ? "" : text.data();
  return sqlite3_bind_text64(statement, ++position, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK;
}

bool SqliteConnection::bind(sqlite3_stmt* statement, int& position, std::int64_t value) {
  return sqlite3_bind_int64(statement, ++position, value) == SQLITE_OK;
}

bool SqliteConnection::bind(sqlite3_stmt* statement, int& position, const std::optional<core::Time>& time) {
  if (time) return bind(statement, position, *time);
  return sqlite3_bind_null(statement, ++position) == SQLITE_OK;
}

bool SqliteConnection::bind(sqlite3_stmt* statement, int& position, const std::vector<SqliteValue>& values) {
  for (const auto& value : values)
    if (!std::visit([&](const auto& held) { return bind(statement, position, held); }, value)) return false;
  return true;
}

}  // namespace penstock::journal
