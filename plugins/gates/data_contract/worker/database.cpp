#include "plugins/gates/data_contract/worker/database.hpp"

#include <duckdb.h>

#include <utility>

namespace penstock::gates::data_contract::worker {
namespace {

core::Problem problem_of(duckdb_error_type type, const char* message) {
  std::string text = message == nullptr ? "no message" : message;
  // The engine repeats the statement below its message; the first line says it all.
  text = text.substr(0, text.find('\n')).substr(0, 500);
  switch (type) {
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return {"no-memory", text, "the engine", "give the gate more `memory_mb`, or the machine more disk"};
    // What the Parquet reader throws on damaged bytes; none of our own statements can give these.
    case DUCKDB_ERROR_INVALID:
    case DUCKDB_ERROR_INVALID_INPUT:
    case DUCKDB_ERROR_IO:
    case DUCKDB_ERROR_SERIALIZATION:
    case DUCKDB_ERROR_NOT_IMPLEMENTED:
      return {"unreadable", text, "", "write the file anew"};
    default:
      return {"engine", text, "the engine", "report this as a defect of Penstock"};
  }
}

std::string quoted(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote) result += quote;
    result += c;
  }
  return result + quote;
}

// A result, freed with its scope.
struct Answer {
  duckdb_result result{};
  Answer() = default;
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() { duckdb_destroy_result(&result); }
};

void append_chunk(duckdb_data_chunk chunk, Rows& rows) {
  const auto count = duckdb_data_chunk_get_size(chunk);
  const auto columns = duckdb_data_chunk_get_column_count(chunk);
  const auto first = rows.size();
  rows.resize(first + count, std::vector<Cell>(columns));
  for (idx_t column = 0; column < columns; ++column) {
    auto* vector = duckdb_data_chunk_get_vector(chunk, column);
    auto* validity = duckdb_vector_get_validity(vector);
    auto* values = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
    for (idx_t row = 0; row < count; ++row) {
      if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) continue;
      auto& value = values[row];
      rows[first + row][column] = std::string(duckdb_string_t_data(&value), duckdb_string_t_length(value));
    }
  }
}

}  // namespace

struct Database::State {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (connection != nullptr) duckdb_disconnect(&connection);
    if (database != nullptr) duckdb_close(&database);
  }
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

core::Result<Database> Database::open(const Limits& limits) {
  duckdb_config config = nullptr;
  if (duckdb_create_config(&config) == DuckDBError)
    return core::Problem{"engine", "no configuration could be made", "the engine"};
  const auto memory = std::to_string(limits.memory_mb) + "MB";
  const auto threads = std::to_string(limits.threads);
  const std::pair<const char*, const char*> settings[] = {{"threads", threads.c_str()},
                                                          {"memory_limit", memory.c_str()},
                                                          {"temp_directory", limits.scratch.c_str()},
                                                          {"autoinstall_known_extensions", "false"},
                                                          {"autoload_known_extensions", "false"},
                                                          {"allow_community_extensions", "false"}};
  for (const auto& [name, value] : settings) {
    if (duckdb_set_config(config, name, value) == DuckDBError) {
      duckdb_destroy_config(&config);
      return core::Problem{"engine", std::string("does not know the setting ") + name, "the engine",
                           "build with the DuckDB of cmake/duckdb/package-lock.json"};
    }
  }
  auto state = std::make_unique<State>();
  char* error = nullptr;
  const auto opened = duckdb_open_ext(nullptr, &state->database, config, &error);
  duckdb_destroy_config(&config);
  if (opened == DuckDBError) {
    core::Problem problem{"engine", error == nullptr ? "could not be opened" : error, "the engine"};
    duckdb_free(error);
    return problem;
  }
  if (duckdb_connect(state->database, &state->connection) == DuckDBError)
    return core::Problem{"engine", "could not be connected to", "the engine"};
  return Database(std::move(state));
}

core::Result<void> Database::lock(const std::string& readable) {
  // Times without a zone are UTC; rows keep their order, so that the first violating ones are told.
  std::vector<std::string> statements{"SET TimeZone = 'UTC'", "SET preserve_insertion_order = true"};
  if (!readable.empty()) statements.push_back("SET allowed_paths = [" + sql_text(readable) + "]");
  statements.emplace_back("SET enable_external_access = false");
  statements.emplace_back("SET lock_configuration = true");
  for (const auto& statement : statements)
    if (auto done = execute(statement); !done) return done;
  return {};
}

core::Result<Rows> Database::query(const std::string& sql) {
  Answer answer;
  if (duckdb_query(state_->connection, sql.c_str(), &answer.result) == DuckDBError)
    return problem_of(duckdb_result_error_type(&answer.result), duckdb_result_error(&answer.result));
  Rows rows;
  const auto columns = duckdb_column_count(&answer.result);
  for (idx_t column = 0; column < columns; ++column)
    if (duckdb_column_type(&answer.result, column) != DUCKDB_TYPE_VARCHAR)
      return core::Problem{"engine", "a query of ours selects a column that is not text: " + sql.substr(0, 200),
                           "the engine", "report this as a defect of Penstock"};
  while (auto* chunk = duckdb_fetch_chunk(answer.result)) {
    append_chunk(chunk, rows);
    duckdb_destroy_data_chunk(&chunk);
  }
  return rows;
}

core::Result<void> Database::execute(const std::string& sql) {
  Answer answer;
  if (duckdb_query(state_->connection, sql.c_str(), &answer.result) == DuckDBError)
    return problem_of(duckdb_result_error_type(&answer.result), duckdb_result_error(&answer.result));
  return {};
}

struct TableWriter::State {
  duckdb_appender appender = nullptr;
  bool good = true;
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { duckdb_appender_destroy(&appender); }
};

TableWriter::TableWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
TableWriter::TableWriter(TableWriter&&) noexcept = default;
TableWriter::~TableWriter() = default;

core::Result<TableWriter> TableWriter::open(Database& database, const std::string& table) {
  auto state = std::make_unique<State>();
  if (duckdb_appender_create(database.state_->connection, nullptr, table.c_str(), &state->appender) == DuckDBError)
    return core::Problem{"engine", "the table " + table + " cannot be written", "the engine"};
  return TableWriter(std::move(state));
}

void TableWriter::number(std::int64_t value) {
  state_->good = duckdb_append_int64(state_->appender, value) == DuckDBSuccess && state_->good;
}
void TableWriter::text(std::string_view value) {
  state_->good =
      duckdb_append_varchar_length(state_->appender, value.data(), value.size()) == DuckDBSuccess && state_->good;
}
void TableWriter::null() { state_->good = duckdb_append_null(state_->appender) == DuckDBSuccess && state_->good; }
void TableWriter::end_row() {
  state_->good = duckdb_appender_end_row(state_->appender) == DuckDBSuccess && state_->good;
}

core::Result<void> TableWriter::finish() {
  if (state_->good && duckdb_appender_close(state_->appender) == DuckDBSuccess) return {};
  auto error = duckdb_appender_error_data(state_->appender);
  auto problem = problem_of(duckdb_error_data_error_type(error), duckdb_error_data_message(error));
  duckdb_destroy_error_data(&error);
  // The rows come from our own reader: whatever fails here is not the data's fault.
  if (problem.code != "no-memory") problem.code = "engine";
  return problem;
}

std::string sql_text(std::string_view text) { return quoted(text, '\''); }
std::string sql_name(std::string_view name) { return quoted(name, '"'); }

}  // namespace penstock::gates::data_contract::worker
