#include "plugins/sources/gto_tags.hpp"

#include "plugins/sources/yaml_document.hpp"

namespace penstock::sources {
namespace {

namespace declared = core::declared;

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_artifact_name(std::string_view name) {
  if (name.empty() || name.size() > 200 || !is_alnum(name.front()) || !is_alnum(name.back())) return false;
  for (const char c : name)
    if (!is_alnum(c) && c != '-' && c != '/' && c != '_' && c != '=') return false;
  return name.find('=') == name.rfind('=');
}

// Takes a number without leading zeros off the front.
bool take_number(std::string_view& text) {
  const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  if (end == 0 || (end > 1 && text[0] == '0')) return false;
  text.remove_prefix(end);
  return true;
}

// Dot-separated identifiers of letters, digits and hyphens.
bool are_identifiers(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.' || text.find("..") != std::string_view::npos)
    return false;
  for (const char c : text)
    if (!is_alnum(c) && c != '-' && c != '.') return false;
  return true;
}

// Semantic Versioning 2.0.0: three numbers, "-" pre-release, "+" build.
bool is_semver(std::string_view text) {
  for (int part = 0; part < 3; ++part) {
    if (part > 0) {
      if (!text.starts_with('.')) return false;
      text.remove_prefix(1);
    }
    if (!take_number(text)) return false;
  }
  const auto plus = text.find('+');
  if (plus != std::string_view::npos) {
    if (!are_identifiers(text.substr(plus + 1))) return false;
    text = text.substr(0, plus);
  }
  return text.empty() || (text.front() == '-' && are_identifiers(text.substr(1)));
}

std::string text_at(const declared::Mapping& mapping, const char* key) {
  const auto* entry = declared::find_entry(mapping, key);
  const auto* text = entry == nullptr ? nullptr : std::get_if<std::string>(&entry->value.data);
  return text == nullptr ? std::string() : *text;
}

}  // namespace

std::optional<GtoTag> parse_gto_tag(std::string_view tag) {
  const auto at = tag.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  const auto name = tag.substr(0, at);
  const auto version = tag.substr(at + 1);
  if (!is_artifact_name(name) || !version.starts_with('v') || !is_semver(version.substr(1))) return std::nullopt;
  GtoTag result{std::string(name), std::string(version)};
  if (const auto equals = result.artifact.find('='); equals != std::string::npos) result.artifact[equals] = ':';
  return result;
}

std::pair<std::string, std::string> gto_place(const std::string& artifact) {
  const auto colon = artifact.find(':');
  if (colon == std::string::npos) return {"", artifact};
  return {artifact.substr(0, colon), artifact.substr(colon + 1)};
}

core::Result<std::optional<GtoArtifact>> read_gto_artifact(std::string_view text, const std::string& name,
                                                           bool is_dvc_file, const std::string& where) {
  auto document = read_yaml(text, where);
  if (!document) return document.error();
  const auto* artifacts = std::get_if<declared::Mapping>(&document->data);
  if (artifacts != nullptr && is_dvc_file) {
    const auto* entry = declared::find_entry(*artifacts, "artifacts");
    if (entry == nullptr) return std::optional<GtoArtifact>();
    artifacts = std::get_if<declared::Mapping>(&entry->value.data);
  }
  if (artifacts == nullptr)
    return core::Problem{"invalid-document", "expected a mapping of artifact names", where, "correct the file", false};
  const auto* found = declared::find_entry(*artifacts, name);
  if (found == nullptr) return std::optional<GtoArtifact>();
  GtoArtifact artifact;
  const auto* fields = std::get_if<declared::Mapping>(&found->value.data);
  if (fields == nullptr) return std::optional(artifact);  // a name without anything is a proper declaration
  artifact.path = text_at(*fields, "path");
  if (auto type = text_at(*fields, "type"); !type.empty()) artifact.labels["gto.type"] = type;
  if (const auto* labels = declared::find_entry(*fields, "labels"); labels != nullptr)
    if (const auto* list = std::get_if<declared::Sequence>(&labels->value.data); list != nullptr) {
      std::string joined;
      for (const auto& label : *list)
        if (const auto* word = std::get_if<std::string>(&label.data)) joined += (joined.empty() ? "" : ",") + *word;
      if (!joined.empty()) artifact.labels["gto.labels"] = joined;
    }
  return std::optional(artifact);
}

}  // namespace penstock::sources
