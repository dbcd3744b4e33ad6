#include "daemon/journal_settings.hpp"

#include "daemon/definitions/yaml.hpp"
#include "daemon/loading.hpp"
#include "daemon/settings.hpp"
#include "tests/catch.hpp"

namespace penstock {
namespace {

struct Read {
  Settings settings;
  core::declared::Faults faults;
  std::string text() const {
    std::string all;
    for (const auto& fault : faults) all += fault.path + ": " + fault.message + "\n";
    return all;
  }
};

Read read(const std::string& connection, const std::string& journal) {
  ::setenv("PENSTOCK_TEST_POSTGRES", connection.c_str(), 1);
  Read result;
  const auto text = "data: data\ndefinitions: .\njournal: " + journal + "\n";
  const auto documents = definitions::read_yaml(text, result.faults, definitions::YamlLimits());
  REQUIRE(result.faults.empty());
  result.settings = read_settings(documents.front(), "/tmp", result.faults);
  return result;
}

const std::string by_reference = "{postgres: {env: PENSTOCK_TEST_POSTGRES}}";

}  // namespace

TEST_CASE("a connection to PostgreSQL comes by reference, and its password is known to the log's scrubber") {
  const auto good = read("postgresql://ada:hunter-two-42@db/penstock", by_reference);
  CHECK(good.text().empty());
  REQUIRE(good.settings.journal);
  CHECK(good.settings.journal->schema == "penstock");
  CHECK(good.settings.journal->lease == std::chrono::seconds(3));
  const auto& secrets = good.settings.secret_values;
  CHECK(std::count(secrets.begin(), secrets.end(), "hunter-two-42") == 1);
  CHECK_FALSE(
      read_settings({core::declared::Mapping{}, {}}, "/tmp", *std::make_unique<core::declared::Faults>()).journal);
}

TEST_CASE("what cannot be a connection is refused without repeating it") {
  for (const std::string connection : {"hunter-two-42", "password=hunter-two-42 nonsense=hunter-two-42"}) {
    const auto bad = read(connection, by_reference);
    CHECK_THAT(bad.text(),
               Catch::Contains("journal: ") && Catch::Contains("connection string") && !Catch::Contains("hunter"));
  }
  CHECK_THAT(read("host=db", "{postgres: {env: PENSTOCK_TEST_POSTGRES}, schema: \"a b\"}").text(),
             Catch::Contains("schema's name"));
  CHECK_THAT(read("host=db", "{postgres: host=db}").text(), Catch::Contains("journal.postgres"));
  CHECK_THAT(read("host=db", "{postgres: {env: PENSTOCK_TEST_POSTGRES}, lease: 100ms}").text(),
             Catch::Contains("journal.lease"));
}

TEST_CASE("a database that is away is a problem that tells where it was looked for, and no password") {
  auto settings = read("host=/nowhere dbname=penstock user=ada password=hunter-two-42", by_reference).settings;
  settings.data = "/tmp";
  const auto opened = open_journal(
      settings, [](std::function<void()>) {}, [](const core::Problem&) {}, [](const core::Problem&) {});
  REQUIRE(opened.has_error());
  CHECK(opened.error().code == "journal-failed");
  CHECK_THAT(core::to_text(opened.error()), Catch::Contains("/nowhere") && !Catch::Contains("hunter"));
}

}  // namespace penstock
