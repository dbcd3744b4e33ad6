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
