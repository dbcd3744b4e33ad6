#include "daemon/journal/carry.hpp"

#include <filesystem>

#include "daemon/journal/carried_tables.hpp"
#include "daemon/journal/postgres_shapes.hpp"
#include "daemon/journal/sqlite_schema.hpp"

namespace penstock::journal {
namespace {

using Kind = CarriedColumn::Kind;
constexpr std::size_t rows_at_once = 500;

core::Result<void> carry_table(const CarriedTable& table, PostgresConnection& from, SqliteConnection& to) {
  const auto cursor = "carried_" + std::string(table.name);
  const auto insert = write_to_sqlite(table);
  if (const auto declared =
          from.run(statement("DECLARE " + cursor + " NO SCROLL CURSOR FOR " + read_from_postgres(table)));
      !declared)
    return declared.error();
  for (;;) {
    const auto rows = from.run(statement("FETCH FORWARD " + std::to_string(rows_at_once) + " FROM " + cursor));
    if (!rows) return rows.error();
    for (int row = 0; row < rows->rows(); ++row) {
      std::vector<SqliteValue> values;
      for (int column = 0; column < static_cast<int>(table.columns.size()); ++column)
        if (table.columns[static_cast<std::size_t>(column)].kind == Kind::number)
          values.emplace_back(rows->integer(row, column));
        else
          values.emplace_back(rows->text(row, column));
      if (const auto put = to.run(insert, values); !put) return put.error();
    }
    if (static_cast<std::size_t>(rows->rows()) < rows_at_once) return {};
  }
}

// Rows of one table on their way into PostgreSQL, column by column.
class Batch {
 public:
  Batch(const CarriedTable& table, PostgresConnection& to)
      : table_(table),
        to_(to),
        insert_(write_to_postgres(table)),
        texts_(table.columns.size()),
        numbers_(table.columns.size()) {}

  void add(const SqliteRow& row) {
    for (std::size_t i = 0; i < table_.columns.size(); ++i)
      if (table_.columns[i].kind == Kind::number)
        numbers_[i].push_back(row.integer(static_cast<int>(i)));
      else
        texts_[i].push_back(row.text(static_cast<int>(i)));
    if (++rows_ == rows_at_once) send();
  }
  // What is left; the first refusal of all.
  core::Result<void> end() {
    if (rows_ > 0) send();
    return failed_ ? core::Result<void>(*failed_) : core::Result<void>();
  }

 private:
  void send() {
    PostgresStatement insert{insert_, {}};
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      const std::vector<std::string_view> texts(texts_[i].begin(), texts_[i].end());
      const auto kind = table_.columns[i].kind;
      insert.values.push_back(kind == Kind::number ? PostgresValue::numbers(numbers_[i])
                              : kind == Kind::text ? PostgresValue::texts(texts)
                                                   : PostgresValue::documents(texts));
    }
    if (!failed_)
      if (const auto put = to_.run(std::move(insert)); !put) failed_ = put.error();
    for (auto& texts : texts_) texts.clear();
    for (auto& numbers : numbers_) numbers.clear();
    rows_ = 0;
  }

  const CarriedTable& table_;
  PostgresConnection& to_;
  const std::string insert_;
  std::vector<std::vector<std::string>> texts_;
  std::vector<std::vector<std::int64_t>> numbers_;
  std::size_t rows_ = 0;
  std::optional<core::Problem> failed_;
};

core::Result<void> carry_table(const CarriedTable& table, SqliteConnection& from, PostgresConnection& to) {
  Batch batch(table, to);
  const auto read = from.all(read_from_sqlite(table), [&](const SqliteRow& row) {
    batch.add(row);
    return true;
  });
  if (!read) return read.error();
  return batch.end();
}

core::Result<void> carry_all(SqliteConnection& from, PostgresConnection& to) {
  // The lock keeps daemons from joining until the end.
  if (const auto locked = to.run(statement("LOCK TABLE daemons IN EXCLUSIVE MODE")); !locked) return locked.error();
  if (const auto unused = must_be_unused(to); !unused) return unused;
  for (const auto& table : carried_tables())
    if (const auto carried = carry_table(table, from, to); !carried) return carried;
  const auto counted =
      to.run(statement("UPDATE counters SET newest_seq = (SELECT coalesce(max(seq), 0) FROM events), audit_size = "
                       "(SELECT count(*) FROM audit)"));
  if (!counted) return counted.error();
  return {};
}

}  // namespace

core::Result<void> carry(PostgresConnection& from, SqliteConnection& to) {
  // One snapshot for all tables.
  if (const auto begun = from.run(statement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")); !begun)
    return begun.error();
  core::Result<void> carried = to.script("BEGIN IMMEDIATE");
  for (const auto& table : carried_tables())
    if (carried) carried = carry_table(table, from, to);
  if (carried) carried = to.script("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
  if (!from.lost()) static_cast<void>(from.run(statement("ROLLBACK")));  // it has only read
  return carried;
}

core::Result<void> carry(SqliteConnection& from, PostgresConnection& to) {
  if (const auto begun = to.run(statement("BEGIN")); !begun) return begun.error();
  if (const auto carried = carry_all(from, to); !carried) {
    if (!to.lost()) static_cast<void>(to.run(statement("ROLLBACK")));
    return carried;
  }
  const auto committed = to.run(statement("COMMIT"));
  if (!committed) return committed.error();
  return {};
}

core::Result<void> copy_database(PostgresConnection& from, const std::string& file) {
  if (std::filesystem::exists(file))
    return core::Problem{"journal-failed", "the copy's file is there already", file, "name one that is not there"};
  core::Result<void> copied;
  const auto found = check_sqlite_file(file, 0);
  if (!found) copied = found.error();
  if (copied) {
    auto to = SqliteConnection::open(file, SqliteConnection::Access::read_write);
    copied = to ? prepare_writing(**to, *found, {}) : core::Result<void>(to.error());
    if (copied) copied = carry(from, **to);
  }
  if (copied) return copied;
  std::error_code ignored;
  for (const auto* beside : {"", "-wal", "-shm"}) std::filesystem::remove(file + beside, ignored);
  return copied;
}

}  // namespace penstock::journal
