// The names of endpoints inside documents: a declaration says which fields hold them, and whoever knows the endpoints
// checks that they are there. A reader of one document cannot: endpoints are configured in another.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "daemon/core/declared_types.hpp"

namespace penstock::core::declared {

// A field that names an endpoint of penstock.yaml. Bounds::endpoint_kinds says of which kinds it may be.
struct EndpointName {
  std::string text;
  bool empty() const { return text.empty(); }
  bool operator==(const EndpointName&) const = default;
};

template <>
struct Type<EndpointName> {
  static std::string name() { return "name of an endpoint"; }
  static EndpointName read(const Value& value, const std::string& path, const Bounds& bounds, Faults& faults);
  static nlohmann::json write(const EndpointName& value) { return Type<std::string>::write(value.text); }
  static nlohmann::json schema(const Bounds&) { return {{"type", "string"}, {"minLength", 1}}; }
};

// One place where a document names an endpoint.
struct EndpointUse {
  std::string name;
  std::vector<std::string> kinds;  // empty: any
  Mark mark;
  std::string path;
};
using EndpointUses = std::vector<EndpointUse>;

// What is configured: the kind of each endpoint, by name.
using EndpointKinds = std::map<std::string, std::string>;

// Adds a fault for each use of an endpoint that is not there, or of another kind than the field takes.
void check_endpoints(const EndpointUses& uses, const EndpointKinds& known, Faults& faults);

namespace detail {

template <class M>
struct Parts {
  static constexpr bool optional = false, list = false, mapping = false;
};
template <class M>
struct Parts<std::optional<M>> {
  static constexpr bool optional = true, list = false, mapping = false;
  using type = M;
};
template <class M>
struct Parts<std::vector<M>> {
  static constexpr bool optional = false, list = true, mapping = false;
  using type = M;
};
template <class M>
struct Parts<std::map<std::string, M>> {
  static constexpr bool optional = false, list = false, mapping = true;
  using type = M;
};

// Collects from a value that holds an M, however deep. What does not fit an M was told by its reader and is passed
// over.
template <class M>
void collect_endpoints(const Value& value, const std::string& path, const Bounds& bounds, EndpointUses& uses) {
  if constexpr (std::is_same_v<M, EndpointName>) {
    if (const auto* name = std::get_if<std::string>(&value.data))
      uses.push_back({*name, bounds.endpoint_kinds, value.mark, path});
  } else if constexpr (Declared<M>) {
    M::shape().endpoints(value, path, uses);
  } else if constexpr (Parts<M>::optional) {
    collect_endpoints<typename Parts<M>::type>(value, path, bounds, uses);
  } else if constexpr (Parts<M>::list) {
    const auto* items = std::get_if<Sequence>(&value.data);
    for (std::size_t i = 0; items != nullptr && i < items->size(); ++i)
      collect_endpoints<typename Parts<M>::type>((*items)[i], path + "[" + std::to_string(i) + "]", bounds, uses);
  } else if constexpr (Parts<M>::mapping) {
    const auto* entries = std::get_if<Mapping>(&value.data);
    for (std::size_t i = 0; entries != nullptr && i < entries->size(); ++i)
      collect_endpoints<typename Parts<M>::type>((*entries)[i].value, path + "." + (*entries)[i].key, bounds, uses);
  }
}

}  // namespace detail
}  // namespace penstock::core::declared
