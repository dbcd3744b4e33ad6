#include "daemon/audit/bom_claims.hpp"

namespace penstock::audit::bom {

std::string_view hex_of(std::string_view digest) {
  constexpr std::string_view prefix = "sha256:";
  return digest.starts_with(prefix) ? digest.substr(prefix.size()) : digest;
}

const BomFile* Files::at(std::string_view path) const {
  for (const auto& file : files_)
    if (file.path == path) return &file;
  return nullptr;
}

const BomFile* Files::of(std::string_view digest) const {
  if (digest.empty()) return nullptr;
  for (const auto& file : files_)
    if (hex_of(file.sha256) == hex_of(digest)) return &file;
  return nullptr;
}

std::vector<const BomFile*> Files::below(std::string_view folder) const {
  std::vector<const BomFile*> found;
  for (const auto& file : files_)
    if (file.path.starts_with(folder)) found.push_back(&file);
  return found;
}

json data_of(const BomFile& file) {
  return {{"name", bounded(file.path, 500) + " (sha256:" + bounded(hex_of(file.sha256), 64) + ")"},
          {"contents", {{"url", url_of_path(file.path)}}}};
}

std::string Claims::add_evidence(const std::string& ref, const std::string& description, json data, json more) {
  json item = std::move(more);
  item["bom-ref"] = "evidence/" + ref;
  item["propertyName"] = "penstock:" + ref;
  item["description"] = bounded(description);
  if (!data.empty()) item["data"] = std::move(data);
  evidence_.push_back(std::move(item));
  return "evidence/" + ref;
}

std::string Claims::add_claim(const std::string& ref, const std::string& predicate, const std::string& reasoning,
                              const std::vector<std::string>& evidence, const std::vector<std::string>& mitigations) {
  json claim{{"bom-ref", "claim/" + ref},
             {"target", target_},
             {"predicate", bounded(predicate)},
             {"reasoning", bounded(reasoning)}};
  if (!evidence.empty()) claim["evidence"] = evidence;
  if (!mitigations.empty()) claim["mitigationStrategies"] = mitigations;
  claims_.push_back(std::move(claim));
  return "claim/" + ref;
}

void put_hash(json& reference, const BomFile& file) {
  if (const auto digest = core::Digest::parse("sha256:" + std::string(hex_of(file.sha256))))
    reference["hashes"] = json::array({{{"alg", "SHA-256"}, {"content", digest->hex()}}});
}

json contact(const std::string& name) { return {{"name", bounded(name, 200)}}; }

void put_instant(json& object, const char* key, const std::optional<std::string>& instant) {
  if (instant) object[key] = *instant;
}

}  // namespace penstock::audit::bom
