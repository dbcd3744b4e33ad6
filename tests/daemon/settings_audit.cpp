// The audit log's key and folder in penstock.yaml.
#include "daemon/audit/note.hpp"
#include "tests/daemon/settings_story.hpp"

using namespace penstock;

TEST_CASE("the audit log's key is read by reference, and its folder is below the data folder") {
  SettingsFolder folder;
  const auto signer = audit::Signer::generate("example.com/audit").value();
  folder.secret("audit.key", signer.text() + "\n");
  auto settings = folder.read("audit: {key: {file: audit.key}}\n");
  CHECK(folder.problems.empty());
  REQUIRE(settings.audit.has_value());
  CHECK(audit::Signer::parse(settings.audit->key_text).value().verifier().name == "example.com/audit");
  CHECK(settings.audit->folder == (folder.path / "data/audit").string());
  // The log never shows it.
  CHECK(std::count(settings.secret_values.begin(), settings.secret_values.end(), settings.audit->key_text) == 1);

  settings = folder.read("audit: {key: {file: audit.key}, folder: public/log}\n");
  CHECK(settings.audit->folder == (folder.path / "public/log").string());
  CHECK_FALSE(folder.read("").audit.has_value());
}

TEST_CASE("a key that cannot sign is refused without being repeated") {
  SettingsFolder folder;
  const auto signer = audit::Signer::generate("example.com/audit").value();
  folder.secret("audit.key", signer.verifier().text() + "\n");
  const auto problem = folder.problem("audit: {key: {file: audit.key}}\n");
  CHECK_THAT(problem, Catch::StartsWith("penstock.yaml:3:") && Catch::Contains("audit.key: this is no private key"));
  CHECK(problem.find("penstock audit keygen") != std::string::npos);
  folder.secret("audit.key", "PRIVATE+KEY+nonsense");
  CHECK(folder.problem("audit: {key: {file: audit.key}}\n").find("nonsense") == std::string::npos);
  CHECK(folder.problem("audit: {folder: x}\n").find("key") != std::string::npos);
  folder.secret("audit.key", signer.text(), 0644);
  CHECK(folder.problem("audit: {key: {file: audit.key}}\n").find("chmod 600") != std::string::npos);
}

TEST_CASE("the settings are known by the digest of their file") {
  SettingsFolder folder;
  const auto first = folder.read("").digest;
  CHECK_FALSE(first.empty());
  CHECK(folder.read("").digest == first);
  CHECK(folder.read("# one more line\n").digest != first);
}

TEST_CASE("sinks and witnesses are read with their names, and paths are taken from the settings' folder") {
  SettingsFolder folder;
  folder.secret("audit.key", audit::Signer::generate("example.com/audit").value().text());
  folder.secret("push.key", "push-password");
  const auto signer = audit::Signer::generate("witness.example.com/w1").value();
  const auto settings = folder.read(
      "audit:\n  key: {file: audit.key}\n  sinks:\n    - {name: vault, kind: file, folder: elsewhere}\n"
      "    - {name: local, kind: git, repository: audit.git}\n"
      "    - {name: history, kind: git, repository: \"https://git.example.com/audit.git\", branch: log, "
      "basic_auth: {user: penstock, password: {file: push.key}}}\n"
      "  witnesses:\n    - {name: w1, key: \"" +
      signer.verifier().text() + "\", url: \"https://witness.example.com/w/\"}\n");
  for (const auto& problem : folder.problems) UNSCOPED_INFO(problem);
  REQUIRE(folder.problems.empty());
  CHECK(settings.audit->sinks[0].folder == (folder.path / "elsewhere").string());
  CHECK(settings.audit->sinks[1].repository == (folder.path / "audit.git").string());
  CHECK(settings.audit->sinks[1].branch == "audit");
  CHECK(settings.audit->sinks[2].password == "push-password");
  CHECK(settings.audit->witnesses[0].url == "https://witness.example.com/w");
  CHECK(acknowledgers_of(settings.audit) == std::vector<std::string>{"vault", "local", "history", "w1"});
  CHECK(std::count(settings.secret_values.begin(), settings.secret_values.end(), "push-password") == 1);
}

TEST_CASE("a sink or witness that cannot be is refused with what it needs") {
  SettingsFolder folder;
  folder.secret("audit.key", audit::Signer::generate("example.com/audit").value().text());
  const auto problem = [&](const std::string& keys) {
    return folder.problem("audit: {key: {file: audit.key}, " + keys + "}\n");
  };
  using Catch::Contains;
  CHECK_THAT(problem("sinks: [{name: a, kind: file}]"), Contains("audit.sinks[0].folder: missing"));
  CHECK_THAT(problem("sinks: [{name: a, kind: git}]"), Contains("audit.sinks[0].repository: missing"));
  CHECK_THAT(problem("sinks: [{name: a, kind: file, folder: data/audit}]"), Contains("the log's own folder"));
  CHECK_THAT(problem("sinks: [{name: a, kind: file, folder: b, branch: c}]"), Contains("only a sink of the kind git"));
  CHECK_THAT(problem("sinks: [{name: a, kind: git, repository: b, folder: c}]"), Contains("of the kind file"));
  CHECK_THAT(problem("sinks: [{name: a, kind: git, repository: \"ssh://git@b/c\"}]"), Contains("https://"));
  const auto credentials = problem("sinks: [{name: a, kind: git, repository: \"https://u:pw@b/c\"}]");
  CHECK_THAT(credentials, Contains("holds credentials"));
  CHECK(credentials.find("pw@") == std::string::npos);
  CHECK_THAT(problem("sinks: [{name: a, kind: file, folder: b}, {name: a, kind: file, folder: c}]"),
             Contains("is taken already"));
  CHECK_THAT(problem("witnesses: [{name: a, key: nonsense, url: \"https://b.example\"}]"),
             Contains("audit.witnesses[0].key") && Contains("ask whoever runs the witness"));
  const auto key = audit::Signer::generate("w").value().verifier().text();
  CHECK_THAT(problem("witnesses: [{name: a, key: \"" + key + "\", url: \"ftp://b.example\"}]"),
             Contains("audit.witnesses[0].url"));
  CHECK_THAT(problem("sinks: [{name: a, kind: file, folder: b}], witnesses: [{name: a, key: \"" + key +
                     "\", url: \"https://b.example\"}]"),
             Contains("is taken already"));
}
