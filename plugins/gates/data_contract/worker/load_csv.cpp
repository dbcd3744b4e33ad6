// CSV into a table of texts; the types are looked at afterwards, so that a wrong one is counted instead of ending the
// run.
#include "plugins/gates/data_contract/worker/csv_reader.hpp"
#include "plugins/gates/data_contract/worker/digest.hpp"
#include "plugins/gates/data_contract/worker/table.hpp"

namespace penstock::gates::data_contract::worker {
namespace {

// Where each field of a record goes.
struct Layout {
  std::size_t fields = 0;
  std::vector<std::size_t> field_of;  // for each present column, in order
};

// Broken records, counted and sampled.
struct Structure {
  Check check;
  std::size_t samples = 0;
  std::int64_t broken = 0;

  void tell(const std::string& at, const std::string& fault) {
    ++broken;
    if (broken > static_cast<std::int64_t>(std::max<std::size_t>(samples, 1))) return;
    check.message += (check.message.empty() ? "" : "; ") + at + ": " + fault;
  }
};

std::string at_line(std::int64_t row, const Record& record) {
  return "row " + std::to_string(row) + " (line " + std::to_string(record.line) + ")";
}

// Columns by the names of the header; a name that is there twice cannot be told apart.
void lay_out_by_header(const Record& header, Table& table, Layout& layout, Structure& structure) {
  std::map<std::string, std::size_t, std::less<>> field_of;
  std::set<std::string, std::less<>> wanted;
  for (const auto& column : table.columns) wanted.insert(column.name);
  for (std::size_t i = 0; i < header.fields.size(); ++i) {
    const auto name = std::string(header.fields[i].text);
    if (!field_of.emplace(name, i).second)
      structure.tell("header", "the column `" + name.substr(0, 60) + "` is there twice");
    if (wanted.count(name) == 0 && ++table.additional_count <= 100) table.additional.push_back(name);
  }
  layout.fields = header.fields.size();
  for (auto& column : table.columns) {
    const auto found = field_of.find(column.name);
    column.present = found != field_of.end();
    if (column.present) layout.field_of.push_back(found->second);
  }
}

void lay_out_by_position(const Record& first, Table& table, Layout& layout) {
  layout.fields = first.fields.size();
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    table.columns[i].present = i < first.fields.size();
    if (table.columns[i].present) layout.field_of.push_back(i);
  }
  for (auto i = table.columns.size(); i < first.fields.size(); ++i)
    if (++table.additional_count <= 100) table.additional.push_back("column " + std::to_string(i + 1));
}

core::Result<TableWriter> create_table(Database& database, const Table& table) {
  std::string create = "CREATE TABLE cells (row BIGINT";
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (table.columns[i].present) create += ", c" + std::to_string(i) + " VARCHAR";
  if (auto created = database.execute(create + ")"); !created) return created.error();
  return TableWriter::open(database, "cells");
}

class Loader {
 public:
  Loader(const Plan& plan, Table& table, Structure& structure) : plan_(plan), table_(table), structure_(structure) {}

  core::Result<void> run(CsvReader& reader, Database& database) {
    Record record;
    bool there = reader.next(record);
    if (plan_.csv.header) {
      if (!there || !record.fault.empty()) {
        structure_.tell("header", there ? record.fault : "the file is empty; a header is needed");
        return {};
      }
      lay_out_by_header(record, table_, layout_, structure_);
      there = reader.next(record);
    } else if (there) {
      lay_out_by_position(record, table_, layout_);
    } else {
      for (auto& column : table_.columns) column.present = true;  // no row that could lack one
    }
    auto writer = create_table(database, table_);
    if (!writer) return writer.error();
    for (; there; there = reader.next(record)) add(record, *writer);
    if (auto finished = writer->finish(); !finished) return finished;
    return create_view(database, table_, "cells");
  }

 private:
  void add(const Record& record, TableWriter& writer) {
    const auto row = ++table_.rows;
    if (!record.fault.empty()) return structure_.tell(at_line(row, record), record.fault);
    if (record.fields.size() != layout_.fields)
      return structure_.tell(at_line(row, record), std::to_string(record.fields.size()) + " fields where " +
                                                       std::to_string(layout_.fields) + " are needed");
    writer.number(row);
    for (const auto field : layout_.field_of) {
      const auto& cell = record.fields[field];
      const bool may_be_null = !cell.quoted || plan_.csv.quoted_nulls;
      if (may_be_null && table_.null_strings.count(std::string(cell.text)) != 0)
        writer.null();
      else
        writer.text(cell.text);
    }
    writer.end_row();
    ++table_.checked;
  }

  const Plan& plan_;
  Table& table_;
  Structure& structure_;
  Layout layout_;
};

}  // namespace

core::Result<Table> load_csv(const Plan& plan, const Contract& contract, File& file, Database& database) {
  Table table;
  table.format = "csv";
  table.columns = columns_of(contract);
  table.null_strings.insert(plan.csv.null_strings.begin(), plan.csv.null_strings.end());
  if (plan.csv.null_strings.empty()) table.null_strings.insert("");
  Structure structure;
  structure.check = fixed("structure", "structure", State::passed,
                          "every record is well-formed CSV with the fields of the first", "");
  structure.samples = static_cast<std::size_t>(plan.samples);

  if (auto locked = database.lock(""); !locked) return locked.error();
  Sha256 digest;
  CsvReader reader(
      [&] {
        const auto piece = file.read();
        digest.update(piece);
        table.bytes += piece.size();
        return piece;
      },
      plan.csv.delimiter.at(0));
  Loader loader(plan, table, structure);
  if (auto loaded = loader.run(reader, database); !loaded) return loaded.error();
  // What the reader gave up on is hashed all the same: the digest is the file's.
  for (auto piece = file.read(); !piece.empty(); piece = file.read()) {
    digest.update(piece);
    table.bytes += piece.size();
  }
  if (auto intact = file.intact(); !intact) return intact.error();
  table.sha256 = digest.finish();
  structure.check.count = structure.broken;
  structure.check.of = table.rows;
  if (structure.broken > 0) structure.check.state = State::failed;
  table.checks.push_back(std::move(structure.check));
  return table;
}

}  // namespace penstock::gates::data_contract::worker
