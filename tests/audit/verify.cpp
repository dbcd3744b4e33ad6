// What the offline verification finds: every bit of every file, and everything that was dropped, exchanged or cut off.
#include "tests/audit/verified.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;

namespace {

std::string bundle_of(const std::vector<std::string>& entries) {
  std::string bundle;
  for (const auto& one : entries) append_entry(bundle, one);
  return bundle;
}

std::string told_after_flip(const fs::path& at, const std::string& path, std::size_t i) {
  const auto bytes = content(at / path);
  auto changed = bytes;
  changed.at(i) = static_cast<char>(changed.at(i) ^ 4);
  write(at / path, changed);
  const auto text = told(checked(at));
  write(at / path, bytes);
  return text;
}

}  // namespace

TEST_CASE("a log that nobody touched is good") {
  TemporaryFolder folder;
  for (const auto& sizes : {std::vector<std::uint64_t>{1}, {256}, {257}, {3, 300, 700}}) {
    const auto at = folder / std::to_string(sizes.back());
    make_log(at, sizes);
    const auto report = checked(at);
    CHECK(told(report).empty());
    CHECK(report.notes.empty());
    CHECK(report.entries == sizes.back());
    CHECK(report.checkpoint.size == sizes.back());
    CHECK(report.checkpoints == sizes.size() + 1);
    CHECK(report.first_at == "2023-11-14T22:13:20.000Z");
  }
}

TEST_CASE("one bit anywhere in a small log is found") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {2, 5, 7});
  REQUIRE(checked(at).good());
  std::size_t bytes_tried = 0;
  for (const auto& [path, bytes] : files(at)) {
    for (std::size_t i = 0; i < bytes.size(); ++i, ++bytes_tried) {
      auto changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
      write(at / path, changed);
      const auto report = checked(at);
      if (report.good()) FAIL(path << ", byte " << i);
      if (path.starts_with("tile/entries/007") && told(report).find(path) == std::string::npos)
        FAIL("not told where: " << path << ", byte " << i << "\n" << told(report));
    }
    write(at / path, bytes);
  }
  CHECK(bytes_tried > 2000);
  CHECK(checked(at).good());
}

TEST_CASE("every bit of a log of two entries is found") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {1, 2});
  for (const auto& [path, bytes] : files(at)) {
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      auto changed = bytes;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
      write(at / path, changed);
      if (checked(at).good()) FAIL(path << ", bit " << bit % 8 << " of byte " << bit / 8);
    }
    write(at / path, bytes);
  }
}

TEST_CASE("one bit in a log of several tiles is found, and where it is") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {600});
  const auto flip = [&](const std::string& path, std::size_t i) { return told_after_flip(at, path, i); };
  CHECK(flip("tile/entries/001", 20) == "tile/entries/001, entry 256: was changed\n");
  CHECK(flip("tile/0/001", 20) == "tile/0/001: was changed: its hashes are not those of the entries\n");
  CHECK(flip("tile/1/000.p/2", 20) == "tile/1/000.p/2: was changed: its hashes are not those of the tiles below it\n");
  // The length of an entry.
  CHECK(flip("tile/entries/001", 1).find("tile/entries/001, entry 25") != std::string::npos);
}

TEST_CASE("one bit in a large log is found, and where it is") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {70'000});
  const auto flip = [&](const std::string& path, std::size_t i) { return told_after_flip(at, path, i); };
  CHECK(flip("tile/1/000", 20) == "tile/1/000: was changed: its hashes are not those of the tiles below it\n");
  CHECK(flip("tile/2/000.p/1", 20) == "tile/2/000.p/1: was changed: its hashes are not those of the tiles below it\n");
}

TEST_CASE("an entry that was dropped, changed, exchanged, added or cut off is named") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {10, 20});
  const std::string path = "tile/entries/000.p/20";
  auto changed = entries(0, 20);
  std::string expected;
  SECTION("the first is dropped") {
    changed.erase(changed.begin());
    expected = "entry 0: was dropped; those behind it have moved up\n";
  }
  SECTION("one in the middle is dropped") {
    changed.erase(changed.begin() + 13);
    expected = "entry 13: was dropped; those behind it have moved up\n";
  }
  SECTION("two are dropped") {
    changed.erase(changed.begin() + 13);
    changed.erase(changed.begin() + 4);
    expected = "entry 4: was dropped; those behind it have moved up\n" + path +
               ", entry 13: was dropped; those behind it have moved up\n";
  }
  SECTION("the last is cut off") {
    changed.pop_back();
    expected = "entry 19: is missing: cut off or dropped\n";
  }
  SECTION("two have changed places") {
    std::swap(changed[3], changed[4]);
    expected = "entry 3: was put in another order: entry 4 stands there\n" + path +
               ", entry 4: was put in another order: entry 3 stands there\n";
  }
  SECTION("one is another one") {
    changed[7] = entry(70);
    expected = "entry 7: was changed\n";
  }
  SECTION("one is repeated in the place of the next one") {
    changed[8] = changed[7];
    expected = "entry 8: was put in another order: entry 7 stands there\n";
  }
  write(at / path, bundle_of(changed));
  const auto report = checked(at);
  CHECK_FALSE(report.good());
  // The partial bundle of the first ten is a witness of its own.
  CHECK_THAT(told(report), Catch::Contains(path + ", " + expected));
}

TEST_CASE("an entry that was added behind the signed ones is not among them") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {20});
  write(at / "tile/entries/000.p/20", bundle_of(entries(0, 21)));
  CHECK_FALSE(checked(at).good());
}

TEST_CASE("a log that was cut short is found by the checkpoints that it or somebody else kept") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {10, 20});
  const auto newest = content(at / "checkpoint");
  std::uint64_t whole = 0;
  const auto former = split_notes(content(at / "checkpoints"), whole).at(0);
  // Everything that is in the folder goes back to ten entries.
  write(at / "checkpoint", former);
  fs::remove(at / "tile/entries/000.p/20");
  fs::remove(at / "tile/0/000.p/20");
  CHECK(
      told(checked(at)) ==
      "checkpoints, checkpoint 1: covers 20 entries, and the newest checkpoint of the log 10: the log was cut short\n");
  write(at / "checkpoints", former + "\n");
  CHECK(checked(at).good());
  const auto witnessed = verify(at, signer().verifier(), {newest});
  CHECK(told(witnessed).find("kept elsewhere: covers 20 entries") != std::string::npos);
  CHECK(verify(at, signer().verifier(), {former}).good());
}

TEST_CASE("two histories that the same key signed are told apart") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {10, 20});
  auto writer = LogWriter::open(folder / "other", signer()).value();
  REQUIRE(writer.append(entries(100, 115), true).has_value());
  const auto report = verify(at, signer().verifier(), {content(fs::path(folder / "other") / "checkpoint")});
  CHECK(told(report).find("two histories were signed") != std::string::npos);
}

TEST_CASE("a rewritten history with tiles to fit is found by the root that was signed") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {10, 20, 30});
  const fs::path other = folder / "other";
  auto rewritten = entries(0, 30);
  rewritten[15] = entry(1500);
  {
    auto writer = LogWriter::open(other, signer()).value();
    REQUIRE(writer.append(rewritten, true).has_value());
  }
  fs::remove_all(at / "tile");
  fs::copy(other / "tile", at / "tile", fs::copy_options::recursive);
  const auto text = told(checked(at));
  CHECK(text.find("the first 10 are as they were signed, the change is behind them") != std::string::npos);
}

TEST_CASE("a missing file is named, and what does not belong to the log is noted") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {300});
  write(at / "README.txt", "hello");
  write(at / "tile/0/001.p/44.new", "half");
  write(at / "tile/0/009", "beyond");
  auto report = checked(at);
  CHECK(report.good());
  CHECK(report.notes.size() == 2);
  for (const std::string path : {"tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000",
                                 "tile/entries/001.p/44", "checkpoints", "checkpoint"}) {
    const auto bytes = content(at / path);
    fs::remove(at / path);
    INFO(path << "\n" << told(checked(at)));
    CHECK(told(checked(at)).find(path + ": is missing") != std::string::npos);
    write(at / path, bytes);
  }
  CHECK(checked(at).good());
}

TEST_CASE("a clock that went back is told, and a time that cannot be is a fault") {
  TemporaryFolder folder;
  const auto entry_at = [](const std::string& at, const std::string& daemon, int up) {
    return R"({"at":")" + at + R"(","daemon":")" + daemon + R"(","up":)" + std::to_string(up) + "}";
  };
  const auto make = [&](const std::string& name, const std::vector<std::string>& list) {
    auto writer = LogWriter::open(folder / name, signer()).value();
    REQUIRE(writer.append(list, true).has_value());
    return checked(folder / name);
  };
  // Set back by an hour; and another daemon's start.
  const auto set_back =
      make("set-back", {entry_at("2026-01-01T10:00:00Z", "a", 1), entry_at("2026-01-01T09:00:00Z", "a", 2),
                        entry_at("2026-01-01T09:00:01Z", "b", 0)});
  CHECK(set_back.good());
  REQUIRE(set_back.notes.size() == 1);
  CHECK(set_back.notes[0].find("entry 1: the wall clock went back") == 0);
  const auto impossible =
      make("impossible", {entry_at("2026-01-01T10:00:00Z", "a", 5), entry_at("2026-01-01T10:00:01Z", "a", 4)});
  CHECK(told(impossible).find("entry 1: is older") == 0);
  CHECK(told(make("foreign", {"hello"})).find("entry 0: was signed, and is no audit entry") == 0);
}
