// A folder with a penstock.yaml, read as the daemon reads it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "daemon/settings.hpp"
#include "tests/catch.hpp"

namespace penstock {

class SettingsFolder {
 public:
  SettingsFolder() {
    auto pattern = (std::filesystem::temp_directory_path() / "settings-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
    std::filesystem::create_directories(path / "definitions");
    secret("hook.key", std::string(32, 'k'));
  }
  ~SettingsFolder() { std::filesystem::remove_all(path); }
  SettingsFolder(const SettingsFolder&) = delete;
  SettingsFolder& operator=(const SettingsFolder&) = delete;

  void secret(const std::string& name, const std::string& text, unsigned mode = 0600) const {
    std::ofstream(path / name, std::ios::binary) << text;
    std::filesystem::permissions(path / name, std::filesystem::perms(mode));
  }
  // Reads `text` below the two keys that are always needed, in lines 1 and 2.
  Settings read(const std::string& text) {
    std::ofstream(path / "penstock.yaml", std::ios::binary) << "data: data\ndefinitions: definitions\n" << text;
    core::declared::Faults faults;
    auto settings = read_settings((path / "penstock.yaml").string(), faults);
    problems.clear();
    for (const auto& fault : faults) {
      auto problem = core::declared::to_text(fault, "penstock.yaml");
      // The folder's name is another one each time.
      for (auto at = problem.find(path.string()); at != std::string::npos; at = problem.find(path.string()))
        problem.replace(at, path.string().size(), "FOLDER");
      problems.push_back(std::move(problem));
    }
    return settings;
  }
  std::string problem(const std::string& text) {
    read(text);
    INFO(text);
    REQUIRE(problems.size() == 1);
    return problems.front();
  }

  std::filesystem::path path;
  std::vector<std::string> problems;
};

}  // namespace penstock
