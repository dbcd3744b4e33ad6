#include "tests/daemon/settings_story.hpp"

using namespace penstock;

namespace {

std::string hook_with(const std::string& secret) {
  return "sources: [{name: s, kind: git}]\nhooks: [{name: h, kind: github, source: s, secret: " + secret + "}]\n";
}

// Everything that is told, so that what must not be in any of it can be looked for.
std::string all_problems(SettingsFolder& folder, const std::string& text) {
  folder.read(text);
  std::string all;
  for (const auto& problem : folder.problems) all += problem + "\n";
  return all;
}

}  // namespace

TEST_CASE("a hook without a secret keeps the daemon from starting") {
  SettingsFolder folder;
  CHECK(folder.problem("sources: [{name: s, kind: git}]\nhooks: [{name: h, kind: github, source: s}]\n") ==
        "penstock.yaml:4:9: hooks[0]: missing key `secret`: The signing secret, at least 24 bytes.");
}

TEST_CASE("a secret shorter than 24 bytes is refused with its length and how to make one") {
  SettingsFolder folder;
  folder.secret("short.key", "tooshort-tooshort");
  CHECK(folder.problem(hook_with("{file: short.key}")) ==
        "penstock.yaml:4:44: hooks[0].secret: the secret has 17 bytes, at least 24 are needed: make one with `openssl "
        "rand -base64 32`");
}

TEST_CASE("an encoded secret counts by what it decodes to") {
  SettingsFolder folder;
  const auto approvals = [](const std::string& file) {
    return "people: [{name: ann}]\nhooks: [{name: h, kind: approvals, approver: ann, secret: {file: " + file + "}}]\n";
  };
  folder.secret("a.key", "whsec_" + std::string(28, 'A'));
  CHECK(folder.problem(approvals("a.key")).find("the secret has 21 bytes, at least 24 are needed") !=
        std::string::npos);
  folder.secret("b.key", "whsec_not base64 at all, whatever its length");
  CHECK(folder.problem(approvals("b.key")).find("what follows `whsec_` in the secret is not base64") !=
        std::string::npos);
  // GitHub takes the characters as they are.
  folder.read(hook_with("{file: b.key}"));
  CHECK(folder.problems.empty());
}

TEST_CASE("a secret in clear is refused without being repeated") {
  SettingsFolder folder;
  const auto problem = folder.problem(hook_with("correct-horse-battery-staple"));
  CHECK(problem.find("horse") == std::string::npos);
  CHECK(problem.find("use {env: NAME} for an environment variable or {file: PATH} for a file") != std::string::npos);
}

TEST_CASE("a token or a password in the place of what describes it is refused without being repeated") {
  SettingsFolder folder;
  for (const auto* people : {"tokens: hunter2", "tokens: [hunter2]", "tokens: [{hunter2}]",
                             "tokens: [{sha256: hunter2}]", "tokens: [{sha256: [], expires: hunter2}]"}) {
    const auto all = all_problems(folder, "people: [{name: ann, " + std::string(people) + "}]\n");
    INFO(all);
    CHECK(all.find("people[0].tokens") != std::string::npos);
    CHECK(all.find("hunter2") == std::string::npos);
  }
  const auto all = all_problems(
      folder, "endpoints: [{name: e, kind: mlflow, url: \"https://a.example\", basic_auth: \"ann:hunter2\"}]\n");
  CHECK(all.find("endpoints[0].basic_auth: expected a mapping (BasicAuth), found a text") != std::string::npos);
  CHECK(all.find("hunter2") == std::string::npos);
}

TEST_CASE("a secret in the place of a variable's name or a file's path is refused without being repeated") {
  SettingsFolder folder;
  for (const auto* secret :
       {"{env: ghp_hunter2}", "{env: \"hunter2 hunter2\"}", "{env: 1HUNTER2}", "{file: \"host=db password=hunter2\"}",
        "{file: \"postgresql://ann:hunter2@db/x\"}", "{file: \"hunter2 hunter2\"}"}) {
    const auto problem = folder.problem(hook_with(secret));
    INFO(problem);
    CHECK(problem.find("hooks[0].secret: what stands at `") != std::string::npos);
    CHECK(problem.find("hunter2") == std::string::npos);
    CHECK(problem.find("HUNTER2") == std::string::npos);
  }
  const std::string long_one(65, 'H');
  CHECK(folder.problem(hook_with("{env: " + long_one + "}")).find(long_one) == std::string::npos);
  CHECK(folder.problem(hook_with("{env: ghp_hunter2}"))
            .find("is not the name of a variable that is set; write one such as `REGISTRY_TOKEN`") !=
        std::string::npos);
  CHECK(folder.problem(hook_with("{file: \"a=b\"}")).find("cannot be read: No such file or directory") !=
        std::string::npos);
}

TEST_CASE("a variable that is not set, and one that is empty, are named") {
  SettingsFolder folder;
  ::unsetenv("PENSTOCK_TEST_UNSET");
  CHECK(folder.problem(hook_with("{env: PENSTOCK_TEST_UNSET}")) ==
        "penstock.yaml:4:44: hooks[0].secret: the environment variable PENSTOCK_TEST_UNSET is not set");
  ::setenv("PENSTOCK_TEST_UNSET", "", 1);
  CHECK(folder.problem(hook_with("{env: PENSTOCK_TEST_UNSET}")).find("is not set") != std::string::npos);
  ::unsetenv("PENSTOCK_TEST_UNSET");
}

TEST_CASE("a secret file that others can read is refused, and the mode to set is told") {
  SettingsFolder folder;
  for (const unsigned mode : {0644U, 0640U, 0604U, 0660U}) {
    folder.secret("open.key", std::string(32, 'o'), mode);
    CHECK(folder.problem(hook_with("{file: open.key}")) ==
          "penstock.yaml:4:44: hooks[0].secret: the secret file FOLDER/open.key can be read by others: chmod 600 it");
  }
  folder.secret("closed.key", std::string(32, 'c'), 0400);
  folder.read(hook_with("{file: closed.key}"));
  CHECK(folder.problems.empty());
}

TEST_CASE("a secret file that is missing, empty, huge or a folder is told") {
  SettingsFolder folder;
  const auto told = [&folder](const std::string& file) { return folder.problem(hook_with("{file: " + file + "}")); };
  CHECK(told("gone.key").find("the secret file FOLDER/gone.key cannot be read: No such file or directory") !=
        std::string::npos);
  folder.secret("empty.key", "\n\n");
  CHECK(told("empty.key").find("is empty") != std::string::npos);
  folder.secret("huge.key", std::string(1 << 20, 'h'));
  CHECK(told("huge.key").find("is larger than 64 KiB") != std::string::npos);
  CHECK(told("definitions").find("is not a file that can be read") != std::string::npos);
}

TEST_CASE("a webhook endpoint without a secret is refused") {
  SettingsFolder folder;
  CHECK(
      folder.problem("endpoints: [{name: serving, kind: webhook, url: \"https://a.example\"}]\n") ==
      "penstock.yaml:3:13: endpoints[0].secret: missing: Penstock takes and sends nothing unsigned. Write {env: NAME} "
      "or {file: PATH}");
}
