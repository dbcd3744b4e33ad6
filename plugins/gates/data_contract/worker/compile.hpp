// From what a contract demands and what the data has to the checks that are made.
#pragma once

#include "plugins/gates/data_contract/worker/table.hpp"

namespace penstock::gates::data_contract::worker {

// What every part of the compilation works on.
struct Compiling {
  const Plan& plan;
  const Contract& contract;
  const Table& table;
  Database& database;
  Notes& notes;
  std::vector<Check> checks;

  const Property& property(std::size_t index) const { return contract.properties[index]; }
  const Column& column(std::size_t index) const { return table.columns[index]; }

  // Adds a check of one property: rows for which `violates` holds. One whose column is not there is skipped.
  Check& add_rows(std::size_t index, const std::string& kind, const std::string& needed, const std::string& violates);
  // Adds a check of any measure, skipped when one of its columns is not there.
  Check& add(Check check);
  // Whether the engine can evaluate the expression, and to what: "" and a message when it cannot.
  bool try_out(const std::string& expression, Cell& value, std::string& why);
  // The literal of the column's type; otherwise an error is told under `id`.
  std::optional<std::string> literal_for(std::size_t index, const Value& value, const std::string& id);
};

// All checks, with unique ids, those without a measure already decided.
std::vector<Check> compile(const Plan& plan, const Contract& contract, const Table& table, Database& database,
                           Notes& notes);

void compile_options(Compiling& compiling, std::size_t index);
// `index`: of the property, or none for the object's own rules.
void compile_rules(Compiling& compiling, const Sequence& rules, std::optional<std::size_t> index);
// The condition that holds for values other than those listed; nothing when an entry is in error. Entries may be
// mappings with a `value` (ODCS 3.2 `enum`).
std::optional<std::string> outside_of(Compiling& compiling, std::size_t index, const Sequence& values,
                                      const std::string& id);
// The condition that holds for texts without a match of the pattern; nothing when it cannot be searched for.
std::optional<std::string> without_match(Compiling& compiling, std::size_t index, const Value& pattern,
                                         const std::string& id);

// Conditions of the metrics `missingValues` and `invalidValues`; nothing after an error was told.
std::optional<std::string> missing_values(Compiling& compiling, std::size_t index, const Mapping* arguments,
                                          const std::string& id, const Mark& mark);
std::optional<std::string> invalid_values(Compiling& compiling, std::size_t index, const Mapping& rule,
                                          const Mapping* arguments, const std::string& id, const Mark& mark);

// A value of the contract as messages show it.
std::string shown(const Value& value);

}  // namespace penstock::gates::data_contract::worker
