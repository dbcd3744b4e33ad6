// What is sent to the server and what comes back: values, statements, results. Everything travels in binary, so that
// documents come back byte for byte.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/words.hpp"

namespace penstock::journal {

struct PostgresValue {
  std::optional<std::string> bytes;  // nothing: NULL
  bool binary = true;                // numbers travel as digits, and take the type of their place

  PostgresValue(std::string_view text) : bytes(std::string(text)) {}
  PostgresValue(const std::string& text) : bytes(text) {}
  PostgresValue(const char* text) : bytes(std::string(text)) {}
  PostgresValue(std::int64_t number) : bytes(std::to_string(number)), binary(false) {}
  PostgresValue(int number) : PostgresValue(std::int64_t{number}) {}
  PostgresValue(core::Time time) : PostgresValue(std::int64_t{time.time_since_epoch().count()}) {}
  PostgresValue(const core::Digest& digest) : bytes(digest.hex()) {}
  PostgresValue(const std::optional<core::Time>& time) : binary(false) {
    if (time) *this = PostgresValue(*time);
  }
  // One array in the place of many rows (for unnest and = ANY).
  static PostgresValue texts(const std::vector<std::string_view>& values);
  static PostgresValue documents(const std::vector<std::string_view>& values);  // bytea[]
  static PostgresValue numbers(const std::vector<std::int64_t>& values);        // bigint[]
};

struct PostgresStatement {
  std::string sql;  // one statement; $1, $2, …
  std::vector<PostgresValue> values;
};

template <class... A>
PostgresStatement statement(std::string sql, A&&... values) {
  PostgresStatement made{std::move(sql), {}};
  (made.values.emplace_back(std::forward<A>(values)), ...);
  return made;
}

class PostgresResult {
 public:
  explicit PostgresResult(PGresult* result) : result_(result, PQclear) {}

  bool good() const;
  // SQLSTATE of the refusal; "" when the server did not get to this statement because of one before it.
  std::string code() const;
  std::string said() const;  // the server's first line; may hold values, never passwords
  int rows() const { return PQntuples(result_.get()); }
  // Rows inserted, updated or deleted; rows of a SELECT.
  std::int64_t affected() const;

  bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  std::string text(int row, int column) const;
  std::int64_t integer(int row, int column) const;  // of bigint, integer and boolean
  core::Time time(int row, int column) const { return core::Time(core::Duration(integer(row, column))); }
  // The command that was carried out: a COMMIT of what has failed is answered as a ROLLBACK.
  bool is(const char* command) const { return command == std::string_view(PQcmdStatus(result_.get())); }

 private:
  std::unique_ptr<PGresult, void (*)(PGresult*)> result_;
};

// One row of a result, for the readers of rows.
class PostgresRow {
 public:
  PostgresRow(const PostgresResult& result, int row) : result_(result), row_(row) {}
  std::string text(int column) const { return result_.text(row_, column); }
  std::int64_t integer(int column) const { return result_.integer(row_, column); }
  core::Time time(int column) const { return result_.time(row_, column); }
  std::optional<core::Time> optional_time(int column) const {
    return result_.is_null(row_, column) ? std::nullopt : std::optional(time(column));
  }
  bool is_null(int column) const { return result_.is_null(row_, column); }

 private:
  const PostgresResult& result_;
  int row_;
};

}  // namespace penstock::journal
