#include "plugins/gates/data_contract/settings.hpp"

namespace penstock::gates::data_contract {

using core::declared::Shape;

const Shape<CsvDialect>& CsvDialect::shape() {
  static const auto shape =
      Shape<CsvDialect>("CSV dialect", "How a CSV file is written, where it differs from RFC 4180.")
          .optional("delimiter", &CsvDialect::delimiter, "One ASCII character between fields.",
                    {.min_length = 1, .max_length = 1})
          .optional("header", &CsvDialect::header,
                    "Whether the first record names the columns. Without, columns are the contract's, in its order.")
          .optional("null_strings", &CsvDialect::null_strings,
                    "Fields that mean \"no value\"; when none is listed, the empty field.", {.max_length = 100})
          .optional("quoted_nulls", &CsvDialect::quoted_nulls,
                    "Whether a quoted field can be \"no value\" too; when false, \"\" is an empty text.");
  return shape;
}

const Shape<Settings>& Settings::shape() {
  static const auto shape =
      Shape<Settings>(
          "data-contract",
          "Holds a data file (CSV or Parquet) against an Open Data Contract Standard 3.x contract. Every "
          "violation is counted; what the contract demands and Penstock cannot check is told and never passes.")
          .required("contract", &Settings::contract,
                    "Path of the contract. May hold `${candidate.data_contract}` and other values of the candidate.",
                    {.min_length = 1, .max_length = 1000})
          .optional("contract_from", &Settings::contract_from, "Where the contract's path starts.")
          .required("data", &Settings::data,
                    "Path of the data file. May hold values of the candidate: `${candidate.data_sets.training}`.",
                    {.min_length = 1, .max_length = 1000})
          .optional("data_from", &Settings::data_from,
                    "Where the data's path starts: `artifact`, or a name of `data_roots` in penstock.yaml.",
                    {.min_length = 1, .max_length = 200})
          .optional("format", &Settings::format, "`auto` looks at the file's first bytes.")
          .optional("schema", &Settings::schema, "Which object of the contract's `schema`, when there are several.",
                    {.max_length = 500})
          .optional("csv", &Settings::csv, "How the CSV file is written.")
          .optional("additional_columns", &Settings::additional_columns,
                    "What a column means that the contract does not name.")
          .optional("missing_optional_column", &Settings::missing_optional_column,
                    "What the lack of a column means that is neither `required` nor part of the primary key.")
          .optional("empty", &Settings::empty, "What a file without a row means.")
          .optional("unsupported", &Settings::unsupported,
                    "What it means that the contract demands something Penstock cannot check (SQL rules, "
                    "relationships, service levels): `fail` answers inconclusive, `warn` only tells it.")
          .optional("between", &Settings::between, "Whether `mustBeBetween` takes its two ends in.",
                    {.one_of = {"inclusive", "exclusive"}})
          .optional("samples", &Settings::samples, "Violating rows kept for each check.",
                    {.minimum = 0, .maximum = 100})
          .optional("strict", &Settings::strict,
                    "Refuse every key and form that the contract's own version of the standard does not have.")
          .optional("memory_mb", &Settings::memory_mb, "For the rows under check; beyond it the disk is used.",
                    {.minimum = 64, .maximum = 1048576})
          .optional("threads", &Settings::threads, "Of the worker process.", {.minimum = 1, .maximum = 64});
  return shape;
}

}  // namespace penstock::gates::data_contract
