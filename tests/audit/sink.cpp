// A second copy of the log in a folder elsewhere.
#include "daemon/audit/sink.hpp"

#include "daemon/audit/folder_store.hpp"
#include "daemon/audit/verify.hpp"
#include "tests/audit/log.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;

namespace {

struct SinkRig {
  TemporaryFolder folder;
  fs::path log = folder / "log";
  fs::path copy = folder / "copy";
  LogWriter writer = LogWriter::open(log, signer()).value();
  std::uint64_t size = 0;

  SinkRig() { fs::create_directories(copy); }
  void grow(std::uint64_t to) {
    REQUIRE(writer.append(entries(size, to), true).has_value());
    size = to;
  }
  Sink sink() const { return Sink(std::make_unique<FolderStore>(copy)); }
  core::Result<std::uint64_t> bring(Sink& sink) const {
    return sink.bring({log, signer().verifier(), content(log / "checkpoint"), writer.checkpoint()});
  }
  Report report() const { return verify(copy, signer().verifier(), {content(log / "checkpoint")}); }
};

}  // namespace

TEST_CASE("a sink is brought up to date whatever the sizes, and verifies like the log itself") {
  SinkRig rig;
  auto sink = rig.sink();
  for (const std::uint64_t size : {1U, 2U, 255U, 256U, 257U, 600U, 5000U, 5120U, 66'000U}) {
    rig.grow(size);
    INFO(size);
    CHECK(rig.bring(sink).value() == size);
    const auto report = rig.report();
    CHECK(report.good());
    for (const auto& fault : report.faults) UNSCOPED_INFO(fault.where << ": " << fault.what);
    CHECK(report.entries == size);
    CHECK(report.notes.empty());
  }
  CHECK(rig.bring(sink).value() == 66'000);
  CHECK(content(rig.copy / "checkpoint") == content(rig.log / "checkpoint"));
}

TEST_CASE("after a restart a sink is asked what it has, and goes on from there") {
  SinkRig rig;
  rig.grow(300);
  {
    auto sink = rig.sink();
    CHECK(rig.bring(sink).value() == 300);
  }
  const auto before = files(rig.copy);
  auto sink = rig.sink();
  CHECK(rig.bring(sink).value() == 300);
  CHECK(files(rig.copy) == before);
  rig.grow(301);
  CHECK(rig.bring(sink).value() == 301);
  CHECK(rig.report().good());
}

TEST_CASE("a folder that is not there is not made: its disk may not be mounted") {
  SinkRig rig;
  rig.grow(3);
  auto sink = rig.sink();
  fs::remove(rig.copy);
  const auto missing = rig.bring(sink);
  REQUIRE(missing.has_error());
  CHECK(missing.error().code == "audit-failed");
  CHECK_THAT(missing.error().message, Catch::Contains("not there"));
  CHECK_FALSE(fs::exists(rig.copy));
  fs::create_directories(rig.copy);
  CHECK(rig.bring(sink).value() == 3);
}

TEST_CASE("a sink that lost what it had acknowledged says so, and is not filled anew") {
  SinkRig rig;
  rig.grow(3);
  auto sink = rig.sink();
  REQUIRE(rig.bring(sink).value() == 3);
  // Another folder in its place, as when its disk is unmounted.
  fs::rename(rig.copy, rig.folder / "aside");
  fs::create_directories(rig.copy);
  rig.grow(5);
  const auto lost = rig.bring(sink);
  REQUIRE(lost.has_error());
  CHECK(lost.error().code == "audit-differs");
  CHECK_THAT(lost.error().message, Catch::Contains("has acknowledged 3 entries and has 0 entries now"));
  CHECK(files(rig.copy).empty());
  // It comes back.
  fs::remove_all(rig.copy);
  fs::rename(rig.folder / "aside", rig.copy);
  CHECK(rig.bring(sink).value() == 5);
  CHECK(rig.report().good());
}

TEST_CASE("a sink of which a file is gone or cut is refused after a restart, whichever file it is") {
  SinkRig rig;
  rig.grow(600);
  {
    auto sink = rig.sink();
    REQUIRE(rig.bring(sink).value() == 600);
  }
  rig.grow(601);
  for (const auto& path :
       {"tile/entries/000", "tile/entries/002.p/88", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"}) {
    INFO(path);
    const auto whole = content(rig.copy / path);
    for (const bool is_cut : {false, true}) {
      fs::remove(rig.copy / path);
      if (is_cut) std::ofstream(rig.copy / path) << whole.substr(0, whole.size() - 1);
      auto sink = rig.sink();
      const auto refused = rig.bring(sink);
      REQUIRE(refused.has_error());
      CHECK(refused.error().code == "audit-differs");
      CHECK_THAT(refused.error().message, Catch::Contains(std::string(path) + (is_cut ? " has " : " is missing")));
    }
    std::ofstream(rig.copy / path) << whole;
  }
  auto sink = rig.sink();
  CHECK(rig.bring(sink).value() == 601);
  CHECK(rig.report().good());
}

TEST_CASE("a sink with another history is refused, and nothing is changed there") {
  SinkRig rig;
  rig.grow(300);
  std::string expected = "another history";
  SECTION("of the same key") {
    auto other = LogWriter::open(rig.copy, signer()).value();
    REQUIRE(other.append(entries(1000, 1100), true));
  }
  SECTION("of another key") {
    auto other = LogWriter::open(rig.copy, Signer::generate("example.com/audit").value()).value();
    REQUIRE(other.append(entries(0, 100), true));
    expected = "not one of this log";
  }
  SECTION("an entry's file that says something else") {
    write(rig.copy / bundle_path(0, 256), "something else");
    expected = "says something else";
  }
  const auto before = files(rig.copy);
  auto sink = rig.sink();
  const auto refused = rig.bring(sink);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == "audit-differs");
  CHECK_THAT(refused.error().message, Catch::Contains(expected));
  CHECK(files(rig.copy) == before);
}

TEST_CASE("a sink that is ahead of the log waits for it") {
  SinkRig rig;
  rig.grow(3);
  {
    auto ahead = LogWriter::open(rig.copy, signer()).value();
    REQUIRE(ahead.append(entries(0, 5), true));
  }
  auto sink = rig.sink();
  const auto early = rig.bring(sink);
  REQUIRE(early.has_error());
  CHECK(early.error().code == "audit-ahead");
  CHECK(early.error().transient);
  rig.grow(5);
  CHECK(rig.bring(sink).value() == 5);
}

TEST_CASE("of two daemons that share a sink one adds, and both know how far it is") {
  SinkRig rig;
  rig.grow(3);
  auto first = rig.sink();
  auto second = rig.sink();
  CHECK(rig.bring(first).value() == 3);
  CHECK(rig.bring(second).value() == 3);
  rig.grow(5);
  CHECK(rig.bring(second).value() == 3);  // the first one holds the folder
  CHECK(rig.bring(first).value() == 5);
  CHECK(rig.bring(second).value() == 5);
  { const auto ended = std::move(first); }
  rig.grow(9);
  CHECK(rig.bring(second).value() == 9);
  CHECK(rig.report().good());
}

TEST_CASE("what a crash leaves half done in a sink is finished by the next try") {
  SinkRig rig;
  rig.grow(10);
  auto sink = rig.sink();
  REQUIRE(rig.bring(sink).value() == 10);
  rig.grow(400);
  // The tiles are there and the checkpoint is not, one file is half written, and the kept checkpoints end in the
  // middle.
  const auto bytes = content(rig.log / bundle_path(0, 256));
  write(rig.copy / bundle_path(0, 256), bytes);
  write((rig.copy / bundle_path(1, 144)).string() + ".new", "half");
  auto kept = content(rig.copy / "checkpoints");
  write(rig.copy / "checkpoints", kept + "example.com/audit\n40");
  { const auto ended = std::move(sink); }
  auto next = rig.sink();
  CHECK(rig.bring(next).value() == 400);
  CHECK(rig.report().good());
}

TEST_CASE("a sink whose disk takes no more says so, and goes on when it does") {
  SinkRig rig;
  rig.grow(3);
  auto sink = rig.sink();
  write(rig.copy / "tile", "a file where a folder is needed");
  const auto failed = rig.bring(sink);
  REQUIRE(failed.has_error());
  CHECK(failed.error().code == "audit-failed");
  CHECK_FALSE(fs::exists(rig.copy / "checkpoint"));
  fs::remove(rig.copy / "tile");
  CHECK(rig.bring(sink).value() == 3);
  CHECK(rig.report().good());
}
