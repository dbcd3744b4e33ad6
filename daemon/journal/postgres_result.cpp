#include "daemon/journal/postgres_result.hpp"

#include <charconv>
#include <cstring>

namespace penstock::journal {
namespace {

// The types' numbers in PostgreSQL's catalog (src/include/catalog/pg_type.dat); they never change.
constexpr std::uint32_t bigint_type = 20;
constexpr std::uint32_t bytea_type = 17;
constexpr std::uint32_t text_type = 25;

void put(std::string& bytes, std::uint64_t number, int width) {
  for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xff);
}

// array_recv(): dimensions, whether there are NULLs, the elements' type; length and lower bound of the one dimension;
// each element with its length.
std::string array_head(std::size_t count, std::uint32_t type) {
  std::string bytes;
  put(bytes, count == 0 ? 0 : 1, 4);
  put(bytes, 0, 4);
  put(bytes, type, 4);
  if (count == 0) return bytes;
  put(bytes, count, 4);
  put(bytes, 1, 4);
  return bytes;
}

PostgresValue array_of(const std::vector<std::string_view>& values, std::uint32_t type) {
  auto bytes = array_head(values.size(), type);
  for (const auto value : values) {
    put(bytes, value.size(), 4);
    bytes += value;
  }
  return PostgresValue(bytes);
}

}  // namespace

PostgresValue PostgresValue::texts(const std::vector<std::string_view>& values) { return array_of(values, text_type); }
PostgresValue PostgresValue::documents(const std::vector<std::string_view>& values) {
  return array_of(values, bytea_type);
}
PostgresValue PostgresValue::numbers(const std::vector<std::int64_t>& values) {
  auto bytes = array_head(values.size(), bigint_type);
  for (const auto value : values) {
    put(bytes, 8, 4);
    put(bytes, static_cast<std::uint64_t>(value), 8);
  }
  return PostgresValue(bytes);
}

bool PostgresResult::good() const {
  const auto status = PQresultStatus(result_.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

std::string PostgresResult::code() const {
  const auto* code = PQresultErrorField(result_.get(), PG_DIAG_SQLSTATE);
  return code == nullptr ? "" : code;
}

std::string PostgresResult::said() const {
  const auto* message = PQresultErrorField(result_.get(), PG_DIAG_MESSAGE_PRIMARY);
  return message == nullptr ? "" : message;
}

std::int64_t PostgresResult::affected() const {
  const std::string_view digits = PQcmdTuples(result_.get());
  std::int64_t count = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return count;
}

std::string PostgresResult::text(int row, int column) const {
  const auto length = static_cast<std::size_t>(PQgetlength(result_.get(), row, column));
  return std::string(PQgetvalue(result_.get(), row, column), length);
}

std::int64_t PostgresResult::integer(int row, int column) const {
  const auto bytes = text(row, column);
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  // Sign-extended from the width it came in.
  const auto unused = 64 - 8 * bytes.size();
  if (bytes.empty() || unused >= 64) return 0;
  return static_cast<std::int64_t>(number << unused) >> unused;
}

}  // namespace penstock::journal
