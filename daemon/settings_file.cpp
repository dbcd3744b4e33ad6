// From the settings' file to a document.
#include <filesystem>
#include <fstream>

#include "daemon/definitions/yaml.hpp"
#include "daemon/runtime/digest.hpp"
#include "daemon/settings.hpp"

namespace penstock {
namespace fs = std::filesystem;

Settings read_settings(const std::string& file, core::declared::Faults& faults) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    faults.push_back({{}, "", "the file cannot be read: give its path with --config"});
    return {};
  }
  const definitions::YamlLimits limits;
  std::string text(limits.bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  const auto documents = definitions::read_yaml(text, faults, limits);
  if (!faults.empty()) return {};
  if (documents.size() != 1) {
    faults.push_back({{}, "", std::to_string(documents.size()) + " YAML documents where one is needed"});
    return {};
  }
  auto settings = read_settings(documents.front(), fs::absolute(file).parent_path().string(), faults);
  settings.digest = runtime::sha256(text);
  return settings;
}

}  // namespace penstock
