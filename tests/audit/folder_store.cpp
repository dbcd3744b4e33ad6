// Which checkpoints a sink's folder keeps among the earlier ones.
#include "daemon/audit/folder_store.hpp"

#include "daemon/audit/sink.hpp"
#include "tests/audit/verified.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;

namespace {

struct Rig {
  TemporaryFolder folder;
  fs::path log = folder / "log";
  fs::path copy = folder / "copy";
  LogWriter writer = LogWriter::open(log, signer()).value();

  Rig() { fs::create_directories(copy); }
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
  Rig rig;
  {
    Sink sink(std::make_unique<FolderStore>(rig.copy, std::chrono::hours(1)));
    for (const std::uint64_t size : {2, 5, 300, 301}) {
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
  Rig rig;
  Sink sink(std::make_unique<FolderStore>(rig.copy, std::chrono::milliseconds(0)));
  for (const std::uint64_t size : {2, 5, 300}) rig.bring(sink, size);
  CHECK(rig.kept() == std::vector<std::uint64_t>{2, 5, 300});
}
