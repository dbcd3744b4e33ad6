// Types of declared fields that remember where they were written, and names.
#pragma once

#include <string>

#include "daemon/core/declared.hpp"

namespace penstock::definitions {

// The name of a gate, policy, stage, delivery, environment or group: it appears in addresses, files and messages.
// a-z, 0-9, `-`, `_` and `.`, a letter or digit at both ends, 63 characters at most.
struct Name {
  std::string text;
  bool empty() const { return text.empty(); }
  bool operator==(const Name&) const = default;
};
bool is_name(std::string_view text);

// A value with its place, for what is checked across files.
template <class M>
struct Written {
  M value{};
  core::declared::Mark mark;
  std::string path;
};

// A mapping kept as it was written, for whoever knows its keys. Nothing when it was left out.
struct Block {
  core::declared::Value value;
  std::string path;
  bool empty() const;
  const core::declared::Mapping& mapping() const;
};

}  // namespace penstock::definitions

namespace penstock::core::declared {

template <>
struct Type<definitions::Name> {
  static std::string name() { return "name"; }
  static definitions::Name read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults);
  static nlohmann::json write(const definitions::Name& value) { return Type<std::string>::write(value.text); }
  static nlohmann::json schema(const Bounds&);
};

template <class M>
struct Type<definitions::Written<M>> {
  static std::string name() { return Type<M>::name(); }
  static definitions::Written<M> read(const Value& value, const std::string& path, const Bounds& bounds,
                                      Faults& faults) {
    return {Type<M>::read(value, path, bounds, faults), value.mark, path};
  }
  static nlohmann::json write(const definitions::Written<M>& value) { return Type<M>::write(value.value); }
  static nlohmann::json schema(const Bounds& bounds) { return Type<M>::schema(bounds); }
};

template <class M>
inline constexpr bool is_duration<definitions::Written<M>> = is_duration<M>;

template <class M>
struct Innermost<definitions::Written<M>> : Innermost<M> {};

template <>
struct Type<definitions::Block> {
  static std::string name() { return "mapping"; }
  static definitions::Block read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults);
  static nlohmann::json write(const definitions::Block&) { return nullptr; }
  static nlohmann::json schema(const Bounds&) { return {{"type", "object"}}; }
};

}  // namespace penstock::core::declared
