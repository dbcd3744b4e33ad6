#include "daemon/journal/carried_tables.hpp"

namespace penstock::journal {
namespace {

using Kind = CarriedColumn::Kind;

std::string with_value(const char* sql, const std::string& value) {
  std::string text(sql);
  return text.replace(text.find('$'), 1, value);
}

// "a, b, c"
template <class Part>
std::string list(const CarriedTable& table, Part part) {
  std::string text;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::string(part(table.columns[i], std::to_string(i + 1)));
  return text;
}

const char* or_name(const char* sql, const CarriedColumn& column) { return *sql == '\0' ? column.name : sql; }

std::string names_in_sqlite(const CarriedTable& table) {
  return list(table, [](const CarriedColumn& column, const std::string&) {
    return std::string(column.name) == "index" ? "n" : column.name;
  });
}

const char* array_of(Kind kind) {
  if (kind == Kind::number) return "::bigint[]";
  return kind == Kind::text ? "::text[]" : "::bytea[]";
}

CarriedColumn text(const char* name) { return {.name = name}; }
CarriedColumn number(const char* name) { return {.name = name, .kind = Kind::number}; }
CarriedColumn document(const char* name) { return {.name = name, .kind = Kind::document}; }

}  // namespace

const std::vector<CarriedTable>& carried_tables() {
  static const CarriedColumn ended{.name = "ended",
                                   .kind = Kind::number,
                                   .from_postgres = "CASE WHEN ended THEN 1 ELSE 0 END::bigint",
                                   .to_postgres = "($ <> 0)"};
  static const CarriedColumn until{.name = "until",
                                   .kind = Kind::number,
                                   .from_postgres = "coalesce(until, -1)",
                                   .to_postgres = "nullif($, -1)",
                                   .from_sqlite = "coalesce(until, -1)",
                                   .to_sqlite = "nullif($, -1)"};
  // SQLite numbers rows from 1.
  static const CarriedColumn index{.name = "index", .kind = Kind::number, .from_sqlite = "n - 1", .to_sqlite = "$ + 1"};
  static const std::vector<CarriedTable> tables{
      {"lanes", {text("model"), text("environment"), number("version")}, "model, environment", "model, environment"},
      {"lane_states",
       {text("model"), text("environment"), document("document")},
       "model, environment",
       "model, environment"},
      {"candidates",
       {text("id"), text("model"), text("version"), text("submitter"), text("\"trigger\""), number("seen_at"),
        document("document")},
       "seen_at, id",
       "n"},
      {"policies", {text("digest"), document("document")}, "digest", "n"},
      {"promotions",
       {text("id"), text("model"), text("environment"), text("candidate"), text("version"), text("phase"), ended,
        number("opened_at"), number("changed_at"), document("document")},
       "n",
       "n"},
      {"live_spans", {text("model"), text("environment"), text("promotion"), number("since"), until}, "n", "n"},
      {"events",
       {number("seq"), number("at"), text("model"), text("environment"), text("promotion"), text("name"),
        document("document")},
       "seq",
       "seq"},
      {"audit", {index, text("promotion"), document("entry")}, "index", "n"},
      {"outbox",
       {text("key"), text("kind"), text("model"), text("environment"), text("promotion"), number("due"),
        number("tries"), document("document")},
       "key",
       "key"},
      {"cursors", {text("source"), document("cursor")}, "source", "source"},
      {"remembered", {text("key"), number("until"), document("answer")}, "key", "key"}};
  return tables;
}

std::string read_from_postgres(const CarriedTable& table) {
  return "SELECT " +
         list(table, [](const CarriedColumn& column, const auto&) { return or_name(column.from_postgres, column); }) +
         " FROM " + table.name + " ORDER BY " + table.order_in_postgres;
}

std::string read_from_sqlite(const CarriedTable& table) {
  return "SELECT " +
         list(table, [](const CarriedColumn& column, const auto&) { return or_name(column.from_sqlite, column); }) +
         " FROM " + table.name + " ORDER BY " + table.order_in_sqlite;
}

std::string write_to_sqlite(const CarriedTable& table) {
  return "INSERT INTO " + std::string(table.name) + " (" + names_in_sqlite(table) + ") VALUES (" +
         list(table,
              [](const CarriedColumn& column, const std::string& n) { return with_value(column.to_sqlite, "?" + n); }) +
         ")";
}

std::string write_to_postgres(const CarriedTable& table) {
  const auto names = list(table, [](const CarriedColumn& column, const auto&) { return column.name; });
  const auto values = list(
      table, [](const CarriedColumn& column, const std::string& n) { return with_value(column.to_postgres, "c" + n); });
  const auto arrays =
      list(table, [](const CarriedColumn& column, const std::string& n) { return "$" + n + array_of(column.kind); });
  const auto columns = list(table, [](const CarriedColumn&, const std::string& n) { return "c" + n; });
  return "INSERT INTO " + std::string(table.name) + " (" + names + ") SELECT " + values + " FROM unnest(" + arrays +
         ") WITH ORDINALITY AS carried (" + columns + ", ord) ORDER BY ord";
}

}  // namespace penstock::journal
