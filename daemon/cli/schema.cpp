#include <filesystem>
#include <fstream>
#include <iostream>

#include "daemon/cli/lint.hpp"
#include "daemon/cli/print.hpp"
#include "daemon/definitions/schema.hpp"
#include "daemon/loading.hpp"
#include "plugins/catalog.hpp"

namespace penstock::cli {
namespace {

// Every schema by file name: what gate definitions hold, and penstock.yaml.
std::map<std::string, std::string> schemas() {
  auto files = definitions::schema_files(kinds_of(plugins::catalog()));
  files["penstock.json"] = definitions::schema_text(Settings::shape().schema());
  return files;
}

}  // namespace

Exit schema(const std::string& folder, bool markdown) {
  if (markdown) {
    std::cout << definitions::reference(kinds_of(plugins::catalog())) << "\n" << Settings::shape().markdown();
    return Exit::done;
  }
  if (folder.empty()) {
    auto all = nlohmann::json::object();
    for (const auto& [name, text] : schemas()) all[name] = nlohmann::json::parse(text);
    std::cout << all.dump(2) << "\n";
    return Exit::done;
  }
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  for (const auto& [name, text] : schemas()) {
    const auto path = std::filesystem::path(folder) / name;
    std::ofstream stream(path, std::ios::binary);
    stream << text;
    if (!stream.flush()) return fail(core::Problem{"unexpected", "the file cannot be written", path.string()});
    std::cout << path.string() << "\n";
  }
  return Exit::done;
}

}  // namespace penstock::cli
