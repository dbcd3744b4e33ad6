// From the settings' file to a document.
#include <filesystem>
#include <fstream>

#include "daemon/definitions/yaml.hpp"
#include "daemon/runtime/digest.hpp"
#include "daemon/settings_checks.hpp"

namespace penstock {
namespace fs = std::filesystem;

namespace {

using core::declared::Faults;

std::optional<core::declared::Value> document_of(const std::string& file, Faults& faults, core::Digest& digest) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    faults.push_back({{}, "", "the file cannot be read: give its path with --config"});
    return std::nullopt;
  }
  const definitions::YamlLimits limits;
  std::string text(limits.bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  auto documents = definitions::read_yaml(text, faults, limits);
  if (!faults.empty()) return std::nullopt;
  if (documents.size() != 1) {
    faults.push_back({{}, "", std::to_string(documents.size()) + " YAML documents where one is needed"});
    return std::nullopt;
  }
  digest = runtime::sha256(text);
  return std::move(documents.front());
}

}  // namespace

Settings read_settings(const std::string& file, Faults& faults) {
  core::Digest digest;
  const auto document = document_of(file, faults, digest);
  if (!document) return {};
  const auto path = fs::absolute(file);
  auto settings = read_settings(*document, path.parent_path().string(), faults);
  settings.file = path.string();
  settings.digest = std::move(digest);
  return settings;
}

core::Semaphores read_semaphores(const std::string& file, Faults& faults, core::Digest& digest) {
  const auto document = document_of(file, faults, digest);
  if (!document) return {};
  // The shape of all settings reads it, so that a key has one declaration; what else is there is taken at a start.
  auto settings = Settings::shape().read(*document, "", faults);
  SettingsFaults checks(*document, faults);
  check_semaphores(settings, checks);
  return std::move(settings.semaphores);
}

}  // namespace penstock
