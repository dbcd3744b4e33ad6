// Backups of a journal that is written to meanwhile, and of what lies beside it.
#include "daemon/backup.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "daemon/audit/log_writer.hpp"
#include "daemon/runtime/tree.hpp"
#include "tests/daemon/backup_story.hpp"

namespace penstock {
namespace fs = std::filesystem;

TEST_CASE("backups lie beside one another, and none is in another one") {
  Data data;
  const auto first = data.back_up();
  const auto second = data.back_up();
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->folder != second->folder);
  CHECK(!fs::exists(second->folder / "backups"));
  CHECK(first->files == second->files);
}

TEST_CASE("what is written while a backup is made is in it as a whole or not at all") {
  Data data;
  std::atomic<bool> stop = false;
  auto writing = std::async(std::launch::async, [&] {
    for (int n = 0; !stop; ++n) data.note("n" + std::to_string(n));
  });
  for (int n = 0; n < 3; ++n) {
    const auto made = data.back_up();
    REQUIRE(made);
    const auto target = data.folder / ("again" + std::to_string(n));
    REQUIRE(restore_backup(made->folder, target));
    CHECK(static_cast<std::int64_t>(events_in(target).size()) >= made->events);
  }
  stop = true;
  writing.wait();
}

TEST_CASE("an audit log that is published while a backup is made can be gone on with") {
  // The writer syncs with every step: on a quick disk it takes many of them while a file is copied.
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
  Data data;
  const auto signer = audit::Signer::generate("example.com/audit").value();
  auto writer = audit::LogWriter::open(data.data() / "log", signer).value();
  const std::vector<std::string> entries(20, "an entry");
  REQUIRE(writer.append(entries, true));
  // By their names they are copied between the two checkpoints, and between a tile's being listed and being copied.
  const std::string long_text(std::size_t{4} << 20, 'x');
  data.folder.write("data/log/checkpoint-of-old", long_text);
  data.folder.write("data/log/tile/0/!", long_text);

  const auto gone_on_with = [&]() -> core::Result<std::uint64_t> {
    const auto made = data.back_up();
    if (!made) return made.error();
    const auto target = data.folder / "again";
    const auto restored = restore_backup(made->folder, target);
    if (!restored) return restored.error();
    const auto again = audit::LogWriter::open(target / "log", signer);
    if (!again) return again.error();
    for (const auto& folder : {target, made->folder}) runtime::remove_tree(folder);
    return again->size();
  };
  std::atomic<bool> stop = false;
  auto writing = std::async(std::launch::async, [&] {
    bool appended = true;
    while (!stop && appended) appended = writer.append(entries, true).has_value();
    return appended;
  });
  std::vector<core::Result<std::uint64_t>> sizes;
  for (int n = 0; n < 5; ++n) sizes.push_back(gone_on_with());
  stop = true;
  CHECK(writing.get());
  for (const auto& size : sizes) {
    REQUIRE(size);
    CHECK(*size >= entries.size());
  }
}

TEST_CASE("only its owner can look into a backup, whatever the umask is") {
  const auto umask_before = ::umask(0);
  Data data;
  const auto made = data.back_up();
  ::umask(umask_before);
  REQUIRE(made);
  CHECK(mode_of(data.data() / "backups") == 0700U);
  CHECK(mode_of(made->folder) == 0700U);
  CHECK(mode_of(made->folder / "journal.db") == 0600U);
}

TEST_CASE("what a killed daemon left of a backup goes when the next one is made") {
  Data data;
  const auto first = data.back_up();
  REQUIRE(first);
  data.folder.write("data/backups/.unfinished-bkp_1/store/trees/abc/model.bin", "half of it");
  fs::permissions(data.data() / "backups/.unfinished-bkp_1/store/trees/abc", static_cast<fs::perms>(0555));
  const auto second = data.back_up();
  REQUIRE(second);
  CHECK(!fs::exists(data.data() / "backups/.unfinished-bkp_1"));
  CHECK(fs::exists(first->folder / "MANIFEST.json"));
  CHECK(second->files == first->files);
}

TEST_CASE("a journal that is no file makes no backup, and nothing is left of one") {
  TestFolder folder;
  fs::create_directories(folder / "data");
  const auto memory = journal::open_memory([](std::function<void()> done) { done(); });
  runtime::SystemClock clock;
  const auto made = Backups(folder / "data", *memory, clock).make();
  REQUIRE(!made);
  CHECK(made.error().code == "not-supported");
  CHECK(fs::is_empty(folder / "data/backups"));
}

}  // namespace penstock
