#include "daemon/cli/lint.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

#include "daemon/loading.hpp"
#include "plugins/catalog.hpp"

namespace penstock::cli {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

struct Found {
  json problems = json::array();
  bool has_errors = false;
};

void tell(const definitions::Lint& lint, Output output, Found& found) {
  if (!output.json) {
    std::cerr << to_text(lint) << "\n";
    return;
  }
  found.problems.push_back({{"severity", lint.severity == definitions::Severity::error ? "error" : "warning"},
                            {"file", lint.file},
                            {"line", lint.mark.line},
                            {"column", lint.mark.column},
                            {"path", lint.path},
                            {"message", lint.message}});
}

void lint_folder(const std::string& path, Output output, Found& found) {
  auto loaded = definitions::load(path, options_for(path, plugins::catalog()));
  for (auto& lint : loaded.lints) {
    lint.file = (fs::path(path) / lint.file).string();
    tell(lint, output, found);
  }
  found.has_errors = found.has_errors || !loaded.usable();
  if (!output.json && loaded.usable())
    std::cout << path << ": good, " << loaded.gates.size() << " gates and " << loaded.policies.size() << " policies\n";
}

void lint_settings(const std::string& path, Output output, Found& found) {
  const auto loaded = load(path, plugins::catalog());
  for (const auto& lint : loaded.lints) tell(lint, output, found);
  found.has_errors = found.has_errors || !loaded.good;
  if (!output.json && loaded.good) std::cout << path << ": good, " << loaded.policies.size() << " policies\n";
}

}  // namespace

Exit lint(const std::vector<std::string>& paths, Output output) {
  Found found;
  for (const auto& path : paths) {
    std::error_code failed;
    if (fs::is_directory(path, failed)) {
      lint_folder(path, output, found);
    } else {
      lint_settings(path, output, found);
    }
  }
  if (output.json) std::cout << json{{"good", !found.has_errors}, {"problems", found.problems}}.dump(2) << "\n";
  return found.has_errors ? Exit::usage : Exit::done;
}

}  // namespace penstock::cli
