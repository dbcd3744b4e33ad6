// A folder with settings and definitions that fit each other, to be varied.
#pragma once

#include <cstdlib>

#include "daemon/loading.hpp"
#include "plugins/catalog.hpp"
#include "tests/daemon/settings_story.hpp"

namespace penstock {

class LoadedFolder : public SettingsFolder {
 public:
  LoadedFolder() {
    secret("receiver.key", std::string(32, 'r'));
    write("definitions/gates/smoke.yaml",
          "apiVersion: penstock/v1\nkind: Gate\nmetadata: {name: smoke}\nspec:\n  kind: smoke-test\n"
          "  with:\n    endpoint: staging\n    requests: [{name: one, path: /}]\n");
    write("definitions/policies/fraud.yaml",
          "apiVersion: penstock/v1\nkind: Policy\nmetadata: {name: fraud}\nspec:\n  model: fraud\n"
          "  environment: production\n  stages: [{name: all, gates: [{use: smoke}]}]\n  deliver:\n"
          "    - {kind: webhook, with: {receiver: serving}}\n"
          "    - {kind: mlflow-alias, with: {registry: main, alias: champion}}\n");
    write("penstock.yaml", R"(data: data
definitions: definitions
endpoints:
  - {name: main, kind: mlflow, url: "https://mlflow.example"}
  - {name: serving, kind: webhook, url: "https://serving.example", secret: {file: receiver.key}}
  - {name: staging, kind: http, url: "https://staging.example"}
sources:
  - {name: registry, kind: mlflow, with: {endpoint: main}}
  - {name: models, kind: git, with: {url: "https://git.example/models.git"}}
)");
  }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << text;
  }
  void replace(const std::string& name, const std::string& old_text, const std::string& new_text) const {
    std::ifstream stream(path / name);
    std::string text(std::istreambuf_iterator<char>(stream), {});
    const auto at = text.find(old_text);
    REQUIRE(at != std::string::npos);
    write(name, text.replace(at, old_text.size(), new_text));
  }
  void allow_editor_to_be_excluded() const {
    replace("penstock.yaml", "endpoints:", "people: [{name: ann, groups: [managers]}]\nendpoints:");
    replace("definitions/policies/fraud.yaml",
            "  stages:", "  approvals: [{group: managers, not: [editor]}]\n  stages:");
  }
  // Runs git in the definitions' folder.
  void git(const std::string& arguments) const {
    const auto command = "cd " + (path / "definitions").string() +
                         " && GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null git " + arguments;
    INFO(command);
    REQUIRE(std::system(command.c_str()) == 0);
  }
  void commit(const std::string& author) const {
    git("add -A");
    git("-c user.name=A -c user.email=" + author + " commit -q -m Change");
  }
  // The messages without the folder's name, which is another one each time.
  std::vector<std::string> messages() const {
    const auto loaded = load((path / "penstock.yaml").string(), plugins::catalog());
    CHECK(loaded.good == loaded.lints.empty());
    std::vector<std::string> texts;
    for (auto lint : loaded.lints) {
      if (lint.file.starts_with(path.string())) lint.file.erase(0, path.string().size() + 1);
      texts.push_back(to_text(lint));
    }
    return texts;
  }
};

}  // namespace penstock
