#include "daemon/settings.hpp"

#include "tests/daemon/settings_story.hpp"

using namespace penstock;
using Texts = std::vector<std::string>;

TEST_CASE("the shortest settings have a data folder and definitions, and defaults") {
  SettingsFolder folder;
  const auto settings = folder.read("");
  CHECK(folder.problems == Texts{});
  CHECK(settings.listen_address() == "127.0.0.1");
  CHECK(settings.listen_port() == 8087);
  CHECK(settings.data == (folder.path / "data").string());
  CHECK(settings.definitions == (folder.path / "definitions").string());
  CHECK(settings.limits.connections == 1024);
  CHECK(settings.secret_values.empty());
}

TEST_CASE("full settings are read, with their secrets") {
  SettingsFolder folder;
  folder.secret("basic.key", "registry-password\n");
  ::setenv("PENSTOCK_TEST_RECEIVER", ("whsec_" + std::string(43, 'A') + "=").c_str(), 1);
  const auto settings = folder.read(R"(listen: "[::1]:9000"
people:
  - name: Ann Example
    groups: [release-managers]
    also_known_as: [ann@example.com]
    tokens: [{sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef, expires: "2027-01-31T00:00:00Z"}]
services: [{name: airflow}]
sources: [{name: registry, kind: mlflow, every: 30s, with: {registry: main}}]
endpoints:
  - {name: main, kind: mlflow, url: "https://mlflow.example.com/", workspace: team, basic_auth: {user: penstock, password: {file: basic.key}}}
  - {name: serving, kind: webhook, url: "https://serving.example.com/hook", secret: {env: PENSTOCK_TEST_RECEIVER}, receipt: callback}
hooks:
  - {name: push, kind: mlflow, secret: {file: hook.key}, source: registry}
  - {name: ann, kind: approvals, secret: {file: hook.key}, former_secret: {env: PENSTOCK_TEST_RECEIVER}, approver: Ann Example}
  - {name: done, kind: receipts, secret: {file: hook.key}, receiver: serving}
)");
  ::unsetenv("PENSTOCK_TEST_RECEIVER");
  REQUIRE(folder.problems == Texts{});
  CHECK(settings.listen_address() == "::1");
  CHECK(settings.listen_port() == 9000);
  CHECK(settings.people[0].tokens[0].expires == "2027-01-31T00:00:00Z");
  CHECK(settings.sources[0].every == std::chrono::seconds(30));
  CHECK(core::declared::json_of(settings.sources[0].written_with) == nlohmann::json{{"registry", "main"}});
  CHECK(settings.sources[0].written_with.mark == core::declared::Mark{10, 60});
  REQUIRE(settings.resolved_endpoints.size() == 2);
  CHECK(settings.resolved_endpoints[0].url == "https://mlflow.example.com");
  CHECK(settings.resolved_endpoints[0].basic_auth == "penstock:registry-password");
  CHECK(settings.resolved_endpoints[0].options.at("workspace") == "team");
  CHECK(settings.resolved_endpoints[1].options.at("receipt") == "callback");
  CHECK(settings.resolved_endpoints[1].secret == "whsec_" + std::string(43, 'A') + "=");
  CHECK(settings.hooks[0].secrets == Texts{std::string(32, 'k')});
  CHECK(settings.hooks[1].secrets.size() == 2);
}

TEST_CASE("every secret is known to the log, so that none is shown") {
  SettingsFolder folder;
  folder.secret("a.key", std::string(30, 'a'));
  folder.secret("b.key", "basic-password");
  const auto settings = folder.read(R"(endpoints:
  - {name: a, kind: webhook, url: "https://a.example", secret: {file: a.key}}
  - {name: b, kind: http, url: "https://b.example", basic_auth: {user: u, password: {file: b.key}}}
)");
  REQUIRE(folder.problems == Texts{});
  CHECK(settings.secret_values == Texts{std::string(30, 'a'), "basic-password"});
}

TEST_CASE("all problems of the settings are told at once, in the order of the file") {
  SettingsFolder folder;
  folder.read(R"(listn: 127.0.0.1:80
data_roots: {training: nowhere}
sources: [{name: registry, kind: mlflow, every: 10ms}]
hooks:
  - {name: push, kind: git, secret: {file: hook.key}}
  - {name: Ann's, kind: approvals, secret: {file: hook.key}, approver: Ann}
limits: {connections: 0}
)");
  CHECK(
      folder.problems ==
      Texts{"penstock.yaml:3:1: unknown key `listn`, did you mean `listen`?",
            "penstock.yaml:4:14: data_roots.training: there is no folder FOLDER/nowhere",
            "penstock.yaml:5:49: sources[0].every: is 10ms, needs at least 1s",
            "penstock.yaml:7:24: hooks[0].kind: expected one of `post-receive`, `github`, `mlflow`, `approvals`, "
            "`receipts`, found the text `git`",
            "penstock.yaml:8:6: hooks[1].name: `Ann's` is no name: it takes the letters a-z, digits, `-`, `_` and `.`, "
            "begins and ends with a letter or digit, and has 63 characters at most",
            "penstock.yaml:9:23: limits.connections: is 0, needs at least 1"});
}

TEST_CASE("settings that cannot be read at all are told") {
  SettingsFolder folder;
  core::declared::Faults faults;
  read_settings((folder.path / "gone.yaml").string(), faults);
  CHECK(core::declared::to_text(faults.at(0), "gone.yaml") ==
        "gone.yaml: the file cannot be read: give its path with --config");
  CHECK(folder.problem("---\na: b\n") == "penstock.yaml: 2 YAML documents where one is needed");
  CHECK(folder.problem("listen: [").find("not YAML") != std::string::npos);
  CHECK(folder.problem("data: again\n") == "penstock.yaml:3:1: the key `data` is written twice");
}

TEST_CASE("the address to listen at is an IP address and a port") {
  SettingsFolder folder;
  for (const std::string bad : {"localhost:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:8a", ":80",
                                "::1:80", "[127.0.0.1]:80", "127.0.0.1:-1", "127.0.0.1: 80"})
    CHECK(folder.problem("listen: \"" + bad + "\"\n") == "penstock.yaml:3:1: listen: `" + bad +
                                                             "` is not an IP address and a port, such as "
                                                             "127.0.0.1:8087 or [::1]:8087");
}

TEST_CASE("folders that are not there, and names of roots that gates use otherwise, are refused") {
  SettingsFolder folder;
  CHECK(folder.problem("workers: bin\n") == "penstock.yaml:3:1: workers: there is no folder FOLDER/bin");
  CHECK(folder.problem("data_roots: {artifact: definitions}\n") ==
        "penstock.yaml:3:14: data_roots.artifact: gates know `artifact` as something else; choose another name");
  CHECK(folder.problem("data_roots: {\"a[b\": definitions}\n").find("data_roots.a[b: `a[b` is no name") !=
        std::string::npos);
  CHECK(folder.problem("data_roots: {\"a.b\": gone}\n") ==
        "penstock.yaml:3:14: data_roots.a.b: there is no folder FOLDER/gone");
}

TEST_CASE("semaphores have a name and at least one place") {
  SettingsFolder folder;
  CHECK(folder.read("semaphores: {tier-1: 2, tier-2: 5}\n").semaphores ==
        core::Semaphores{{"tier-1", 2}, {"tier-2", 5}});
  CHECK(folder.problems == Texts{});
  CHECK(folder.problem("semaphores: {tier-1: 0}\n") == "penstock.yaml:3:22: semaphores.tier-1: is 0, needs at least 1");
  CHECK(folder.problem("semaphores: {Tier 1: 2}\n").find("semaphores.Tier 1: `Tier 1` is no name") !=
        std::string::npos);
}

TEST_CASE("names are taken once: people and services share theirs") {
  SettingsFolder folder;
  CHECK(folder.problem("people: [{name: ann}]\nservices: [{name: ann}]\n") ==
        "penstock.yaml:4:13: services[0].name: the name `ann` is taken already");
  CHECK(folder.problem("sources:\n- {name: a, kind: git}\n- {name: a, kind: mlflow}\n") ==
        "penstock.yaml:5:4: sources[1].name: the name `a` is taken already");
}

TEST_CASE("a token is given by its digest, and never repeated") {
  SettingsFolder folder;
  const std::string token = "pst_4f9a8b7c6d5e";
  const auto problem = folder.problem("people: [{name: ann, tokens: [{sha256: " + token + "}]}]\n");
  CHECK(problem ==
        "penstock.yaml:3:32: people[0].tokens[0].sha256: needs the 64 lower-case hex digits of the token's "
        "SHA-256, not the token: `printf %s \"$TOKEN\" | sha256sum`");
  CHECK(folder.problem("services: [{name: ci, tokens: [{sha256: " + std::string(64, 'a') + ", expires: tomorrow}]}]\n")
            .find("expires: is not a time such as 2027-01-31T00:00:00Z") != std::string::npos);
}
