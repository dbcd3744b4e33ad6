#include "plugins/gates/data_contract/worker/column.hpp"

#include <nlohmann/json.hpp>

#include "plugins/gates/data_contract/worker/database.hpp"
#include "plugins/gates/data_contract/worker/date_format.hpp"

namespace penstock::gates::data_contract::worker {
namespace {

bool begins(const std::string& text, const char* with) { return text.rfind(with, 0) == 0; }
bool ends(const std::string& text, const std::string& with) {
  return text.size() >= with.size() && text.compare(text.size() - with.size(), with.size(), with) == 0;
}

bool is_integral(const std::string& native) {
  for (const auto* name : {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
                           "UBIGINT", "UHUGEINT"})
    if (native == name) return true;
  return begins(native, "DECIMAL(") && ends(native, ",0)");
}

// `then` when the whole text has the shape, else NULL.
std::string shaped(const std::string& text, const char* shape, const std::string& then) {
  return "CASE WHEN regexp_full_match(" + text + ", " + sql_text(shape) + ") THEN " + then + " END";
}

std::string finite(const std::string& number) { return "CASE WHEN isfinite(" + number + ") THEN " + number + " END"; }

std::string parse_with_format(const Column& column, const std::string& text) {
  const auto format = translate_date_format(column.date_format);
  if (!format) return "NULL";
  const auto* target = column.type == LogicalType::date   ? "DATE"
                       : column.type == LogicalType::time ? "TIME"
                                                          : "TIMESTAMPTZ";
  return shaped(text, format->shape.c_str(),
                "TRY_CAST(try_strptime(" + text + ", " + sql_text(format->strptime) + ") AS " + target + ")");
}

std::string parse_timestamp(const std::string& text, bool date_alone) {
  // The engine wants seconds before an offset; ISO 8601 does not.
  const auto with_seconds = "regexp_replace(" + text + ", '^(.{16})(Z|[+-].*)$', '\\1:00\\2')";
  return shaped(
      text,
      date_alone
          ? "[0-9]{4}-[0-9]{2}-[0-9]{2}([T "
            "][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
          : "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?",
      "TRY_CAST(" + with_seconds + " AS TIMESTAMPTZ)");
}

std::string from_native(const Column& column, const std::string& cell) {
  switch (column.type) {
    case LogicalType::integer:
      return "TRY_CAST(" + cell + " AS HUGEINT)";
    case LogicalType::number:
      return finite("TRY_CAST(" + cell + " AS DOUBLE)");
    case LogicalType::text:
      return "CAST(" + cell + " AS VARCHAR)";
    case LogicalType::date:
      return column.legacy_date ? "TRY_CAST(CAST(" + cell + " AS TIMESTAMP) AS TIMESTAMPTZ)" : cell;
    case LogicalType::timestamp:
      return column.native == "TIMESTAMP WITH TIME ZONE" ? cell
                                                         : "TRY_CAST(CAST(" + cell + " AS TIMESTAMP) AS TIMESTAMPTZ)";
    case LogicalType::time:
      return "TRY_CAST(" + cell + " AS TIME)";
    default:
      return cell;
  }
}

}  // namespace

bool type_fits(const Column& column) {
  const auto& native = column.native;
  const bool is_timestamp = begins(native, "TIMESTAMP");
  switch (column.type) {
    case LogicalType::none:
      return true;
    case LogicalType::text:
      return native == "VARCHAR" || native == "UUID" || begins(native, "ENUM(");
    case LogicalType::integer:
      return is_integral(native);
    case LogicalType::number:
      return is_integral(native) || native == "FLOAT" || native == "DOUBLE" || begins(native, "DECIMAL(");
    case LogicalType::boolean:
      return native == "BOOLEAN";
    case LogicalType::date:
      return native == "DATE" || (column.legacy_date && is_timestamp);
    case LogicalType::timestamp:
      return is_timestamp;
    case LogicalType::time:
      return native == "TIME" || native == "TIME WITH TIME ZONE" || native == "TIME_NS";
    case LogicalType::object:
      return begins(native, "STRUCT(") || begins(native, "MAP(");
    case LogicalType::array:
      return ends(native, "]");
  }
  return false;
}

std::string parse_text(const Column& column, const std::string& text) {
  if (!column.date_format.empty()) return parse_with_format(column, text);
  switch (column.type) {
    case LogicalType::integer:
      return shaped(text, "[+-]?[0-9]+", "TRY_CAST(" + text + " AS HUGEINT)");
    case LogicalType::number:
      return shaped(text, "[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?",
                    finite("TRY_CAST(" + text + " AS DOUBLE)"));
    case LogicalType::boolean:
      return "CASE lower(" + text + ") WHEN 'true' THEN true WHEN 'false' THEN false END";
    case LogicalType::date:
      if (column.legacy_date) return parse_timestamp(text, true);
      return shaped(text, "[0-9]{4}-[0-9]{2}-[0-9]{2}", "TRY_CAST(" + text + " AS DATE)");
    case LogicalType::timestamp:
      return parse_timestamp(text, false);
    case LogicalType::time:
      return shaped(text, "([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?", "TRY_CAST(" + text + " AS TIME)");
    default:
      return text;
  }
}

std::string define(Column& column, std::size_t index, const std::string& cell) {
  const auto number = std::to_string(index);
  column.raw = "r" + number;
  column.value = "v" + number;
  const bool textual = column.native.empty() || !column.fits;
  const auto raw = textual && !column.native.empty() ? "CAST(" + cell + " AS VARCHAR)" : cell;
  const auto value = textual ? parse_text(column, raw) : from_native(column, cell);
  // Native numbers are compared as they are stored, which a double could not tell apart.
  column.key = textual ? column.value : "CASE WHEN " + column.value + " IS NOT NULL THEN " + column.raw + " END";
  return raw + " AS " + column.raw + ", " + value + " AS " + column.value;
}

std::optional<std::string> literal(const Column& column, const Value& value, std::string& why) {
  const auto* text = std::get_if<std::string>(&value.data);
  const auto scalar = [&]() -> std::optional<std::string> {
    if (text != nullptr) return *text;
    if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return std::to_string(*whole);
    if (const auto* flag = std::get_if<bool>(&value.data)) return *flag ? "true" : "false";
    double real = 0;
    if (number_of(value, real)) return nlohmann::json(real).dump();
    return std::nullopt;
  }();
  if (!scalar) {
    why = "a single value is needed, found " + kind_of(value);
    return std::nullopt;
  }
  switch (column.type) {
    case LogicalType::integer:
    case LogicalType::number: {
      if (text != nullptr) {
        why = "a number is needed, found " + kind_of(value);
        return std::nullopt;
      }
      if (std::holds_alternative<bool>(value.data)) {
        why = "a number is needed, found " + kind_of(value);
        return std::nullopt;
      }
      const bool whole = std::holds_alternative<std::int64_t>(value.data);
      return "CAST(" + sql_text(*scalar) +
             (whole && column.type == LogicalType::integer ? " AS HUGEINT)" : " AS DOUBLE)");
    }
    case LogicalType::boolean:
      if (*scalar == "true" || *scalar == "false") return scalar;
      why = "true or false is needed, found " + kind_of(value);
      return std::nullopt;
    case LogicalType::date:
    case LogicalType::timestamp:
    case LogicalType::time: {
      auto iso = column;
      iso.date_format.clear();
      // ISO 8601 first, so that a bound may be written so beside a format; a timestamp may be bounded by a date.
      const auto quoted = sql_text(*scalar);
      auto tried = "coalesce(" + parse_text(iso, quoted);
      if (column.type == LogicalType::timestamp) tried += ", " + parse_timestamp(quoted, true);
      if (!column.date_format.empty()) tried += ", " + parse_text(column, quoted);
      return tried + ")";
    }
    default:
      return sql_text(*scalar);
  }
}

}  // namespace penstock::gates::data_contract::worker
