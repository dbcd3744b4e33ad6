// How each type of a declared field is read, written as a default, and described in JSON Schema.
#pragma once

#include <concepts>
#include <limits>
#include <map>
#include <optional>

#include "daemon/core/declared_value.hpp"
#include "daemon/core/words.hpp"

namespace penstock::core::declared {

// What a field accepts beyond its type. Numbers bound numbers; for durations they are milliseconds;
// lengths bound strings (bytes) and sequences (items).
struct Bounds {
  std::optional<double> minimum{};
  std::optional<double> maximum{};
  std::optional<std::size_t> min_length{};
  std::optional<std::size_t> max_length{};
  std::vector<std::string> one_of{};
  // Of the endpoint that the field names; empty: any.
  std::vector<std::string> endpoint_kinds{};
  // What the messages about it say of what was found. Set by the shape, for types that are secret.
  Telling telling = Telling::whole;
  // " (1 to 100)" for the reference page; empty without bounds. Bounds of durations are written as durations.
  std::string text(bool durations = false) const;
};

// A secret named, never written: {env: NAME} or {file: PATH}. Resolved by the settings alone.
struct SecretRef {
  static constexpr bool is_secret = true;
  std::string env;
  std::string file;
  bool empty() const { return env.empty() && file.empty(); }
  bool operator==(const SecretRef&) const = default;
};

template <class M>
struct Type;

// Whether numbers that bound an M are milliseconds.
template <class M>
inline constexpr bool is_duration = false;
template <>
inline constexpr bool is_duration<Duration> = true;
template <class M>
inline constexpr bool is_duration<std::optional<M>> = is_duration<M>;
template <class M>
inline constexpr bool is_duration<std::vector<M>> = is_duration<M>;

// What a list, a mapping or an optional value is of.
template <class M>
struct Innermost {
  using type = M;
};
template <class M>
struct Innermost<std::optional<M>> : Innermost<M> {};
template <class M>
struct Innermost<std::vector<M>> : Innermost<M> {};
template <class M>
struct Innermost<std::map<std::string, M>> : Innermost<M> {};

// Where an M is read, a secret may stand, or what was taken for its place: no message repeats a text, a number or a key
// of it. A type says so by `static constexpr bool is_secret = true`.
template <class M>
inline constexpr bool is_secret = requires {
  requires Innermost<M>::type::is_secret;
};

template <class T>
concept Declared = requires {
  T::shape();
};

template <class E>
concept Named = std::is_enum_v<E> && requires {
  EnumNames<E>::names;
};

namespace detail {
void wrong_type(const Value& value, const std::string& path, const std::string& needed, Faults& faults,
                Telling telling = Telling::whole);
bool check_number(double number, const Value& value, const std::string& path, const Bounds& bounds, Faults& faults);
bool check_length(std::size_t length, const char* of, const Value& value, const std::string& path, const Bounds& bounds,
                  Faults& faults);
void bound_schema(nlohmann::json& schema, const Bounds& bounds, const char* min_key, const char* max_key);
std::string reference_row(const std::string& key, const std::string& type, bool is_required,
                          const nlohmann::json& default_value, const std::string& meaning);
}  // namespace detail

template <>
struct Type<bool> {
  static std::string name() { return "true or false"; }
  static bool read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults);
  static nlohmann::json write(bool value) { return value; }
  static nlohmann::json schema(const Bounds&) { return {{"type", "boolean"}}; }
};

template <>
struct Type<std::int64_t> {
  static std::string name() { return "whole number"; }
  static std::int64_t read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults);
  static nlohmann::json write(std::int64_t value) { return value; }
  static nlohmann::json schema(const Bounds& bounds);
};

template <>
struct Type<int> {
  static std::string name() { return "whole number"; }
  static int read(const Value& value, const std::string& path, Bounds bounds, Faults& faults);
  static nlohmann::json write(int value) { return value; }
  static nlohmann::json schema(const Bounds& bounds) { return Type<std::int64_t>::schema(bounds); }
};

template <>
struct Type<double> {
  static std::string name() { return "number"; }
  static double read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults);
  static nlohmann::json write(double value) { return value; }
  static nlohmann::json schema(const Bounds& bounds);
};

template <>
struct Type<std::string> {
  static std::string name() { return "text"; }
  static std::string read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults);
  static nlohmann::json write(const std::string& value) {
    return value.empty() ? nlohmann::json() : nlohmann::json(value);
  }
  static nlohmann::json schema(const Bounds& bounds);
};

template <>
struct Type<Duration> {
  static std::string name() { return "duration (`90s`, `10m`, `72h`, `7d`)"; }
  static Duration read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults);
  static nlohmann::json write(Duration value) { return core::to_text(value); }
  static nlohmann::json schema(const Bounds&) { return {{"type", "string"}, {"pattern", "^([0-9]+(ms|s|m|h|d))+$"}}; }
};

template <>
struct Type<SecretRef> {
  static std::string name() { return "secret (`{env: NAME}` or `{file: PATH}`)"; }
  static SecretRef read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults);
  static nlohmann::json write(const SecretRef&) { return nullptr; }
  static nlohmann::json schema(const Bounds&);
};

// Any document: what only a plugin can check.
template <>
struct Type<nlohmann::json> {
  static std::string name() { return "any"; }
  static nlohmann::json read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults);
  static nlohmann::json write(const nlohmann::json& value) { return value.empty() ? nlohmann::json() : value; }
  static nlohmann::json schema(const Bounds&) { return nlohmann::json::object(); }
};

template <Named E>
struct Type<E> {
  static std::vector<std::string> words() {
    std::vector<std::string> words;
    for (const auto& [value, name] : EnumNames<E>::names) words.emplace_back(name);
    return words;
  }
  static std::string name() {
    std::string text;
    for (const auto& word : words()) text += (text.empty() ? "`" : ", `") + word + "`";
    return text;
  }
  static E read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults) {
    auto one_of = bounds;
    one_of.one_of = words();
    const auto found = value_of<E>(Type<std::string>::read(value, path, one_of, faults));
    return found.value_or(E{});
  }
  static nlohmann::json write(E value) { return std::string(name_of(value)); }
  static nlohmann::json schema(const Bounds&) { return {{"type", "string"}, {"enum", words()}}; }
};

template <class M>
struct Type<std::optional<M>> {
  static std::string name() { return Type<M>::name(); }
  static std::optional<M> read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults) {
    return Type<M>::read(value, path, bounds, faults);
  }
  static nlohmann::json write(const std::optional<M>& value) {
    return value ? Type<M>::write(*value) : nlohmann::json();
  }
  static nlohmann::json schema(const Bounds& bounds) { return Type<M>::schema(bounds); }
};

template <class M>
struct Type<std::vector<M>> {
  static std::string name() { return "list of " + Type<M>::name(); }
  static std::vector<M> read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults) {
    std::vector<M> result;
    const auto* sequence = std::get_if<Sequence>(&value.data);
    if (sequence == nullptr) {
      detail::wrong_type(value, path, "a list", faults, bounds.telling);
      return result;
    }
    detail::check_length(sequence->size(), "items", value, path, bounds, faults);
    auto item_bounds = bounds;
    item_bounds.min_length.reset();
    item_bounds.max_length.reset();
    for (std::size_t i = 0; i < sequence->size(); ++i)
      result.push_back(Type<M>::read((*sequence)[i], path + "[" + std::to_string(i) + "]", item_bounds, faults));
    return result;
  }
  static nlohmann::json write(const std::vector<M>& value) {
    if (value.empty()) return nullptr;
    auto items = nlohmann::json::array();
    for (const auto& item : value) items.push_back(Type<M>::write(item));
    return items;
  }
  static nlohmann::json schema(const Bounds& bounds) {
    auto item_bounds = bounds;
    item_bounds.min_length.reset();
    item_bounds.max_length.reset();
    nlohmann::json schema{{"type", "array"}, {"items", Type<M>::schema(item_bounds)}};
    detail::bound_schema(schema, bounds, "minItems", "maxItems");
    return schema;
  }
};

template <class M>
struct Type<std::map<std::string, M>> {
  static std::string name() { return "mapping of names to " + Type<M>::name(); }
  static std::map<std::string, M> read(const Value& value, const std::string& path, const Bounds& bounds,
                                       Faults& faults) {
    std::map<std::string, M> result;
    const auto* mapping = std::get_if<Mapping>(&value.data);
    if (mapping == nullptr) {
      detail::wrong_type(value, path, "a mapping", faults, bounds.telling);
      return result;
    }
    for (const auto& entry : *mapping)
      result[entry.key] = Type<M>::read(entry.value, path + "." + entry.key, bounds, faults);
    return result;
  }
  static nlohmann::json write(const std::map<std::string, M>& value) {
    if (value.empty()) return nullptr;
    auto entries = nlohmann::json::object();
    for (const auto& [key, item] : value) entries[key] = Type<M>::write(item);
    return entries;
  }
  static nlohmann::json schema(const Bounds& bounds) {
    return {{"type", "object"}, {"additionalProperties", Type<M>::schema(bounds)}};
  }
};

template <Declared T>
struct Type<T> {
  static std::string name() { return T::shape().name(); }
  static T read(const Value& value, const std::string& path, const Bounds&, Faults& faults) {
    return T::shape().read(value, path, faults);
  }
  static nlohmann::json write(const T&) { return nullptr; }
  static nlohmann::json schema(const Bounds&) { return T::shape().schema(); }
};

}  // namespace penstock::core::declared
