// Settings and definitions together: what only shows when both are there is told before anything starts.
#include "tests/daemon/loading_story.hpp"

using namespace penstock;
using Texts = std::vector<std::string>;

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

TEST_CASE("a policy that keeps its editor away is refused where nobody can tell who that is") {
  LoadedFolder folder;
  folder.allow_editor_to_be_excluded();
  const std::string why =
      "spec.approvals[0].not: `editor` keeps nobody from approving, because nobody can tell who edited this policy "
      "last: ";
  const std::string place = "definitions/policies/fraud.yaml:7:38: error: " + why;
  CHECK(folder.messages() == Texts{place + "it lies in no git work tree; keep the gate definitions in a clone of a git "
                                           "repository"});
  folder.git("init -q -b main .");
  CHECK(folder.messages() == Texts{place + "its git repository has no commit yet; commit it"});
  folder.commit("Eve@Bank.example");
  CHECK(folder.messages() == Texts{});
  const auto loaded = load((folder.path / "penstock.yaml").string(), plugins::catalog());
  CHECK(loaded.policies.covering("fraud").at(0)->editor == "eve@bank.example");

  folder.replace("definitions/policies/fraud.yaml", "group: managers,", "group: managers, ");
  CHECK(folder.messages() == Texts{"definitions/policies/fraud.yaml:7:39: error: " + why +
                                   "the file is not as it was committed last; commit it, or take the changes back"});
}

TEST_CASE("who only looks at a folder of definitions is warned of an editor whom nobody knows") {
  LoadedFolder folder;
  folder.allow_editor_to_be_excluded();
  const auto definitions = (folder.path / "definitions").string();
  const auto lint = [&definitions] {
    return definitions::load(definitions, options_for(definitions, plugins::catalog()));
  };
  const auto found = lint();
  REQUIRE(found.lints.size() == 1);
  CHECK(found.usable());
  CHECK(
      to_text(found.lints[0]).find("policies/fraud.yaml:7:38: warning: spec.approvals[0].not: `editor` keeps nobody") ==
      0);
  folder.git("init -q -b main .");
  folder.commit("eve@bank.example");
  CHECK(lint().lints.empty());
}
