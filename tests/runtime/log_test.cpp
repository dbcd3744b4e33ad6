#include "daemon/runtime/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/runtime/folder.hpp"

using namespace penstock::runtime;

namespace {

std::string line_of(const LogFields& fields, std::string_view event = "test.event") {
  return log_line(LogLevel::info, event, fields, "2026-11-21T04:05:06.789Z");
}

// What `act` writes to the real stderr.
std::string written_by(const std::function<void()>& act) {
  const TestFolder folder;
  const int before = ::dup(STDERR_FILENO);
  const int file = ::open((folder / "stderr").c_str(), O_WRONLY | O_CREAT, 0600);
  ::dup2(file, STDERR_FILENO);
  act();
  ::dup2(before, STDERR_FILENO);
  ::close(file);
  ::close(before);
  return folder.read("stderr");
}

}  // namespace

TEST_CASE("an entry is one line of JSON on stderr with time, level, event and its fields in order") {
  const auto written = written_by([] { log_warning("delivery.try_later", {{"promotion", "prm_1"}, {"after", "2s"}}); });
  REQUIRE(written.ends_with("}\n"));
  const auto entry = nlohmann::ordered_json::parse(written);
  CHECK(entry["time"].get<std::string>().size() == std::string("2026-11-21T04:05:06.789Z").size());
  CHECK(entry["time"].get<std::string>().ends_with("Z"));
  CHECK(written.substr(written.find(",\"level\"")) ==
        ",\"level\":\"warning\",\"event\":\"delivery.try_later\",\"promotion\":\"prm_1\",\"after\":\"2s\"}\n");
}

TEST_CASE("entries below the level are not written") {
  CHECK(written_by([] { log_entry(LogLevel::debug, "quiet"); }).empty());
  set_log_level(LogLevel::debug);
  CHECK_FALSE(written_by([] { log_entry(LogLevel::debug, "loud"); }).empty());
  set_log_level(LogLevel::error);
  CHECK(written_by([] { log_warning("quiet"); }).empty());
  CHECK_FALSE(written_by([] { log_error("loud"); }).empty());
  set_log_level(LogLevel::info);
}

TEST_CASE("no text can break out of its line or reach the terminal") {
  const auto line =
      line_of({{"text", "a\r\n{\"level\":\"error\"}\x1b[2J\x7f\xc2\x9b\xe2\x80\xa8\xff\"\\"}}, "event\nforged");
  CHECK(std::all_of(line.begin(), line.end(), [](char character) { return character >= ' ' && character <= '~'; }));
  const auto entry = nlohmann::json::parse(line);
  CHECK(entry["event"] == "event\nforged");
  CHECK(entry["text"] == "a\r\n{\"level\":\"error\"}\x1b[2J\x7f\xc2\x9b\xe2\x80\xa8\xef\xbf\xbd\"\\");
}

TEST_CASE("braces in a text are not a format") {
  CHECK(written_by([] { log_info("{}{0}%s", {{"x", "{"}}); }).find("{}{0}%s") != std::string::npos);
}

TEST_CASE("a field cannot take the place of time, level or event") {
  const auto entry = nlohmann::json::parse(line_of({{"level", "error"}, {"event", "forged"}}));
  CHECK(entry["level"] == "info");
  CHECK(entry["event"] == "test.event");
  CHECK(entry["level_"] == "error");
}

TEST_CASE("registered secrets are in no part of an entry, wherever and however often they stand") {
  register_secret("hunter2-\"quoted\"\n");
  register_secret("abcdef");
  register_secret("abcdef-and-longer");
  const auto line =
      line_of({{"a", "xhunter2-\"quoted\"\ny"}, {"b", "abcdefabcdef"}, {"c", "an abcdef-and-longer one"}}, "abcdef");
  const auto entry = nlohmann::json::parse(line);
  CHECK(entry["a"] == "x[***]y");
  CHECK(entry["b"] == "[***][***]");
  CHECK(entry["c"] == "an [***] one");
  CHECK(entry["event"] == "[***]");
}

TEST_CASE("words that a log might use for a secret can be secrets, too") {
  for (const auto* word : {"secret", "[secret]", "redacted", "******"}) register_secret(word);
  CHECK(line_of({{"a", "the secret is out"}}).find("the [***] is out") != std::string::npos);
}

TEST_CASE("a value too short to be a secret is left in the text") {
  register_secret("five5");
  register_secret("");
  CHECK(line_of({{"a", "five5"}}).find("five5") != std::string::npos);
}
