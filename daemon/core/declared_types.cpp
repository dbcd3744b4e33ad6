#include "daemon/core/declared_types.hpp"

#include <algorithm>
#include <cmath>

namespace penstock::core::declared {
namespace {

std::string plain(double number) {
  if (number == std::floor(number) && std::abs(number) < 1e15) return std::to_string(static_cast<std::int64_t>(number));
  return nlohmann::json(number).dump();
}

std::string as_duration(double milliseconds) {
  return core::to_text(Duration(static_cast<std::int64_t>(milliseconds)));
}

std::string range(const std::optional<std::string>& least, const std::optional<std::string>& most) {
  if (least && most) return *least + " to " + *most;
  return least ? "at least " + *least : "at most " + *most;
}

std::string quoted_words(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "`" : ", `") + word + "`";
  return text;
}

std::string counted(std::size_t count, const std::string& of) {
  // `of` is a plural ("items", "bytes"); one of them loses its s.
  return std::to_string(count) + " " + (count == 1 ? of.substr(0, of.size() - 1) : of);
}

using Shown = std::string (*)(double);

bool check_range(double number, Shown shown, const Value& value, const std::string& path, const Bounds& bounds,
                 Faults& faults) {
  std::string problem;
  if (bounds.minimum && number < *bounds.minimum)
    problem = ", needs at least " + shown(*bounds.minimum);
  else if (bounds.maximum && number > *bounds.maximum)
    problem = ", at most " + shown(*bounds.maximum) + " is allowed";
  if (problem.empty()) return true;
  faults.push_back({value.mark, path, "is " + shown(number) + problem});
  return false;
}

void check_finite(const Value& value, const std::string& path, Faults& faults) {
  if (const auto* number = std::get_if<double>(&value.data); number != nullptr && !std::isfinite(*number)) {
    detail::wrong_type(value, path, "a finite number", faults);
  } else if (const auto* sequence = std::get_if<Sequence>(&value.data)) {
    for (std::size_t i = 0; i < sequence->size(); ++i)
      check_finite((*sequence)[i], path + "[" + std::to_string(i) + "]", faults);
  } else if (const auto* mapping = std::get_if<Mapping>(&value.data)) {
    for (const auto& entry : *mapping) check_finite(entry.value, path + "." + entry.key, faults);
  }
}

}  // namespace

std::string Bounds::text(bool durations) const {
  const Shown shown = durations ? as_duration : plain;
  const auto number = [shown](const std::optional<double>& bound) {
    return bound ? std::optional(shown(*bound)) : std::nullopt;
  };
  const auto length = [](const std::optional<std::size_t>& bound) {
    return bound ? std::optional(std::to_string(*bound)) : std::nullopt;
  };
  std::string text;
  if (minimum || maximum) text += " (" + range(number(minimum), number(maximum)) + ")";
  if (min_length || max_length) text += " (length " + range(length(min_length), length(max_length)) + ")";
  if (!one_of.empty()) text += " (one of " + quoted_words(one_of) + ")";
  return text;
}

namespace detail {

void wrong_type(const Value& value, const std::string& path, const std::string& needed, Faults& faults,
                Telling telling) {
  faults.push_back({value.mark, path, "expected " + needed + ", found " + kind_of(value, telling)});
}

bool check_number(double number, const Value& value, const std::string& path, const Bounds& bounds, Faults& faults) {
  return check_range(number, plain, value, path, bounds, faults);
}

bool check_length(std::size_t length, const char* of, const Value& value, const std::string& path, const Bounds& bounds,
                  Faults& faults) {
  std::string problem;
  if (bounds.min_length && length < *bounds.min_length)
    problem = ", needs at least " + std::to_string(*bounds.min_length);
  else if (bounds.max_length && length > *bounds.max_length)
    problem =
        ", at most " + std::to_string(*bounds.max_length) + (*bounds.max_length == 1 ? " is" : " are") + " allowed";
  if (problem.empty()) return true;
  faults.push_back({value.mark, path, "has " + counted(length, of) + problem});
  return false;
}

void bound_schema(nlohmann::json& schema, const Bounds& bounds, const char* min_key, const char* max_key) {
  if (bounds.min_length) schema[min_key] = *bounds.min_length;
  if (bounds.max_length) schema[max_key] = *bounds.max_length;
}

std::string reference_row(const std::string& key, const std::string& type, bool is_required,
                          const nlohmann::json& default_value, const std::string& meaning) {
  std::string shown;
  if (is_required)
    shown = "required";
  else if (default_value.is_string())
    shown = "`" + default_value.get<std::string>() + "`";
  else if (!default_value.is_null())
    shown = "`" + default_value.dump() + "`";
  std::string row = "| `" + key + "` ";
  for (const auto* cell : std::initializer_list<const std::string*>{&type, &shown, &meaning}) {
    row += "| ";
    for (const char c : *cell) row += c == '|' ? std::string("\\|") : std::string(1, c);
    row += " ";
  }
  return row + "|\n";
}

}  // namespace detail

namespace {

void bound_numbers(nlohmann::json& schema, const Bounds& bounds, bool whole) {
  const auto put = [&](const char* key, double bound) {
    if (whole)
      schema[key] = static_cast<std::int64_t>(bound);
    else
      schema[key] = bound;
  };
  if (bounds.minimum) put("minimum", *bounds.minimum);
  if (bounds.maximum) put("maximum", *bounds.maximum);
}

}  // namespace

bool Type<bool>::read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults) {
  if (const auto* flag = std::get_if<bool>(&value.data)) return *flag;
  detail::wrong_type(value, path, "`true` or `false`", faults, bounds.telling);
  return false;
}

std::int64_t Type<std::int64_t>::read(const Value& value, const std::string& path, const Bounds& bounds,
                                      Faults& faults) {
  const auto* number = std::get_if<std::int64_t>(&value.data);
  if (number == nullptr) {
    detail::wrong_type(value, path, "a whole number", faults, bounds.telling);
    return 0;
  }
  detail::check_number(static_cast<double>(*number), value, path, bounds, faults);
  return *number;
}

nlohmann::json Type<std::int64_t>::schema(const Bounds& bounds) {
  nlohmann::json schema{{"type", "integer"}};
  bound_numbers(schema, bounds, true);
  return schema;
}

int Type<int>::read(const Value& value, const std::string& path, Bounds bounds, Faults& faults) {
  constexpr double least = std::numeric_limits<int>::min();
  constexpr double most = std::numeric_limits<int>::max();
  bounds.minimum = std::max(bounds.minimum.value_or(least), least);
  bounds.maximum = std::min(bounds.maximum.value_or(most), most);
  const auto before = faults.size();
  const auto number = Type<std::int64_t>::read(value, path, bounds, faults);
  return faults.size() == before ? static_cast<int>(number) : 0;
}

double Type<double>::read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults) {
  double number = 0;
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) {
    number = static_cast<double>(*whole);
  } else if (const auto* real = std::get_if<double>(&value.data); real != nullptr && std::isfinite(*real)) {
    number = *real;
  } else {
    detail::wrong_type(value, path, real != nullptr ? "a finite number" : "a number", faults, bounds.telling);
    return 0;
  }
  detail::check_number(number, value, path, bounds, faults);
  return number;
}

nlohmann::json Type<double>::schema(const Bounds& bounds) {
  nlohmann::json schema{{"type", "number"}};
  bound_numbers(schema, bounds, false);
  return schema;
}

std::string Type<std::string>::read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    // `version: 1.10` reads as a number: quoting is what the writer has to do, so the message says so.
    const bool scalar = std::holds_alternative<bool>(value.data) || std::holds_alternative<double>(value.data) ||
                        std::holds_alternative<std::int64_t>(value.data);
    detail::wrong_type(value, path, scalar ? "a text (write it in quotes)" : "a text", faults, bounds.telling);
    return {};
  }
  if (!bounds.one_of.empty() && std::find(bounds.one_of.begin(), bounds.one_of.end(), *text) == bounds.one_of.end()) {
    auto message = "expected one of " + quoted_words(bounds.one_of) + ", found " + kind_of(value, bounds.telling);
    if (const auto near = nearest(*text, bounds.one_of); !near.empty()) message += ", did you mean `" + near + "`?";
    faults.push_back({value.mark, path, std::move(message)});
    return {};
  }
  detail::check_length(text->size(), "bytes", value, path, bounds, faults);
  return *text;
}

nlohmann::json Type<std::string>::schema(const Bounds& bounds) {
  nlohmann::json schema{{"type", "string"}};
  // JSON Schema counts characters where the reader counts bytes: an editor must never refuse what the reader takes.
  if (bounds.min_length && *bounds.min_length == 1) schema["minLength"] = 1;
  if (bounds.max_length) schema["maxLength"] = *bounds.max_length;
  if (!bounds.one_of.empty()) schema["enum"] = bounds.one_of;
  return schema;
}

Duration Type<Duration>::read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults) {
  const auto* text = std::get_if<std::string>(&value.data);
  const auto duration = text != nullptr ? parse_duration(*text) : std::nullopt;
  if (!duration) {
    detail::wrong_type(value, path, "a duration such as `90s`, `10m` or `72h`", faults, bounds.telling);
    return {};
  }
  check_range(static_cast<double>(duration->count()), as_duration, value, path, bounds, faults);
  return *duration;
}

// A plain text here is most likely the secret itself, so no message repeats what was written.
SecretRef Type<SecretRef>::read(const Value& value, const std::string& path, const Bounds&, Faults& faults) {
  SecretRef reference;
  const auto* mapping = std::get_if<Mapping>(&value.data);
  if (mapping == nullptr) {
    faults.push_back({value.mark, path,
                      "a secret is not written here but named: use {env: NAME} for an environment variable or "
                      "{file: PATH} for a file; if what stood here was the secret, replace it, for it has been seen"});
    return reference;
  }
  const auto before = faults.size();
  for (const auto& entry : *mapping) {
    const auto* text = std::get_if<std::string>(&entry.value.data);
    if (entry.key != "env" && entry.key != "file") {
      faults.push_back({entry.mark, path, "a secret takes one of `env` and `file`, and no other key"});
    } else if (text == nullptr || text->empty() || text->find('\0') != std::string::npos) {
      faults.push_back({entry.value.mark, path + "." + entry.key,
                        entry.key == "env" ? "expected the name of an environment variable, such as `REGISTRY_TOKEN`"
                                           : "expected the path of a file"});
    } else {
      (entry.key == "env" ? reference.env : reference.file) = *text;
    }
  }
  if (faults.size() != before) return {};
  if (reference.env.empty() == reference.file.empty()) {
    faults.push_back({value.mark, path, "a secret takes exactly one of `env` and `file`"});
    return {};
  }
  return reference;
}

nlohmann::json Type<SecretRef>::schema(const Bounds&) {
  const nlohmann::json text{{"type", "string"}, {"minLength", 1}};
  return {{"type", "object"},
          {"additionalProperties", false},
          {"properties", {{"env", text}, {"file", text}}},
          {"minProperties", 1},
          {"maxProperties", 1}};
}

nlohmann::json Type<nlohmann::json>::read(const Value& value, const std::string& path, const Bounds&, Faults& faults) {
  // JSON has no word for them: .nan would turn into null on the way to the plugin.
  check_finite(value, path, faults);
  return json_of(value);
}

}  // namespace penstock::core::declared
