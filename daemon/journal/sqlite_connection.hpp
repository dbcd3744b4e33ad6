// One connection to the journal's file: statements prepared once, values bound, rows read. One thread at a time.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::journal {

// The row that a statement stands on. Valid until the next one.
class SqliteRow {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  std::string text(int column) const;
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  core::Time time(int column) const { return core::Time(core::Duration(integer(column))); }
  std::optional<core::Time> optional_time(int column) const;

 private:
  sqlite3_stmt* statement_;
};

// An argument whose type is known only when the statement is put together.
using SqliteValue = std::variant<std::int64_t, std::string>;

class SqliteConnection {
 public:
  enum class Access { read_only, read_write };
  // The file must exist.
  static core::Result<std::unique_ptr<SqliteConnection>> open(const std::string& path, Access access);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // Several statements without arguments or rows.
  core::Result<void> script(const std::string& sql);
  // One statement to its end; how many rows it changed.
  template <class... A>
  core::Result<int> run(std::string_view sql, const A&... arguments) {
    const auto ended = for_each(
        sql, [](const SqliteRow&) {}, arguments...);
    if (!ended) return ended.error();
    return sqlite3_changes(handle_);
  }
  // `read` makes something of each row.
  template <class Read, class... A>
  auto all(std::string_view sql, Read read, const A&... arguments)
      -> core::Result<std::vector<std::invoke_result_t<Read, SqliteRow>>> {
    std::vector<std::invoke_result_t<Read, SqliteRow>> rows;
    const auto ended = for_each(
        sql, [&](const SqliteRow& row) { rows.push_back(read(row)); }, arguments...);
    if (!ended) return ended.error();
    return rows;
  }
  // The first row, if there is one.
  template <class Read, class... A>
  auto first(std::string_view sql, Read read, const A&... arguments)
      -> core::Result<std::optional<std::invoke_result_t<Read, SqliteRow>>> {
    std::optional<std::invoke_result_t<Read, SqliteRow>> found;
    const auto ended = for_each(
        sql,
        [&](const SqliteRow& row) {
          if (!found) found = read(row);
        },
        arguments...);
    if (!ended) return ended.error();
    return found;
  }

  // Runs `body`, a Result, inside the open transaction. When it fails, transaction_lost() says whether the rest of the
  // transaction can go on; then what it did is undone alone, as a whole, or is left for a ROLLBACK of everything. To be
  // able to undo it alone, SQLite copies every page before its first change, and frees the copies: a third of the work.
  enum class Undo { alone, with_transaction };
  template <class Body>
  auto undoable(Undo undo, Body body) -> std::invoke_result_t<Body> {
    failed_with_ = SQLITE_OK;
    if (undo == Undo::with_transaction) return body();
    if (const auto begun = run("SAVEPOINT one_write"); !begun) return begun.error();
    auto result = body();
    if (!result && transaction_lost()) return result;
    if (!result)
      if (const auto undone = run("ROLLBACK TO one_write"); !undone) return undone.error();
    if (const auto released = run("RELEASE one_write"); !released) return released.error();
    return result;
  }
  bool transaction_lost() const;

  // Whoever closes a file last has SQLite sync and copy the log into the database, and remove it. Not after this: the
  // log stays, with what was acknowledged, for the next one who opens the file.
  void leave_log_at_close();

  // The extended code of the newest failure.
  int failed_with() const { return failed_with_; }
  const std::string& path() const { return path_; }
  sqlite3* handle() { return handle_; }

 private:
  explicit SqliteConnection(std::string path) : path_(std::move(path)) {}
  // Leaves the statement ready for its next use, and lets go of what it holds open.
  struct Rewind {
    sqlite3_stmt* statement;
    ~Rewind() { sqlite3_reset(statement); }
  };
  struct SqlHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view sql) const { return std::hash<std::string_view>()(sql); }
  };

  template <class Each, class... A>
  core::Result<void> for_each(std::string_view sql, Each each, const A&... arguments) {
    auto* statement = prepared(sql);
    if (statement == nullptr) return failure();
    const Rewind rewind{statement};
    [[maybe_unused]] int position = 0;
    bool bound = true;
    ((bound = bound && bind(statement, position, arguments)), ...);
    if (!bound) return failure();
    for (;;) {
      const int code = sqlite3_step(statement);
      if (code == SQLITE_DONE) return {};
      if (code != SQLITE_ROW) return failure();
      each(SqliteRow(statement));
    }
  }
  sqlite3_stmt* prepared(std::string_view sql);
  core::Problem failure();

  // Arguments outlive the statement's use, so that SQLite need not copy them.
  static bool bind(sqlite3_stmt* statement, int& position, std::string_view text);
  static bool bind(sqlite3_stmt* statement, int& position, std::int64_t value);
  static bool bind(sqlite3_stmt* statement, int& position, const std::string& text) {
    return bind(statement, position, std::string_view(text));
  }
  static bool bind(sqlite3_stmt* statement, int& position, int value) {
    return bind(statement, position, std::int64_t{value});
  }
  static bool bind(sqlite3_stmt* statement, int& position, core::Time time) {
    return bind(statement, position, std::int64_t{time.time_since_epoch().count()});
  }
  static bool bind(sqlite3_stmt* statement, int& position, const core::Digest& digest) {
    return bind(statement, position, std::string_view(digest.hex()));
  }
  static bool bind(sqlite3_stmt* statement, int& position, const std::optional<core::Time>& time);
  static bool bind(sqlite3_stmt* statement, int& position, const std::vector<SqliteValue>& values);

  std::string path_;
  sqlite3* handle_ = nullptr;
  int failed_with_ = SQLITE_OK;
  std::unordered_map<std::string, sqlite3_stmt*, SqlHash, std::equal_to<>> statements_;
};

}  // namespace penstock::journal
