// Which checkpoints a sink's folder keeps among the earlier ones.
#include "daemon/audit/folder_store.hpp"

#include "daemon/audit/sink.hpp"
#include "tests/audit/verified.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;

namespace {

struct FolderRig {
  TemporaryFolder folder;
  fs::path log = folder / "log";
  fs::path copy = folder / "copy";
  LogWriter writer = LogWriter::open(log, signer()).value();

  FolderRig() { fs::create_directories(copy); }
  void bring(Sink& sink, std::uint64_t to) {
    REQUIRE(writer.append(entries(writer.size(), to), true).has_value());
    REQUIRE(sink.bring({log, signer().verifier(), content(log / "checkpoint"), writer.checkpoint()}).value() == to);
  }
  std::vector<std::uint64_t> kept() const {
    std::vector<std::uint64_t> sizes;
    std::uint64_t whole = 0;
    for (const auto& note : split_notes(content(copy / "checkpoints"), whole))
      sizes.push_back(open_checkpoint(note, signer().verifier()).value().size);
    return sizes;
  }
};

}  // namespace

TEST_CASE("a sink keeps no more checkpoints than the log does, and the newest one in any case") {
  FolderRig rig;
  {
    Sink sink(std::make_unique<FolderStore>(rig.copy, std::chrono::hours(1)));
    for (const std::uint64_t size : {2U, 5U, 300U, 301U}) {
      rig.bring(sink, size);
      CHECK(rig.kept() == std::vector<std::uint64_t>{2});
      CHECK(content(rig.copy / "checkpoint") == content(rig.log / "checkpoint"));
      CHECK(told(checked(rig.copy)).empty());
    }
  }
  // After a restart nobody knows when it was.
  Sink again(std::make_unique<FolderStore>(rig.copy, std::chrono::hours(1)));
  rig.bring(again, 302);
  rig.bring(again, 303);
  CHECK(rig.kept() == std::vector<std::uint64_t>{2, 302});
  CHECK(told(checked(rig.copy)).empty());
}

TEST_CASE("a sink keeps each checkpoint that comes late enough") {
  FolderRig rig;
  Sink sink(std::make_unique<FolderStore>(rig.copy, std::chrono::milliseconds(0)));
  for (const std::uint64_t size : {2U, 5U, 300U}) rig.bring(sink, size);
  CHECK(rig.kept() == std::vector<std::uint64_t>{2, 5, 300});
}

TEST_CASE("one flipped bit in what a sink has kept is refused or told, and no checkpoint is dropped") {
  FolderRig rig;
  {
    Sink sink(std::make_unique<FolderStore>(rig.copy, std::chrono::milliseconds(0)));
    for (const std::uint64_t size : {2U, 5U, 7U}) rig.bring(sink, size);
  }
  const auto whole = files(rig.copy);
  REQUIRE(rig.writer.append(entries(7, 8), true).has_value());
  const Published newer{rig.log, signer().verifier(), content(rig.log / "checkpoint"), rig.writer.checkpoint()};
  const auto& kept = whole.at(checkpoints_file);
  int refused = 0;
  for (std::size_t bit = 0; bit < kept.size() * 8; ++bit) {
    fs::remove_all(rig.copy);
    for (const auto& [path, bytes] : whole) write(rig.copy / path, bytes);
    auto flipped = kept;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    write(rig.copy / checkpoints_file, flipped);
    Sink sink(std::make_unique<FolderStore>(rig.copy, std::chrono::milliseconds(0)));
    INFO("bit " << bit % 8 << " of byte " << bit / 8);
    const auto brought = sink.bring(newer);
    if (!brought) {
      ++refused;
      REQUIRE((brought.error().code == "audit-differs" || brought.error().code == "audit-damaged"));
      REQUIRE(content(rig.copy / checkpoints_file) == flipped);
      REQUIRE(content(rig.copy / "checkpoint") == whole.at("checkpoint"));
    } else {
      REQUIRE(content(rig.copy / checkpoints_file).starts_with(flipped));
      REQUIRE_FALSE(checked(rig.copy).good());
    }
  }
  CHECK(refused > 20);
}

TEST_CASE("what a crash leaves of a checkpoint that a sink was keeping is gone on with") {
  FolderRig rig;
  {
    Sink sink(std::make_unique<FolderStore>(rig.copy, std::chrono::milliseconds(0)));
    for (const std::uint64_t size : {2U, 5U}) rig.bring(sink, size);
  }
  const auto kept = content(rig.copy / checkpoints_file);
  const auto note = content(rig.copy / "checkpoint");
  const auto former = kept.substr(0, kept.size() - note.size() - 1);
  auto size = std::uint64_t{5};
  for (std::size_t bytes = 0; bytes <= note.size(); ++bytes) {
    write(rig.copy / checkpoints_file, former + note.substr(0, bytes) + std::string(bytes % 3, '\0'));
    Sink sink(std::make_unique<FolderStore>(rig.copy, std::chrono::milliseconds(0)));
    rig.bring(sink, ++size);
    REQUIRE(rig.kept() == std::vector<std::uint64_t>{2, size});
  }
}
