// What the offline verification makes of the files of tiles: emptied ones, and those that reach beyond what was signed.
#include "daemon/audit/verify_tiles.hpp"

#include <set>

#include "daemon/audit/verify_entries.hpp"
#include "tests/audit/verified.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;

namespace {

std::set<std::string> notes_of(const Report& report) { return {report.notes.begin(), report.notes.end()}; }

// The log as it was, and whatever came since beside it: what a crash leaves before the next checkpoint.
void go_back(const fs::path& at, const std::map<std::string, std::string>& before) {
  for (const auto& [path, bytes] : before) write(at / path, bytes);
}

void grow_tiles(const fs::path& at, std::uint64_t from, std::uint64_t to) {
  auto writer = LogWriter::open(at, signer()).value();
  REQUIRE(writer.append(entries(from, to), true).has_value());
}

}  // namespace

TEST_CASE("a tile or a bundle that was emptied or cut is named, whichever it is") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  std::vector<std::string> paths;
  SECTION("of a log with full and partial ones") {
    make_log(at, {300, 600});
    paths = {"tile/0/000",     "tile/0/002.p/88",  "tile/1/000.p/1",
             "tile/1/000.p/2", "tile/entries/000", "tile/entries/002.p/88"};
  }
  SECTION("of a log with three levels") {
    make_log(at, {70'000});
    paths = {"tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"};
  }
  for (const auto& path : paths) {
    const auto bytes = content(at / path);
    for (const auto& left : {std::string(), bytes.substr(0, bytes.size() - 32)}) {
      write(at / path, left);
      const auto text = told(checked(at));
      INFO(path << " with " << left.size() << " bytes\n" << text);
      CHECK(text.find(path + (left.empty() ? ": has 0 " : "")) != std::string::npos);
    }
    write(at / path, bytes);
  }
  CHECK(checked(at).good());
  for (const auto& path : paths) write(at / path, "");
  const auto text = told(checked(at));
  for (const auto& path : paths) CHECK_THAT(text, Catch::Contains(path + ": has 0 "));
}

TEST_CASE("tiles that a crash left beyond the newest checkpoint are no fault, and noted") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {300});
  const auto before = files(at);
  grow_tiles(at, 300, 600);
  go_back(at, before);
  auto report = checked(at);
  CHECK(told(report).empty());
  CHECK(notes_of(report) == std::set<std::string>{"tile/0/001 reaches beyond the newest checkpoint",
                                                  "tile/0/002.p/88 is beyond the newest checkpoint",
                                                  "tile/1/000.p/2 reaches beyond the newest checkpoint",
                                                  "tile/entries/001 reaches beyond the newest checkpoint",
                                                  "tile/entries/002.p/88 is beyond the newest checkpoint"});
  const auto left = content(at / "tile/1/000.p/2");
  auto flipped = left;
  flipped[5] = static_cast<char>(flipped[5] ^ 1);
  write(at / "tile/1/000.p/2", flipped);
  CHECK(told(checked(at)) == "tile/1/000.p/2: does not begin as tile/1/000.p/1 does: one of the two was changed\n");
  // Alone, it stands for the narrower one.
  fs::remove(at / "tile/1/000.p/1");
  CHECK(told(checked(at)) == "tile/1/000.p/2: was changed: its hashes are not those of the tiles below it\n");
  write(at / "tile/1/000.p/2", left);
  CHECK(told(checked(at)).empty());
}

TEST_CASE("a checkpoint that was put back inside a tile is noted") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {10});
  const auto before = files(at);
  grow_tiles(at, 10, 20);
  CHECK(checked(at).notes.empty());
  go_back(at, before);
  const auto report = checked(at);
  CHECK(told(report).empty());
  CHECK(notes_of(report) == std::set<std::string>{"tile/0/000.p/20 reaches beyond the newest checkpoint",
                                                  "tile/entries/000.p/20 reaches beyond the newest checkpoint"});
}

TEST_CASE("where a daemon has taken a partial tile away since it was found, the full one is read") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {300});
  Faults faults;
  StoredTiles tiles(at, faults);
  for (const int level : {-1, 0}) tiles.note({level, 1, 44});
  grow_tiles(at, 300, 600);
  REQUIRE_FALSE(fs::exists(at / "tile/entries/001.p"));
  for (const int level : {-1, 0}) {
    const auto tile = tiles.read({level, 1, 44});
    CHECK(tile.file == (level < 0 ? "tile/entries/001" : "tile/0/001"));
    CHECK(tile.is_whole);
    CHECK(tile.bytes == content(at / tile.file));
  }
  CHECK(divide(tiles.read({-1, 1, 44}).bytes).entries.size() == 256);
  CHECK(faults.empty());
  // Without it, it is missing.
  fs::remove(at / "tile/entries/001");
  CHECK_FALSE(tiles.read({-1, 1, 44}).is_whole);
  const auto told = std::move(faults).take("the folder");
  REQUIRE(told.size() == 1);
  CHECK(told[0].where + ": " + told[0].what == "tile/entries/001.p/44: is missing");
}
