// Settings and definitions together: what only shows when both are there is told before anything starts.
#include "daemon/loading.hpp"

#include "plugins/catalog.hpp"
#include "tests/daemon/settings_story.hpp"

using namespace penstock;
using Texts = std::vector<std::string>;

namespace {

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
  // The messages without the folder's name, which is another one each time.
  Texts messages() const {
    const auto loaded = load((path / "penstock.yaml").string(), plugins::catalog());
    CHECK(loaded.good == loaded.lints.empty());
    Texts texts;
    for (auto lint : loaded.lints) {
      if (lint.file.starts_with(path.string())) lint.file.erase(0, path.string().size() + 1);
      texts.push_back(to_text(lint));
    }
    return texts;
  }
};

}  // namespace

TEST_CASE("settings and definitions that fit each other are good") { CHECK(LoadedFolder().messages() == Texts{}); }

TEST_CASE("a delivery to an unknown receiver or registry is told at once, with its place and the one that was meant") {
  LoadedFolder folder;
  folder.replace("definitions/policies/fraud.yaml", "receiver: serving", "receiver: servnig");
  folder.replace("definitions/policies/fraud.yaml", "registry: main", "registry: mian");
  CHECK(folder.messages() ==
        Texts{"definitions/policies/fraud.yaml:9:40: error: spec.deliver[0].with.receiver: there is no endpoint "
              "`servnig`, did you mean `serving`?",
              "definitions/policies/fraud.yaml:10:45: error: spec.deliver[1].with.registry: there is no endpoint "
              "`mian`, did you mean `main`?"});
}

TEST_CASE("a gate that names an unknown endpoint is told at once") {
  LoadedFolder folder;
  folder.replace("definitions/gates/smoke.yaml", "endpoint: staging", "endpoint: canary");
  CHECK(folder.messages() ==
        Texts{"definitions/gates/smoke.yaml:7:15: error: spec.with.endpoint: there is no endpoint `canary`; there are "
              "`main`, `serving`, `staging`"});
}

TEST_CASE("a delivery to an endpoint of another kind is told at once") {
  LoadedFolder folder;
  folder.replace("definitions/policies/fraud.yaml", "receiver: serving", "receiver: staging");
  CHECK(folder.messages() ==
        Texts{"definitions/policies/fraud.yaml:9:40: error: spec.deliver[0].with.receiver: the endpoint `staging` is "
              "of the kind http, needed is webhook; there is `serving`"});
}

TEST_CASE("a source that names an unknown endpoint is told at once, in the settings") {
  LoadedFolder folder;
  folder.replace("penstock.yaml", "with: {endpoint: main}", "with: {endpoint: mainn}");
  folder.replace("penstock.yaml", "models.git\"}", "models.git\", credentials: git-robot}");
  CHECK(folder.messages() ==
        Texts{"penstock.yaml:8:53: error: sources[0].with.endpoint: there is no endpoint `mainn`, did you mean `main`?",
              "penstock.yaml:9:90: error: sources[1].with.credentials: there is no endpoint `git-robot`; there is "
              "`staging`"});
}

TEST_CASE("a source of an unknown kind and one with an unknown key are told with their places") {
  LoadedFolder folder;
  folder.replace("penstock.yaml", "kind: git,", "kind: gti,");
  folder.replace("penstock.yaml", "with: {endpoint: main}", "with: {endpoint: main, modles: [a]}");
  const auto messages = folder.messages();
  REQUIRE(messages.size() == 2);
  CHECK(messages[0] == "penstock.yaml:8:59: error: sources[0].with: unknown key `modles`, did you mean `models`?");
  CHECK(messages[1].find("there is no source of the kind `gti`") != std::string::npos);
}
