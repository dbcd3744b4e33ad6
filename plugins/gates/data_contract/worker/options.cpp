// The part of compile.hpp about `logicalTypeOptions`.
#include <cmath>
#include <nlohmann/json.hpp>

#include "plugins/gates/data_contract/worker/compile.hpp"
#include "plugins/gates/data_contract/worker/text_format.hpp"

namespace penstock::gates::data_contract::worker {
namespace {

const std::vector<std::string>& known_options(LogicalType type) {
  static const std::vector<std::string> text{"minLength", "maxLength", "pattern", "format"};
  static const std::vector<std::string> numeric{"minimum",          "maximum",    "exclusiveMinimum",
                                                "exclusiveMaximum", "multipleOf", "format"};
  static const std::vector<std::string> temporal{"minimum", "maximum",  "exclusiveMinimum", "exclusiveMaximum",
                                                 "format",  "timezone", "defaultTimezone"};
  static const std::vector<std::string> array{"minItems", "maxItems", "uniqueItems"};
  static const std::vector<std::string> object{"minProperties", "maxProperties", "required"};
  static const std::vector<std::string> none;
  switch (type) {
    case LogicalType::text:
      return text;
    case LogicalType::integer:
    case LogicalType::number:
      return numeric;
    case LogicalType::date:
    case LogicalType::timestamp:
    case LogicalType::time:
      return temporal;
    case LogicalType::array:
      return array;
    case LogicalType::object:
      return object;
    default:
      return none;
  }
}

// One kind of bound: its key, the key that makes it exclusive, and the comparison that violates it.
struct Bound {
  const char* key;
  const char* exclusive_key;
  const char* beyond;
  const char* inclusive_words;
  const char* exclusive_words;
};
constexpr Bound lower_bound{"minimum", "exclusiveMinimum", "<", " at least ", " more than "};
constexpr Bound upper_bound{"maximum", "exclusiveMaximum", ">", " at most ", " less than "};

class Options {
 public:
  Options(Compiling& compiling, std::size_t index)
      : compiling_(compiling),
        index_(index),
        property_(compiling.property(index)),
        column_(compiling.column(index)),
        options_(*property_.options) {}

  void compile() {
    judge_keys(options_, known_options(property_.type), property_.id, compiling_.notes);
    switch (property_.type) {
      case LogicalType::text:
        length("minLength", "<", " of at least ");
        length("maxLength", ">", " of at most ");
        pattern();
        text_shape();
        break;
      case LogicalType::integer:
      case LogicalType::number:
        bound(lower_bound);
        bound(upper_bound);
        multiple();
        width();
        break;
      case LogicalType::date:
      case LogicalType::timestamp:
      case LogicalType::time:
        bound(lower_bound);
        bound(upper_bound);
        zone();
        break;
      default:
        for (const auto& entry : options_)
          compiling_.notes.unsupported(id(entry.key.c_str()), entry.mark,
                                       "`" + entry.key.substr(0, 60) + "` is not checked");
    }
  }

 private:
  std::string id(const char* key) const { return property_.id + "/" + key; }
  void error(const char* key, const Value& value, const std::string& message) {
    compiling_.notes.error(id(key), value.mark, message + "; this is not checked");
  }

  void length(const char* key, const char* beyond, const char* words) {
    const auto* value = find(options_, key);
    if (value == nullptr) return;
    const auto* count = std::get_if<std::int64_t>(&value->data);
    if (count == nullptr || *count < 0)
      return error(key, *value, std::string("`") + key + "` needs a whole number, found " + kind_of(*value));
    compiling_.add_rows(index_, key, property_.name + words + std::to_string(*count) + " characters",
                        "length(" + column_.value + ") " + beyond + " " + std::to_string(*count));
  }

  void pattern() {
    const auto* value = find(options_, "pattern");
    if (value == nullptr) return;
    if (const auto violates = without_match(compiling_, index_, *value, id("pattern")))
      compiling_.add_rows(index_, "pattern", property_.name + " with a match of the pattern " + shown(*value),
                          *violates);
  }

  void text_shape() {
    const auto* value = find(options_, "format");
    if (value == nullptr) return;
    const auto* name = std::get_if<std::string>(&value->data);
    if (name == nullptr) return error("format", *value, "`format` needs text, found " + kind_of(*value));
    std::string shape;
    switch (text_format(*name, shape)) {
      case TextFormat::free:
        return compiling_.notes.listed(id("format"), value->mark,
                                       "the format `" + *name + "` demands nothing of the text");
      case TextFormat::unsupported:
        return compiling_.notes.unsupported(id("format"), value->mark,
                                            "the format " + shown(*value) + " is not checked");
      case TextFormat::checked:
        compiling_.add_rows(
            index_, "format", property_.name + " written as " + *name,
            column_.value + " IS NOT NULL AND NOT regexp_full_match(" + column_.value + ", " + sql_text(shape) + ")");
    }
  }

  // ODCS 3.1 gives the exclusive keys a value; in 3.0 they are flags that qualify the inclusive ones.
  void bound(const Bound& bound) {
    const auto* inclusive = find(options_, bound.key);
    const auto* exclusive = find(options_, bound.exclusive_key);
    const auto* flag = exclusive == nullptr ? nullptr : std::get_if<bool>(&exclusive->data);
    if (exclusive != nullptr && compiling_.contract.legacy != (flag != nullptr))
      compiling_.notes.departure(id(bound.exclusive_key), exclusive->mark,
                                 std::string("`") + bound.exclusive_key + "` is written as " +
                                     (flag != nullptr ? "ODCS 3.0 has it" : "ODCS 3.1 has it"));
    if (flag != nullptr && inclusive == nullptr) {
      if (*flag)
        error(bound.exclusive_key, *exclusive,
              std::string("`") + bound.exclusive_key + ": true` needs a `" + bound.key + "`");
      return;
    }
    if (inclusive != nullptr) compare(bound, bound.key, *inclusive, flag != nullptr && *flag);
    if (exclusive != nullptr && flag == nullptr) compare(bound, bound.exclusive_key, *exclusive, true);
  }

  void compare(const Bound& bound, const char* key, const Value& value, bool exclusive) {
    const auto limit = compiling_.literal_for(index_, value, id(key));
    if (!limit) return;
    auto said = shown(value);
    if (said.size() > 1 && said.front() == '`') said = said.substr(1, said.size() - 2);
    compiling_.add_rows(index_, key,
                        property_.name + (exclusive ? bound.exclusive_words : bound.inclusive_words) + said,
                        column_.value + " " + bound.beyond + (exclusive ? "= " : " ") + *limit);
  }

  void multiple() {
    const auto* value = find(options_, "multipleOf");
    if (value == nullptr) return;
    double number = 0;
    if (!number_of(*value, number) || number <= 0)
      return error("multipleOf", *value, "`multipleOf` needs a number above 0, found " + kind_of(*value));
    const auto needed = property_.name + " a multiple of " + shown(*value);
    if (property_.type == LogicalType::integer && std::holds_alternative<std::int64_t>(value->data)) {
      compiling_.add_rows(index_, "multipleOf", needed,
                          column_.value + " % CAST(" + sql_text(shown(*value)) + " AS HUGEINT) <> 0");
      return;
    }
    // 19.99 is a multiple of 0.01 although no double is either: the quotient may miss a whole number by 1e-9 of itself.
    const auto quotient = "(CAST(" + column_.value + " AS DOUBLE) / CAST(" + sql_text(shown(*value)) + " AS DOUBLE))";
    compiling_.add_rows(index_, "multipleOf", needed,
                        "abs(" + quotient + " - round(" + quotient + ")) > 1e-9 * greatest(1, abs(" + quotient + "))");
  }

  // The standard's default, i32, is not enforced where it is not written.
  void width() {
    const auto* value = find(options_, "format");
    if (value == nullptr) return;
    const auto* name = std::get_if<std::string>(&value->data);
    const auto word = name == nullptr ? std::string() : *name;
    if (property_.type == LogicalType::number && word == "f64") return;
    if (property_.type == LogicalType::number && word == "f32") {
      compiling_.add_rows(index_, "format", property_.name + " within a 32-bit float",
                          "abs(" + column_.value + ") > 3.4028234663852886e38");
      return;
    }
    for (const int bits : {8, 16, 32, 64, 128}) {
      if (property_.type != LogicalType::integer) break;
      const auto power = [](int exponent) { return "(CAST(2 AS HUGEINT) ** " + std::to_string(exponent) + ")"; };
      if (word == "i" + std::to_string(bits)) {
        // 128 bits are what an integer is read into: `logicalType` has told those beyond.
        if (bits == 128) return;
        compiling_.add_rows(index_, "format", property_.name + " within " + std::to_string(bits) + " bits with sign",
                            column_.value + " < -CAST(" + power(bits - 1) + " AS HUGEINT) OR " + column_.value +
                                " >= CAST(" + power(bits - 1) + " AS HUGEINT)");
        return;
      }
      if (word == "u" + std::to_string(bits) && bits < 128) {
        compiling_.add_rows(index_, "format", property_.name + " within " + std::to_string(bits) + " bits without sign",
                            column_.value + " < 0 OR " + column_.value + " >= CAST(" + power(bits) + " AS HUGEINT)");
        return;
      }
    }
    compiling_.notes.unsupported(id("format"), value->mark, "the format " + shown(*value) + " is not checked");
  }

  void zone() {
    const auto* format = find(options_, "format");
    if (format != nullptr && !std::holds_alternative<std::string>(format->data))
      error("format", *format, "`format` needs text, found " + kind_of(*format));
    if (const auto* value = find(options_, "defaultTimezone")) {
      const auto* name = std::get_if<std::string>(&value->data);
      if (name == nullptr || (*name != "Etc/UTC" && *name != "UTC" && *name != "Z"))
        compiling_.notes.unsupported(id("defaultTimezone"), value->mark,
                                     "a default time zone other than UTC is not supported");
    }
    const auto* value = find(options_, "timezone");
    if (value == nullptr) return;
    const auto* wanted = std::get_if<bool>(&value->data);
    if (wanted == nullptr) return error("timezone", *value, "`timezone` needs true or false, found " + kind_of(*value));
    if (property_.type != LogicalType::timestamp || !column_.date_format.empty())
      return compiling_.notes.unsupported(id("timezone"), value->mark,
                                          "`timezone` is checked for ISO 8601 timestamps alone");
    const auto needed = property_.name + (*wanted ? " with" : " without") + " an offset from UTC";
    const auto has_offset = column_.native.empty() || !column_.fits
                                ? "regexp_matches(" + column_.raw + ", '[T ].*(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')"
                                : std::string(column_.native == "TIMESTAMP WITH TIME ZONE" ? "true" : "false");
    compiling_.add_rows(index_, "timezone", needed,
                        column_.value + " IS NOT NULL AND " + (*wanted ? "NOT " : "") + has_offset);
  }

  Compiling& compiling_;
  std::size_t index_;
  const Property& property_;
  const Column& column_;
  const Mapping& options_;
};

}  // namespace

void compile_options(Compiling& compiling, std::size_t index) {
  if (compiling.property(index).options != nullptr) Options(compiling, index).compile();
}

}  // namespace penstock::gates::data_contract::worker
