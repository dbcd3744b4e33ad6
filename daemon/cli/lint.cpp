#include "daemon/cli/lint.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

#include "daemon/cli/lint_against.hpp"
#include "daemon/loading.hpp"
#include "daemon/served_definitions.hpp"
#include "plugins/catalog.hpp"

namespace penstock::cli {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

struct Found {
  json problems = json::array();
  bool has_errors = false;
  DefinitionsByName definitions;  // of the last path
};

void tell(const definitions::Lint& lint, Output output, Found& found) {
  if (!output.json) {
    std::cerr << to_text(lint) << "\n";
    return;
  }
  found.problems.push_back(lint_json(lint));
}

void lint_folder(const std::string& path, Output output, Found& found) {
  auto loaded = definitions::load(path, options_for(path, plugins::catalog()));
  for (auto& lint : loaded.lints) {
    lint.file = (fs::path(path) / lint.file).string();
    tell(lint, output, found);
  }
  found.has_errors = found.has_errors || !loaded.usable();
  found.definitions = {definitions::documents_of(loaded.policies), definitions::documents_of(loaded.gates),
                       definitions::documents_of(loaded.frameworks)};
  if (!output.json && loaded.usable())
    std::cout << path << ": good, " << loaded.gates.size() << " gates and " << loaded.policies.size() << " policies, "
              << loaded.frameworks.size() << " frameworks\n";
}

void lint_settings(const std::string& path, Output output, Found& found) {
  const auto loaded = load(path, plugins::catalog());
  for (const auto& lint : loaded.lints) tell(lint, output, found);
  found.has_errors = found.has_errors || !loaded.good;
  found.definitions = {definitions::documents_of(loaded.policies.all()),
                       definitions::documents_of(loaded.policies.gates()),
                       definitions::documents_of(loaded.policies.frameworks())};
  if (!output.json && loaded.good) std::cout << path << ": good, " << loaded.policies.size() << " policies\n";
}

// Their difference to what a daemon has loaded, as text or in `document`.
Exit compare(const Found& found, const std::string& url, Output output, json& document) {
  auto client = Client::at(url, "--against");
  if (!client) return fail(client.error());
  const auto answer = client->get("/v1/definitions");
  if (!answer) return fail(answer.error());
  if (answer->status >= 400) return fail(*answer);
  const auto difference = compare_with(answer->document, found.definitions);
  if (!difference) return fail(difference.error());
  if (output.json) {
    document["against"] = to_json(*difference);
  } else {
    std::cout << to_text(*difference);
    if (difference->empty()) std::cout << "the daemon has loaded the same\n";
  }
  return difference->empty() ? Exit::done : Exit::conflict;
}

}  // namespace

Exit lint(const std::vector<std::string>& paths, const std::string& against, Output output) {
  if (!against.empty() && paths.size() != 1)
    return fail(core::Problem{"usage", "only one path can be compared with what a daemon has loaded", "--against",
                              "name one folder, or one penstock.yaml", false});
  Found found;
  for (const auto& path : paths) {
    std::error_code failed;
    if (fs::is_directory(path, failed)) {
      lint_folder(path, output, found);
    } else {
      lint_settings(path, output, found);
    }
  }
  json document{{"good", !found.has_errors}, {"problems", found.problems}};
  auto exit = found.has_errors ? Exit::usage : Exit::done;
  if (!against.empty() && !found.has_errors) exit = compare(found, against, output, document);
  if (output.json) std::cout << document.dump(2) << "\n";
  return exit;
}

}  // namespace penstock::cli
