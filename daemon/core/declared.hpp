// Configuration declared once: from a struct's fields with name, type, default, bounds and description come the reader
// (every problem at once, with line and column), the JSON Schema (draft-07) and the reference page.
//
//   struct Receiver {
//     std::string name;
//     Duration timeout = std::chrono::seconds(10);
//     static const declared::Shape<Receiver>& shape();
//   };
//   const declared::Shape<Receiver>& Receiver::shape() {
//     static const auto shape = declared::Shape<Receiver>("Receiver", "Where a webhook goes.")
//         .required("name", &Receiver::name, "Used by policies to name it.")
//         .optional("timeout", &Receiver::timeout, "For one attempt.", {.minimum = 100, .maximum = 120'000});
//     return shape;
//   }
//
// The default of an optional field is what the default-constructed struct holds.
#pragma once

#include <functional>
#include <memory>
#include <set>

#include "daemon/core/declared_endpoints.hpp"

namespace penstock::core::declared {

// The reference page by shape name, in the order met.
using Sections = std::vector<std::pair<std::string, std::string>>;

template <class T>
class Shape {
 public:
  Shape(std::string name, std::string description) : name_(std::move(name)), description_(std::move(description)) {}

  // A key that must be written.
  template <class M>
  Shape&& required(std::string key, M T::*member, std::string description, Bounds bounds = {}) && {
    add(std::move(key), member, std::move(description), std::move(bounds), true);
    return std::move(*this);
  }
  template <class M>
  Shape&& optional(std::string key, M T::*member, std::string description, Bounds bounds = {}) && {
    add(std::move(key), member, std::move(description), std::move(bounds), false);
    return std::move(*this);
  }

  // Reads a mapping. Problems go to `faults`; what is returned is only to be used when there are none.
  T read(const Value& value, const std::string& path, Faults& faults) const {
    T result{};
    const auto* mapping = std::get_if<Mapping>(&value.data);
    if (mapping == nullptr) {
      detail::wrong_type(value, path, "a mapping (" + name_ + ")", faults,
                         is_secret<T> ? Telling::kind_only : Telling::whole);
      return result;
    }
    check_keys(*mapping, path, faults, keys(), is_secret<T> ? Telling::kind_only : Telling::whole);
    for (const auto& field : fields_) {
      const auto* entry = find_entry(*mapping, field.key);
      const auto field_path = path.empty() ? field.key : path + "." + field.key;
      if (entry != nullptr) {
        field.read(entry->value, field_path, result, faults);
      } else if (field.is_required) {
        faults.push_back({value.mark, path, "missing key `" + field.key + "`: " + field.description});
      }
    }
    return result;
  }

  // The endpoints that a document names, wherever the shape has a field for that.
  void endpoints(const Value& value, const std::string& path, EndpointUses& uses) const {
    const auto* mapping = std::get_if<Mapping>(&value.data);
    if (mapping == nullptr) return;
    for (const auto& field : fields_)
      if (const auto* entry = find_entry(*mapping, field.key); entry != nullptr)
        field.endpoints(entry->value, path.empty() ? field.key : path + "." + field.key, uses);
  }

  // JSON Schema, draft-07: an object that takes no other keys.
  nlohmann::json schema() const {
    nlohmann::json properties = nlohmann::json::object();
    auto required = nlohmann::json::array();
    for (const auto& field : fields_) {
      auto property = field.schema();
      property["description"] = field.description;
      if (!field.is_required && !field.default_value.is_null()) property["default"] = field.default_value;
      properties[field.key] = std::move(property);
      if (field.is_required) required.push_back(field.key);
    }
    nlohmann::json schema{{"type", "object"},
                          {"title", name_},
                          {"description", description_},
                          {"additionalProperties", false},
                          {"properties", properties}};
    if (!required.empty()) schema["required"] = required;
    return schema;
  }

  // A Markdown section with one table row a field, and one for each shape inside it.
  std::string markdown() const {
    Sections sections;
    collect(sections);
    std::string text;
    for (const auto& section : sections) text += section.second;
    return text;
  }
  // Adds this shape's section and those of the shapes inside it, each once.
  void collect(Sections& sections) const {
    for (const auto& section : sections)
      if (section.first == name_) return;
    std::string text =
        "### " + name_ + "\n\n" + description_ + "\n\n| key | type | default | meaning |\n|---|---|---|---|\n";
    for (const auto& field : fields_)
      text += detail::reference_row(field.key, field.type, field.is_required, field.default_value,
                                    field.description + field.bounds_text);
    sections.emplace_back(name_, text + "\n");
    for (const auto& field : fields_)
      if (field.collect) field.collect(sections);
  }

  const std::string& name() const { return name_; }
  const std::string& description() const { return description_; }
  std::vector<std::string> keys() const {
    std::vector<std::string> keys;
    for (const auto& field : fields_) keys.push_back(field.key);
    return keys;
  }

 private:
  struct Field {
    std::string key;
    std::string description;
    std::string type;
    std::string bounds_text;
    bool is_required = false;
    nlohmann::json default_value;
    std::function<void(const Value&, const std::string&, T&, Faults&)> read;
    std::function<void(const Value&, const std::string&, EndpointUses&)> endpoints;
    std::function<nlohmann::json()> schema;
    std::function<void(Sections&)> collect;  // of the shapes inside it, when there are any
  };

  template <class M>
  void add(std::string key, M T::*member, std::string description, Bounds bounds, bool is_required) {
    const T defaults{};
    if (is_secret<T> || is_secret<M>) bounds.telling = Telling::kind_only;
    Field field;
    field.key = std::move(key);
    field.description = std::move(description);
    field.type = Type<M>::name();
    field.is_required = is_required;
    if (!is_required) field.default_value = Type<M>::write(defaults.*member);
    field.read = [member, bounds](const Value& value, const std::string& path, T& result, Faults& faults) {
      result.*member = Type<M>::read(value, path, bounds, faults);
    };
    field.endpoints = [bounds](const Value& value, const std::string& path, EndpointUses& uses) {
      detail::collect_endpoints<M>(value, path, bounds, uses);
    };
    field.schema = [bounds] { return Type<M>::schema(bounds); };
    using Inside = typename Innermost<M>::type;
    if constexpr (Declared<Inside>) field.collect = [](Sections& sections) { Inside::shape().collect(sections); };
    field.bounds_text = bounds.text(is_duration<M>);
    fields_.push_back(std::move(field));
  }

  std::string name_;
  std::string description_;
  std::vector<Field> fields_;
};

// A shape whose struct is not known to the holder: what the catalog keeps for each plugin kind.
struct AnyShape {
  std::string name;
  std::function<void(const Value&, const std::string& path, Faults&)> check;
  std::function<EndpointUses(const Value&, const std::string& path)> endpoints;
  std::function<nlohmann::json()> schema;
  std::function<std::string()> markdown;
};

template <class T>
AnyShape any_shape() {
  return {T::shape().name(),
          [](const Value& value, const std::string& path, Faults& faults) { T::shape().read(value, path, faults); },
          [](const Value& value, const std::string& path) {
            EndpointUses uses;
            T::shape().endpoints(value, path, uses);
            return uses;
          },
          [] { return T::shape().schema(); }, [] { return T::shape().markdown(); }};
}

// Reads a T from JSON that was checked when it was loaded, or arrived in a request. The first fault is the Problem.
template <class T>
Result<T> from_json(const nlohmann::json& document) {
  if (deeper_than(document, max_depth))
    return Problem{"invalid-document", "the document is nested deeper than " + std::to_string(max_depth) + " levels",
                   "", "flatten it", false};
  Faults faults;
  auto result = T::shape().read(value_of_json(document), "", faults);
  if (!faults.empty()) return problem_of(faults);
  return result;
}

}  // namespace penstock::core::declared
