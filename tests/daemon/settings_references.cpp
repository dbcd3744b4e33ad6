#include "tests/daemon/settings_story.hpp"

using namespace penstock;

namespace {

std::string hook(const std::string& keys) {
  return "sources: [{name: registry, kind: mlflow}]\npeople: [{name: Ann}]\nservices: [{name: airflow}]\n"
         "endpoints:\n- {name: serving, kind: webhook, url: \"https://a.example\", secret: {file: hook.key}}\n"
         "- {name: main, kind: mlflow, url: \"https://b.example\"}\n"
         "hooks:\n- {name: h, secret: {file: hook.key}, " +
         keys + "}\n";
}

std::string endpoint(const std::string& keys) { return "endpoints:\n- {name: e, " + keys + "}\n"; }

}  // namespace

TEST_CASE("a hook that names something that is not there is told with what was probably meant") {
  SettingsFolder folder;
  CHECK(folder.problem(hook("kind: github, source: registri")) ==
        "penstock.yaml:10:53: hooks[0].source: there is no source `registri`, did you mean `registry`?");
  CHECK(folder.problem(hook("kind: approvals, approver: Bob")) ==
        "penstock.yaml:10:56: hooks[0].approver: there is no person `Bob`; there are `Ann`");
  CHECK(folder.problem(hook("kind: mlflow")) == "penstock.yaml:10:3: hooks[0].source: missing: the name of a source");
}

TEST_CASE("a service is nobody who could approve, and a registry sends no receipts") {
  SettingsFolder folder;
  CHECK(folder.problem(hook("kind: approvals, approver: airflow")).find("there is no person `airflow`") !=
        std::string::npos);
  CHECK(folder.problem(hook("kind: receipts, receiver: main")).find("there is no webhook endpoint `main`") !=
        std::string::npos);
}

TEST_CASE("a key that means nothing for the kind of hook is refused, not passed over") {
  SettingsFolder folder;
  CHECK(folder.problem(hook("kind: github, source: registry, approver: Ann")) ==
        "penstock.yaml:10:71: hooks[0].approver: a hook of the kind github has none; remove it");
}

TEST_CASE("an endpoint's address is http, without credentials, and none are shown") {
  SettingsFolder folder;
  CHECK(folder.problem(endpoint("kind: http, url: \"ftp://a.example\"")) ==
        "penstock.yaml:4:25: endpoints[0].url: the address must begin with https:// or http://");
  const auto problem = folder.problem(endpoint("kind: mlflow, url: \"https://ann:hunter2@a.example/x\""));
  CHECK(problem.find("the address holds credentials; write them as `basic_auth` or `token`") != std::string::npos);
  CHECK(problem.find("hunter2") == std::string::npos);
  CHECK(folder.problem(endpoint("kind: http, url: \"https:///x\"")).find("names no host") != std::string::npos);
  folder.read(endpoint("kind: git, url: \"git://a.example/x\""));
  CHECK(folder.problems.empty());
}

TEST_CASE("a key that means nothing for the kind of endpoint is refused") {
  SettingsFolder folder;
  CHECK(folder.problem(endpoint("kind: http, url: \"https://a.example\", workspace: x")) ==
        "penstock.yaml:4:51: endpoints[0].workspace: only an endpoint of the kind mlflow has it; remove it");
  CHECK(folder.problem(endpoint("kind: mlflow, url: \"https://a.example\", receipt: callback"))
            .find("only an endpoint of the kind webhook has it") != std::string::npos);
}

TEST_CASE("one request has one Authorization") {
  SettingsFolder folder;
  CHECK(folder
            .problem(endpoint("kind: http, url: \"https://a.example\", token: {file: hook.key}, basic_auth: {user: u, "
                              "password: {file: hook.key}}"))
            .find("endpoints[0].token: `basic_auth` is there already") != std::string::npos);
  CHECK(folder
            .problem(endpoint(
                "kind: http, url: \"https://a.example\", basic_auth: {user: \"a:b\", password: {file: hook.key}}"))
            .find("endpoints[0].basic_auth.user: a colon ends the user's name") != std::string::npos);
}

TEST_CASE("a receiver that reports by callback needs a hook to call") {
  SettingsFolder folder;
  CHECK(folder.problem(
            endpoint("kind: webhook, url: \"https://a.example\", secret: {file: hook.key}, receipt: callback")) ==
        "penstock.yaml:4:80: endpoints[0].receipt: its callbacks have nowhere to go: add a hook of the kind receipts "
        "with "
        "`receiver: e`");
}

TEST_CASE("notices go to webhook endpoints, each once") {
  SettingsFolder folder;
  const std::string endpoints =
      "endpoints:\n- {name: chat, kind: webhook, url: \"https://a.example\", secret: {file: hook.key}}\n"
      "- {name: main, kind: mlflow, url: \"https://b.example\"}\n";
  const auto settings = folder.read(endpoints + "notices: [chat]\n");
  CHECK(folder.problems.empty());
  CHECK(settings.notices == std::vector<std::string>{"chat"});
  CHECK(folder.problem(endpoints + "notices: [chta]\n") ==
        "penstock.yaml:6:11: notices[0]: there is no webhook endpoint `chta`, did you mean `chat`?");
  CHECK(folder.problem(endpoints + "notices: [main]\n") ==
        "penstock.yaml:6:11: notices[0]: there is no webhook endpoint `main`; there are `chat`");
  CHECK(folder.problem(endpoints + "notices: [chat, chat]\n") ==
        "penstock.yaml:6:17: notices[1]: is there already; remove it");
}

TEST_CASE("the settings' schema and reference come from the same declarations") {
  const auto schema = Settings::shape().schema();
  CHECK(schema["required"] == nlohmann::json{"data", "definitions"});
  CHECK(schema["properties"]["hooks"]["items"]["properties"]["secret"]["maxProperties"] == 1);
  const auto text = Settings::shape().markdown();
  for (const auto* part : {"### penstock.yaml\n", "### Caller\n", "### Hook\n", "### Endpoint\n", "### Limits\n",
                           "| `listen` | text | `127.0.0.1:8087` |"}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
}
