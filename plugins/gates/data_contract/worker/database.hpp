// DuckDB through its C API, which this file's .cpp alone includes. Every column of a query is cast to text, so that one
// shape of row is enough.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.hpp"

namespace penstock::gates::data_contract::worker {

using Cell = std::optional<std::string>;
using Rows = std::vector<std::vector<Cell>>;

// Problem codes of this class: "unreadable" (the data file is not what its format says), "no-memory" (a limit was
// reached), "engine" (anything else: a defect of ours).
class Database {
 public:
  struct Limits {
    int memory_mb = 1024;
    int threads = 2;
    std::string scratch;
  };
  // In memory; nothing is loaded from elsewhere.
  static core::Result<Database> open(const Limits& limits);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // From here on no file but `readable` (exact path, may be empty) and those in the scratch folder can be touched, and
  // no setting changed.
  core::Result<void> lock(const std::string& readable);

  // `sql` must select columns of type VARCHAR only.
  core::Result<Rows> query(const std::string& sql);
  core::Result<void> execute(const std::string& sql);

 private:
  struct State;
  friend class TableWriter;
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Appends to a table of one BIGINT and then VARCHAR columns.
class TableWriter {
 public:
  static core::Result<TableWriter> open(Database& database, const std::string& table);
  TableWriter(TableWriter&&) noexcept;
  TableWriter& operator=(TableWriter&&) = delete;
  ~TableWriter();

  void number(std::int64_t value);
  void text(std::string_view value);  // valid UTF-8
  void null();
  void end_row();
  // What went wrong in any call since open().
  core::Result<void> finish();

 private:
  struct State;
  explicit TableWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// 'it''s' and "a ""b""".
std::string sql_text(std::string_view text);
std::string sql_name(std::string_view name);

}  // namespace penstock::gates::data_contract::worker
