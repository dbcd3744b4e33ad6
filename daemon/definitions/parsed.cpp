#include "daemon/definitions/parsed.hpp"

#include "daemon/definitions/yaml.hpp"

namespace penstock::definitions {
namespace {

namespace declared = core::declared;

// What stands under a key of the top level, as text; nothing when it is not there or no text.
const std::string* text_at(const declared::Mapping& mapping, const char* key) {
  const auto* entry = declared::find_entry(mapping, key);
  return entry != nullptr ? std::get_if<std::string>(&entry->value.data) : nullptr;
}

template <class Spec>
void read_document(const declared::Value& value, const std::string& file, std::vector<Parsed<Spec>>& parsed,
                   Lints& lints) {
  declared::Faults faults;
  Parsed<Spec> read{file, Document<Spec>::shape().read(value, "", faults), faults.empty()};
  add_faults(faults, file, lints);
  parsed.push_back(std::move(read));
}

// A document that is something else altogether is one problem, not one for each of its keys.
void read_any(const declared::Value& value, const std::string& file, ParsedFiles& parsed, Lints& lints) {
  const auto refuse = [&](const std::string& key, std::string message) {
    const auto* mapping = std::get_if<declared::Mapping>(&value.data);
    const auto* entry = mapping != nullptr ? declared::find_entry(*mapping, key) : nullptr;
    lints.push_back({Severity::error, file, entry != nullptr ? entry->value.mark : value.mark,
                     entry != nullptr ? key : "", std::move(message)});
  };
  if (std::holds_alternative<std::monostate>(value.data)) return;  // between two `---`
  const auto* mapping = std::get_if<declared::Mapping>(&value.data);
  if (mapping == nullptr)
    return refuse(
        "", "expected a mapping with `apiVersion`, `kind`, `metadata` and `spec`, found " + declared::kind_of(value));
  const auto* version = text_at(*mapping, "apiVersion");
  if (version == nullptr || *version != api_version)
    return refuse("apiVersion", std::string("expected `apiVersion: ") + api_version + "`" +
                                    (version != nullptr ? ", found " + declared::quote(*version) : "") +
                                    "; files of other formats stand outside gates/, policies/ and frameworks/");
  const auto* kind = text_at(*mapping, "kind");
  if (kind != nullptr && *kind == GateText::kind_name) return read_document(value, file, parsed.gates, lints);
  if (kind != nullptr && *kind == PolicyText::kind_name) return read_document(value, file, parsed.policies, lints);
  if (kind != nullptr && *kind == FrameworkText::kind_name) return read_document(value, file, parsed.frameworks, lints);
  refuse("kind", kind == nullptr
                     ? "missing key `kind`: Gate, Policy or Framework"
                     : "unknown kind " + declared::quote(*kind) +
                           suggestion(*kind, {GateText::kind_name, PolicyText::kind_name, FrameworkText::kind_name}));
}

}  // namespace

std::string suggestion(const std::string& word, const std::vector<std::string>& names) {
  if (const auto near = declared::nearest(word, names); !near.empty()) return ", did you mean `" + near + "`?";
  if (names.empty()) return "; there is none";
  constexpr std::size_t most_shown = 12;
  std::string text = "; there " + std::string(names.size() == 1 ? "is" : "are");
  for (std::size_t i = 0; i < names.size() && i < most_shown; ++i) text += (i == 0 ? " `" : ", `") + names[i] + "`";
  return names.size() > most_shown ? text + " and others" : text;
}

ParsedFiles parse(const std::vector<File>& files, Lints& lints) {
  ParsedFiles parsed;
  for (const auto& file : files) {
    declared::Faults faults;
    const auto documents = read_yaml(file.text, faults);
    add_faults(faults, file.name, lints);
    if (!faults.empty()) continue;
    if (documents.empty()) lints.push_back({Severity::warning, file.name, {}, "", "holds no document"});
    for (const auto& document : documents) read_any(document, file.name, parsed, lints);
  }
  return parsed;
}

}  // namespace penstock::definitions
