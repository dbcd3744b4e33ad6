// The files that are written: their names, what is in them, and what a restart makes of them.
#include "daemon/audit/log_writer.hpp"

#include "daemon/audit/log_reader.hpp"
#include "tests/audit/log.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;

namespace {

Checkpoint checkpoint_of(const fs::path& folder) {
  return open_checkpoint(content(folder / "checkpoint"), signer().verifier()).value();
}

Hash root_of_entries(std::uint64_t size) {
  Edge edge;
  for (const auto& one : entries(0, size)) edge.append(leaf_hash(one), [](int, std::uint64_t, const Hashes&) {});
  return edge.root();
}

}  // namespace

TEST_CASE("tiles have the names that the specification gives them, and no other name is a tile's") {
  CHECK(tile_path(0, 0, 256) == "tile/0/000");
  CHECK(tile_path(0, 1234067, 256) == "tile/0/x001/x234/067");
  CHECK(tile_path(2, 255, 17) == "tile/2/255.p/17");
  CHECK(bundle_path(1234067, 256) == "tile/entries/x001/x234/067");
  CHECK(bundle_path(1000, 1) == "tile/entries/x001/000.p/1");
  for (const auto n : {std::uint64_t{0}, std::uint64_t{999}, std::uint64_t{1000}, std::uint64_t{123'456'789}})
    for (const std::uint64_t width : {1U, 255U, 256U}) {
      CHECK(tile_of(tile_path(3, n, width)) == Tile{3, n, width});
      CHECK(tile_of(bundle_path(n, width)) == Tile{-1, n, width});
    }
  for (const auto* path : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/0/1",
                           "tile/0/0001",
                           "tile/00/001",
                           "tile/8/000",
                           "tile/-1/000",
                           "tile/0/x000/001",
                           "tile/0/001.p/0",
                           "tile/0/001.p/256",
                           "tile/0/001.p/01",
                           "tile/0/001.p/",
                           "tile/0/001.p",
                           "tile/0/../000",
                           "tile/0/x001/../067",
                           "tile/0/000/",
                           "tile/entries",
                           "tile/0/000.new",
                           "xtile/0/000",
                           "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/999"})
    CHECK_FALSE(tile_of(path).has_value());
  CHECK(width_of(0, 0, 1) == 1);
  CHECK(width_of(0, 1, 256) == 0);
  CHECK(width_of(0, 1, 300) == 44);
  CHECK(width_of(1, 0, 255) == 0);
  CHECK(width_of(1, 0, 700) == 2);
  CHECK(width_of(-1, 2, 700) == 188);
}

TEST_CASE("a log of 600 entries has the tiles of 600 entries, in however many steps they came") {
  TemporaryFolder folder;
  std::map<std::string, std::string> first;
  for (const auto& sizes : {std::vector<std::uint64_t>{600}, {1, 2, 255, 256, 257, 512, 599, 600}, {256, 512, 600}}) {
    const auto at = folder / std::to_string(sizes.size());
    make_log(at, sizes);
    auto found = files(at);
    CHECK(checkpoint_of(at) == Checkpoint{"example.com/audit", 600, root_of_entries(600)});
    for (const auto* path : {"tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/000",
                             "tile/entries/001", "tile/entries/002.p/88"})
      CHECK(found.count(path) == 1);
    // What was partial and is full now has gone.
    CHECK(found.count("tile/0/000.p/255") == 0);
    CHECK(found.count("tile/entries/000.p/255") == 0);
    CHECK(found.at("tile/0/000").size() == 8192);
    std::vector<std::string> read;
    for (std::uint64_t n = 0; n < 3; ++n)
      for (auto& one : LogReader(at, 600).bundle(n).value()) read.push_back(std::move(one));
    CHECK(read == entries(0, 600));
    for (auto& [path, bytes] : first)
      if (path.starts_with("tile/")) CHECK(found[path] == bytes);
    if (first.empty()) first = std::move(found);
  }
}

TEST_CASE("a log goes on after a restart where it was, at every size around a tile's edge") {
  TemporaryFolder folder;
  const auto at = folder / "log";
  std::uint64_t size = 0;
  for (const std::uint64_t next : {1U, 3U, 255U, 256U, 257U, 511U, 512U, 513U, 1000U}) {
    auto writer = LogWriter::open(at, signer()).value();
    REQUIRE(writer.size() == size);
    REQUIRE(writer.append(entries(size, next), true).has_value());
    size = next;
    CHECK(checkpoint_of(at).root == root_of_entries(size));
  }
  std::uint64_t whole = 0;
  CHECK(split_notes(content(fs::path(at) / "checkpoints"), whole).size() == 9);
  CHECK(whole == content(fs::path(at) / "checkpoints").size());
}

TEST_CASE("every proof that the tiles give holds against the checkpoint") {
  TemporaryFolder folder;
  make_log(folder / "log", {300, 70'000});
  LogReader reader(folder / "log", 70'000);
  const auto root = checkpoint_of(folder / "log").root;
  CHECK(reader.root().value() == root);
  for (const std::uint64_t index : {0U, 1U, 255U, 256U, 65'535U, 65'536U, 69'999U})
    CHECK(includes(leaf_hash(entry(index)), index, 70'000, root,
                   inclusion_proof(index, 70'000, reader.subtrees()).value()));
  for (const std::uint64_t former : {1U, 255U, 256U, 300U, 65'536U, 69'999U, 70'000U})
    CHECK(is_consistent(former, root_of(former, reader.subtrees()).value(), 70'000, root,
                        consistency_proof(former, 70'000, reader.subtrees()).value()));
}

TEST_CASE("history is never overwritten") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {10});
  auto writer = LogWriter::open(at, signer()).value();
  // As a crash leaves it: the tiles of two more entries, and a checkpoint that does not cover them yet.
  const auto before = content(at / "checkpoint");
  REQUIRE(writer.append(entries(10, 12), false).has_value());
  write(at / "checkpoint", before);

  SECTION("the same entries come again, and the log goes on") {
    { const auto closed = std::move(writer); }
    auto again = LogWriter::open(at, signer()).value();
    REQUIRE(again.size() == 10);
    CHECK(again.append(entries(10, 12), true).has_value());
    CHECK(checkpoint_of(at).root == root_of_entries(12));
  }
  SECTION("other entries come, and nothing is changed") {
    { const auto closed = std::move(writer); }
    const auto all = files(at);
    auto again = LogWriter::open(at, signer()).value();
    const auto refused = again.append(entries(20, 22), true);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == "audit-differs");
    CHECK(files(at) == all);
    // Nor does it forget where it is.
    CHECK(again.append(entries(10, 12), true).has_value());
  }
}

TEST_CASE("a log whose files were tampered with is not gone on from") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {3, 300});
  const auto refusal = [&] {
    const auto opened = LogWriter::open(at, signer());
    REQUIRE(opened.has_error());
    CHECK_FALSE(opened.error().where.empty());
    CHECK_FALSE(opened.error().hint.empty());
    return opened.error();
  };
  SECTION("the checkpoint is of another key") {
    write(at / "checkpoint", Signer::generate("example.com/audit").value().sign(text_of(checkpoint_of(at))));
    CHECK_THAT(refusal().message, Catch::Contains("not signed by"));
  }
  SECTION("a tile was changed") {
    auto bytes = content(at / "tile/0/001.p/44");
    bytes[9] = static_cast<char>(bytes[9] ^ 1);
    write(at / "tile/0/001.p/44", bytes);
    CHECK_THAT(refusal().message, Catch::Contains("do not give the root"));
  }
  SECTION("an entry of the last bundle was changed") {
    auto bytes = content(at / "tile/entries/001.p/44");
    bytes[30] = static_cast<char>(bytes[30] ^ 1);
    write(at / "tile/entries/001.p/44", bytes);
    CHECK_THAT(refusal().message, Catch::Contains("entry 256 was changed"));
  }
  SECTION("a tile is missing") {
    fs::remove_all(at / "tile/1");
    CHECK_THAT(refusal().message, Catch::Contains("missing"));
  }
  SECTION("an earlier checkpoint was put in the place of the newest one") {
    std::uint64_t whole = 0;
    write(at / "checkpoint", split_notes(content(at / "checkpoints"), whole).at(0));
    CHECK_THAT(refusal().message, Catch::Contains("cut short"));
  }
}

TEST_CASE("a checkpoint that a crash left half kept is kept once") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {3, 5});
  const auto kept = content(at / "checkpoints");
  for (std::size_t cut = 1; cut < kept.size(); cut += 37) {
    write(at / "checkpoints", kept.substr(0, cut));
    REQUIRE(LogWriter::open(at, signer()).value().keep_checkpoint().has_value());
    std::uint64_t whole = 0;
    const auto notes = split_notes(content(at / "checkpoints"), whole);
    CHECK(whole == content(at / "checkpoints").size());
    CHECK(open_checkpoint(notes.back(), signer().verifier()).value().size == 5);
  }
}

TEST_CASE("kept checkpoints are found at the end of a long file") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {600});
  Edge edge;
  std::string kept;
  for (const auto& one : entries(0, 600)) {
    edge.append(leaf_hash(one), [](int, std::uint64_t, const Hashes&) {});
    kept += signer().sign(text_of({"example.com/audit", edge.size(), edge.root()})) + "\n";
  }
  write(at / "checkpoints", kept);
  REQUIRE(fs::file_size(at / "checkpoints") > 70'000);
  auto writer = LogWriter::open(at, signer()).value();
  REQUIRE(writer.append(entries(600, 601), true).has_value());
  std::uint64_t whole = 0;
  CHECK(split_notes(content(at / "checkpoints"), whole).size() == 601);
  CHECK(whole == fs::file_size(at / "checkpoints"));
}

TEST_CASE("one folder has one writer") {
  TemporaryFolder folder;
  const auto writer = LogWriter::open(folder / "log", signer()).value();
  CHECK(LogWriter::open(folder / "log", signer()).error().code == "audit-in-use");
}

TEST_CASE("a folder that cannot be written is told, and what was there stays") {
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  auto writer = LogWriter::open(at, signer()).value();
  REQUIRE(writer.append(entries(0, 2), true).has_value());
  fs::remove_all(at / "tile/0");
  write(at / "tile/0", "a file where a folder is needed");
  const auto failed = writer.append(entries(2, 4), true);
  REQUIRE(failed.has_error());
  CHECK(writer.size() == 2);
  CHECK(checkpoint_of(at).size == 2);
}
