// What an entry is: canonical, short, and without anything that a person wrote.
#include "daemon/audit/entry.hpp"

#include <nlohmann/json.hpp>

#include "daemon/audit/failed_logins.hpp"
#include "tests/catch.hpp"
#include "tests/journal/rows.hpp"

using namespace penstock;
using namespace penstock::audit;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

const Stamp stamp{core::Time(1'795'219'200'123ms), 4'567ms, "0123456789abcdef"};

Entry full() {
  Entry entry;
  entry.kind = EntryKind::override_;
  entry.what = "waiver_granted";
  entry.lane = {"fraud", "production"};
  entry.promotion = "prm_1";
  entry.version = "7";
  entry.candidate = entry.policy = entry.findings = entry.event = entry.definitions = entry.settings =
      journal::testing::digest(7);
  entry.phase = "checking";
  entry.gate = "smoke";
  entry.verdict = "failed";
  entry.who = "ann";
  entry.evidence = {journal::testing::digest(1), journal::testing::digest(2)};
  entry.from = "192.0.2.1";
  entry.reason = "unauthenticated";
  entry.count = 3;
  return entry;
}

}  // namespace

TEST_CASE("an entry is canonical JSON: members in ascending order, no white space") {
  const auto text = text_of(full(), stamp);
  const auto document = json::parse(text);
  CHECK(document.dump() == text);
  CHECK(document["at"] == "2026-11-21T00:00:00.123Z");
  CHECK(document["up"] == 4567);
  CHECK(document["daemon"] == "0123456789abcdef");
  CHECK(document["kind"] == "override");
  CHECK(document["evidence"] == json{journal::testing::digest(1).text(), journal::testing::digest(2).text()});
  CHECK(document["count"] == 3);
  CHECK(document.size() == 24);
  const auto least = json::parse(text_of({EntryKind::decision, "timer"}, {}));
  CHECK(least.size() == 5);
}

TEST_CASE("names of any kind become JSON, and long ones their digest") {
  auto entry = full();
  entry.lane.model = "a \"quoted\" \\ name\n\u00fc \x01";
  entry.version = std::string(10'000, 'x');
  entry.who = std::string("\xff\xfe", 2);
  entry.gate = std::string(EntryBuilder::longest_text, 'g');
  const auto text = text_of(entry, stamp);
  const auto document = json::parse(text);
  CHECK(document.dump() == text);
  CHECK(document["model"] == entry.lane.model);
  CHECK(document["version"].get<std::string>().starts_with("sha256:"));
  CHECK(document["who"] == "\ufffd\ufffd");
  CHECK(document["gate"] == entry.gate);
}

TEST_CASE("an entry has a bounded size, whatever it is about") {
  auto entry = full();
  entry.evidence.assign(100'000, journal::testing::digest(9));
  for (auto* text : {&entry.lane.model, &entry.lane.environment, &entry.version, &entry.gate, &entry.who, &entry.from,
                     &entry.promotion, &entry.what, &entry.phase, &entry.verdict, &entry.reason})
    text->assign(100'000, '"');
  const auto text = text_of(entry, stamp);
  CHECK(text.size() < 8'000);
  CHECK(json::parse(text)["evidence"].size() == EntryBuilder::most_digests);
  CHECK(json::parse(text)["evidence_count"] == 100'000);
}

TEST_CASE("failed logins are told at once, and many of them once") {
  FailedLogins logins(10s);
  const auto first = logins.failed("192.0.2.1", "unauthenticated", 0ms);
  REQUIRE(first.has_value());
  CHECK(first->count == 1);
  CHECK(first->from == "192.0.2.1");
  CHECK(first->reason == "unauthenticated");
  CHECK(first->kind == EntryKind::login);
  CHECK_FALSE(logins.rest(20s).has_value());
  int told = 0;
  for (int i = 0; i < 100'000; ++i)
    if (logins.failed(i < 3 ? "192.0.2.1" : "192.0.2." + std::to_string(i % 256), "too-many-failures",
                      1s + i * 1ms / 20))
      ++told;
  CHECK(told == 0);
  CHECK_FALSE(logins.rest(9'999ms).has_value());
  const auto rest = logins.rest(10s);
  REQUIRE(rest.has_value());
  CHECK(rest->count == 100'000);
  CHECK(rest->from == "several");
  CHECK_FALSE(logins.rest(30s).has_value());
  // Quiet since then: the next one is told at once.
  CHECK(logins.failed("192.0.2.9", "unauthenticated", 40s)->from == "192.0.2.9");
  // At the end what was only counted is told too.
  CHECK_FALSE(logins.last(41s).has_value());
  CHECK_FALSE(logins.failed("192.0.2.9", "unauthenticated", 41s).has_value());
  CHECK(logins.last(42s)->count == 1);
  CHECK_FALSE(logins.last(43s).has_value());
}
