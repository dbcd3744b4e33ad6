// What the offline verification makes of the kept checkpoints, and of a log that a daemon writes meanwhile.
#include <atomic>
#include <thread>

#include "tests/audit/verified.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;

namespace {

constexpr std::uint64_t signed_size = 2000;

std::string kept_note(std::uint64_t entries, const Hash& root) {
  return signer().sign(text_of({"example.com/audit", entries, root}));
}

// A checkpoint for each entry of the log: more than is read at once.
std::vector<std::string> kept_notes() {
  std::vector<std::string> notes;
  Edge edge;
  for (const auto& one : entries(0, signed_size)) {
    edge.append(leaf_hash(one), [](int, std::uint64_t, const Hashes&) {});
    notes.push_back(kept_note(edge.size(), edge.root()));
  }
  return notes;
}

std::string file_of(const std::vector<std::string>& notes) {
  std::string bytes;
  for (const auto& note : notes) bytes += note + "\n";
  return bytes;
}

}  // namespace

TEST_CASE("of many kept checkpoints each is compared, and the one that is wrong is named") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {signed_size});
  auto notes = kept_notes();
  REQUIRE(file_of(notes).size() > std::size_t{256} << 10);
  write(at / "checkpoints", file_of(notes));
  const auto report = checked(at);
  CHECK(told(report).empty());
  CHECK(report.checkpoints == signed_size + 1);

  std::string expected;
  SECTION("another root was signed") {
    notes[1899] = kept_note(1900, leaf_hash("x"));
    expected =
        "checkpoints, checkpoint 1899: its root for 1900 entries is not that of the entries: two histories were "
        "signed, or entries were changed\n";
  }
  SECTION("two are in another order") {
    std::swap(notes[1500], notes[1501]);
    expected = "checkpoints, checkpoint 1501: is smaller than the one before it: they were put in another order\n";
  }
  SECTION("one is of more entries than there are") {
    notes.push_back(kept_note(3000, leaf_hash("x")));
    expected =
        "checkpoints, checkpoint 2000: covers 3000 entries, and the newest checkpoint of the log 2000: the log was cut "
        "short\n";
  }
  SECTION("one was changed") {
    notes[1000][notes[1000].size() - 20] ^= 1;
    expected = "checkpoints, checkpoint 1000: ";
  }
  write(at / "checkpoints", file_of(notes));
  CHECK_THAT(told(checked(at)), Catch::StartsWith(expected));
  CHECK(checked(at).faults.size() == 1);
}

TEST_CASE("where no kept checkpoint is, it is told from which byte on") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {3, 5});
  const auto whole = content(at / "checkpoints");
  const auto checked_with = [&](const std::string& bytes) {
    write(at / "checkpoints", bytes);
    return told(checked(at));
  };
  const auto from_its_end = "checkpoints: has no whole checkpoint from byte " + std::to_string(whole.size()) + " on";
  CHECK_THAT(checked_with(whole + "example.com/audit\n7"), Catch::StartsWith(from_its_end));
  CHECK_THAT(checked_with(whole + std::string(std::size_t{1} << 20, 'x')), Catch::StartsWith(from_its_end));
  CHECK_THAT(checked_with(""), Catch::StartsWith("checkpoints: is empty"));
  CHECK(checked_with(whole).empty());
}

TEST_CASE("however many faults there are, the first ones are told, and how many more") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {3});
  std::string broken;
  for (int i = 0; i < 1000; ++i) broken += "x\n\nx\n\n";
  write(at / "checkpoints", broken);
  const auto report = checked(at);
  REQUIRE(report.faults.size() == 201);
  CHECK(report.faults[0].where == "checkpoints, checkpoint 0");
  CHECK(report.faults[200].where == at.string());
  CHECK(report.faults[200].what == "and 800 more");
}

TEST_CASE("a log is good at every moment while a daemon writes it") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {3});
  std::atomic<bool> is_done = false;
  std::atomic<bool> is_written = true;
  const std::jthread daemon([&] {
    auto writer = LogWriter::open(at, signer()).value();
    for (std::uint64_t from = 3; from < 1403; from += 7)
      is_written = is_written && writer.append(entries(from, from + 7), true).has_value();
    is_done = true;
  });
  while (!is_done) {
    const auto report = checked(at);
    INFO(told(report));
    CHECK(report.good());
    CHECK(report.entries == report.checkpoint.size);
  }
  CHECK(is_written);
  CHECK(checked(at).entries == 1403);
}

TEST_CASE("what is no log is told apart from one that is not good") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  const auto refusal = [&](const fs::path& place) {
    const auto found = find_log(place);
    REQUIRE(found.has_error());
    CHECK(found.error().code == "no-log");
    CHECK(found.error().where == place.string());
    CHECK_FALSE(found.error().hint.empty());
    return found.error().message;
  };
  CHECK_THAT(refusal(at), Catch::Contains("No such file"));
  write(folder / "file", "x");
  CHECK_THAT(refusal(folder / "file"), Catch::Contains("Not a directory"));
  // As a daemon leaves it that has nothing to publish yet.
  fs::create_directories(at / "attestations");
  CHECK_THAT(refusal(at), Catch::Contains("there is no log in this folder"));
  make_log(at, {3});
  CHECK(find_log(at).has_value());
  // Without its checkpoint, it is a log to which something has happened.
  fs::remove(at / "checkpoint");
  CHECK(find_log(at).has_value());
  CHECK_THAT(told(checked(at)), Catch::StartsWith("checkpoint: is missing"));
  fs::remove(at / "checkpoints");
  CHECK(find_log(at).has_value());
}
