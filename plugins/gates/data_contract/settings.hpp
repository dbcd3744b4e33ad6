// What a policy writes under `with:` for a data-contract gate.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/declared.hpp"

namespace penstock::gates::data_contract {

enum class DataFormat {
  automatic,  // Parquet when the file begins with its magic bytes, CSV otherwise
  csv,
  parquet,
};

enum class Policy {
  allow,  // not looked at
  warn,   // told, without stopping the candidate
  fail,   // a violation
};

// As Policy, for what must at least be told.
enum class Weight { warn, fail };

enum class ContractFrom {
  definitions,  // the folder of the gate definitions: an operator wrote it
  artifact,     // the candidate brings it
};

// RFC 4180, and where files differ from it. The quote is `"`, doubled inside a quoted field.
struct CsvDialect {
  std::string delimiter = ",";
  bool header = true;
  std::vector<std::string> null_strings;  // empty: the empty field alone
  bool quoted_nulls = true;
  static const core::declared::Shape<CsvDialect>& shape();
};

struct Settings {
  std::string contract;
  ContractFrom contract_from = ContractFrom::definitions;
  std::string data;
  std::string data_from = "artifact";
  DataFormat format = DataFormat::automatic;
  std::string schema;
  CsvDialect csv;
  Policy additional_columns = Policy::allow;
  Weight missing_optional_column = Weight::fail;
  Weight empty = Weight::fail;
  Weight unsupported = Weight::fail;
  std::string between = "inclusive";  // or "exclusive"
  int samples = 5;
  bool strict = false;
  int memory_mb = 1024;
  int threads = 2;
  static const core::declared::Shape<Settings>& shape();
};

}  // namespace penstock::gates::data_contract

namespace penstock::core {

template <>
struct EnumNames<gates::data_contract::DataFormat> {
  using E = gates::data_contract::DataFormat;
  static constexpr std::array<std::pair<E, const char*>, 3> names{
      {{E::automatic, "auto"}, {E::csv, "csv"}, {E::parquet, "parquet"}}};
};
template <>
struct EnumNames<gates::data_contract::Policy> {
  using E = gates::data_contract::Policy;
  static constexpr std::array<std::pair<E, const char*>, 3> names{
      {{E::allow, "allow"}, {E::warn, "warn"}, {E::fail, "fail"}}};
};
template <>
struct EnumNames<gates::data_contract::Weight> {
  using E = gates::data_contract::Weight;
  static constexpr std::array<std::pair<E, const char*>, 2> names{{{E::warn, "warn"}, {E::fail, "fail"}}};
};
template <>
struct EnumNames<gates::data_contract::ContractFrom> {
  using E = gates::data_contract::ContractFrom;
  static constexpr std::array<std::pair<E, const char*>, 2> names{
      {{E::definitions, "definitions"}, {E::artifact, "artifact"}}};
};

}  // namespace penstock::core
