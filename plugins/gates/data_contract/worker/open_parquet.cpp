// Parquet, read by the engine in place.
#include "plugins/gates/data_contract/worker/digest.hpp"
#include "plugins/gates/data_contract/worker/table.hpp"

namespace penstock::gates::data_contract::worker {
namespace {

void hash(File& file, Table& table) {
  Sha256 digest;
  file.rewind();
  for (auto piece = file.read(); !piece.empty(); piece = file.read()) {
    digest.update(piece);
    table.bytes += piece.size();
  }
  table.sha256 = digest.finish();
  file.rewind();
}

// Sets what is there of each column, and `select` to what the view is made of.
core::Result<void> look_at(const std::string& source, Database& database, Table& table, std::string& select) {
  const auto described =
      database.query("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(" + source + "))");
  if (!described) return described.error();
  std::map<std::string, std::string> types;
  std::string cells;
  for (const auto& row : *described) types.emplace(row[0].value_or(""), row[1].value_or(""));
  std::set<std::string> wanted;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    auto& column = table.columns[i];
    wanted.insert(column.name);
    const auto found = types.find(column.name);
    column.present = found != types.end();
    if (!column.present) continue;
    column.native = found->second;
    column.fits = type_fits(column);
    cells += ", " + sql_name(column.name) + " AS c" + std::to_string(i);
  }
  for (const auto& [name, type] : types)
    if (wanted.count(name) == 0 && ++table.additional_count <= 100) table.additional.push_back(name);
  // The reader's own row number, unless a column has taken its name.
  const bool taken = types.count("file_row_number") != 0;
  select = std::string("(SELECT ") + (taken ? "row_number() OVER ()" : "file_row_number + 1") + " AS row" + cells +
           " FROM read_parquet(" + source + (taken ? "" : ", file_row_number = true") + "))";
  return {};
}

// Messages name the file as the operator knows it, not our handle.
std::string without_handle(std::string message, const std::string& handle) {
  for (auto at = message.find(handle); at != std::string::npos; at = message.find(handle))
    message.replace(at, handle.size(), "the file");
  return message;
}

}  // namespace

core::Result<Table> open_parquet(const Plan&, const Contract& contract, File& file, Database& database) {
  Table table;
  table.format = "parquet";
  table.columns = columns_of(contract);
  hash(file, table);
  if (auto locked = database.lock(file.handle()); !locked) return locked.error();
  auto check = fixed("structure", "structure", State::passed, "the file can be read as Parquet", "");

  std::string select;
  auto done = look_at(sql_text(file.handle()), database, table, select);
  if (done) done = create_view(database, table, select);
  if (done) {
    const auto counted = database.query("SELECT CAST(count(*) AS VARCHAR) FROM d");
    if (counted)
      table.rows = table.checked = std::stoll(counted->at(0).at(0).value_or("0"));
    else
      done = counted.error();
  }
  if (!done && done.error().code != "unreadable") return done.error();
  if (!done) {
    violate(check, without_handle(done.error().message, file.handle()));
    table.readable = false;
  }
  if (auto intact = file.intact(); !intact) return intact.error();
  table.checks.push_back(std::move(check));
  return table;
}

}  // namespace penstock::gates::data_contract::worker
