// Which rows of which tables a journal consists of, in both adapters.
#pragma once

#include <string>
#include <vector>

namespace penstock::journal {

struct CarriedColumn {
  enum class Kind { text, number, document };
  const char* name = "";
  Kind kind = Kind::text;
  // In SQL, where it is not the column's name: how it is read, and how it is written from the value `$`. A number that
  // may be NULL travels as -1.
  const char* from_postgres = "";
  const char* to_postgres = "$";
  const char* from_sqlite = "";
  const char* to_sqlite = "$";
};

struct CarriedTable {
  const char* name = "";
  std::vector<CarriedColumn> columns;
  const char* order_in_postgres = "";
  const char* order_in_sqlite = "";
};

// In an order in which every row finds those that it refers to.
const std::vector<CarriedTable>& carried_tables();

std::string read_from_postgres(const CarriedTable& table);
std::string read_from_sqlite(const CarriedTable& table);
// One row: ?1, ?2, …
std::string write_to_sqlite(const CarriedTable& table);
// Many rows, a column's values as one array: $1, $2, …
std::string write_to_postgres(const CarriedTable& table);

}  // namespace penstock::journal
