// From the journal to the files: shortly afterwards, after restarts too, and never over history.
#include "daemon/audit/publisher.hpp"

#include <thread>

#include "daemon/audit/verify.hpp"
#include "tests/audit/log.hpp"
#include "tests/journal/mailbox.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;
using namespace std::chrono_literals;

namespace {

struct PublisherRig {
  TemporaryFolder folder;
  journal::testing::Mailbox mailbox;
  std::unique_ptr<journal::Journal> journal = journal::open_memory(mailbox.post());
  fs::path at = folder / "log";

  core::Result<std::unique_ptr<Publisher>> open() {
    Publisher::Parts parts{*journal, at, signer()};
    parts.pause = 5ms;
    parts.idle = 10ms;
    return Publisher::open(std::move(parts));
  }
  void note(std::uint64_t from, std::uint64_t to) {
    journal::Write write;
    for (auto& one : entries(from, to)) write.audit.push_back({0, "", std::move(one)});
    REQUIRE(journal::testing::commit(*journal, mailbox, std::move(write)).has_value());
  }
  void restore_journal(std::uint64_t from, std::uint64_t to) {
    journal = journal::open_memory(mailbox.post());
    if (from < to) note(from, to);
  }
};

template <class Holds>
bool comes(Holds holds) {
  for (const auto until = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < until;
       std::this_thread::sleep_for(1ms))
    if (holds()) return true;
  return false;
}

}  // namespace

TEST_CASE("what is journalled is published, and is good, over restarts") {
  PublisherRig rig;
  std::uint64_t size = 0;
  for (const std::uint64_t next : {1U, 300U, 301U, 5000U}) {
    // Some is there before the publisher, some comes while it works.
    rig.note(size, size + (next - size) / 2);
    const auto publisher = rig.open().value();
    rig.note(size + (next - size) / 2, next);
    publisher->wake();
    CHECK(comes([&] { return publisher->state().published == next; }));
    CHECK(publisher->state().problem.code.empty());
    size = next;
  }
  const auto report = verify(rig.at, signer().verifier());
  CHECK(report.good());
  CHECK(report.entries == 5000);
  CHECK(report.checkpoints >= 5);
}

TEST_CASE("what was journalled when the daemon stops is published before it ends") {
  PublisherRig rig;
  {
    const auto publisher = rig.open().value();
    rig.note(0, 7);
  }
  CHECK(verify(rig.at, signer().verifier()).entries == 7);
  CHECK(verify(rig.at, signer().verifier()).good());
}

TEST_CASE("entries that nobody announced are found by looking") {
  PublisherRig rig;
  const auto publisher = rig.open().value();
  std::this_thread::sleep_for(30ms);
  rig.note(0, 2);
  CHECK(comes([&] { return publisher->state().published == 2; }));
}

TEST_CASE("a journal that is not the one of the files is refused, and nothing is changed") {
  PublisherRig rig;
  rig.note(0, 300);
  rig.open().value().reset();
  REQUIRE(verify(rig.at, signer().verifier()).entries == 300);
  const auto before = files(rig.at);
  std::string expected;
  SECTION("an older copy") {
    rig.restore_journal(0, 299);
    expected = "have 300 entries and the journal 299";
  }
  SECTION("an empty one") {
    rig.restore_journal(0, 0);
    expected = "the journal 0";
  }
  SECTION("one of another daemon") {
    rig.restore_journal(1000, 2000);
    expected = "entry 256 is another one";
  }
  const auto refused = rig.open();
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == "audit-differs");
  CHECK_THAT(refused.error().message, Catch::Contains(expected));
  CHECK_FALSE(refused.error().hint.empty());
  CHECK(files(rig.at) == before);
}

TEST_CASE("a folder that is an older copy is brought up to date: the log is the same") {
  PublisherRig rig;
  rig.note(0, 100);
  rig.open().value().reset();
  fs::copy(rig.at, rig.folder / "copy", fs::copy_options::recursive);
  rig.note(100, 400);
  rig.open().value().reset();
  const auto newest = content(rig.at / "checkpoint");
  rig.at = rig.folder / "copy";
  rig.open().value().reset();
  CHECK(content(rig.at / "checkpoint") == newest);
  CHECK(verify(rig.at, signer().verifier(), {newest}).good());
}

TEST_CASE("a disk that fails is told, and the log goes on when it is well again") {
  PublisherRig rig;
  rig.note(0, 3);
  const auto publisher = rig.open().value();
  REQUIRE(comes([&] { return publisher->state().published == 3; }));
  const auto tile = rig.at / "tile/0/000.p";
  fs::rename(tile, rig.folder / "aside");
  write(tile, "a file where a folder is needed");
  rig.note(3, 5);
  publisher->wake();
  CHECK(comes([&] { return publisher->state().problem.code == "audit-failed"; }));
  CHECK_FALSE(publisher->state().refused);
  CHECK(publisher->state().published == 3);
  fs::remove(tile);
  fs::rename(rig.folder / "aside", tile);
  CHECK(comes([&] { return publisher->state().published == 5; }));
  CHECK(publisher->state().problem.code.empty());
  CHECK(verify(rig.at, signer().verifier()).good());
}

TEST_CASE("a file of the future that says something else stops the publisher for good") {
  PublisherRig rig;
  rig.note(0, 3);
  const auto publisher = rig.open().value();
  REQUIRE(comes([&] { return publisher->state().published == 3; }));
  write(rig.at / "tile/entries/000.p/5", "another history");
  rig.note(3, 5);
  publisher->wake();
  CHECK(comes([&] { return publisher->state().refused; }));
  CHECK(publisher->state().problem.code == "audit-differs");
  CHECK(content(rig.at / "tile/entries/000.p/5") == "another history");
  CHECK(publisher->state().published == 3);
}
