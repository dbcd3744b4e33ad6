// Backups of a journal that is written to meanwhile, and of what lies beside it.
#include "daemon/backup.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

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

TEST_CASE("what the disk has changed in the store is found by the backup, and named") {
  Data data;
  const auto trees = "store/trees/" + data.artifact.hex();
  const auto blob = "store/blobs/" + data.evidence.hex().substr(0, 2) + "/" + data.evidence.hex();
  const auto which = GENERATE(0U, 1U);
  const std::string changed[] = {blob, trees + "/weights/model.bin"};
  const std::string named[] = {blob, trees};
  change_byte(data.data() / changed[which]);
  const auto made = data.back_up();
  REQUIRE(!made);
  CHECK(made.error().code == "damaged");
  CHECK(made.error().where == named[which]);
  CHECK(fs::is_empty(data.data() / "backups"));
}

TEST_CASE("what sources have fetched is in no backup, whatever strangers have called it") {
  Data data;
  data.folder.write("data/sources/repo/mirror.git/refs/heads/gr\xfc\xdf", "0");
  const auto made = data.back_up();
  REQUIRE(made);
  CHECK(!fs::exists(made->folder / "sources"));
}

TEST_CASE("what a backup cannot hold is named, and nothing is left of the backup") {
  Data data;
  const auto which = GENERATE(0U, 1U, 2U, 3U);
  const std::string named[] = {"audit/gr\\xfc\\xdf", "audit/tile/link", "data/itself", "data/copies"};
  if (which == 0) data.folder.write("data/audit/gr\xfc\xdf", "0");
  if (which == 1) fs::create_symlink("/nowhere", data.data() / "audit/tile/link");
  // What holds the backup would be copied into itself without end.
  if (which == 2) fs::create_directory_symlink(".", data.data() / "itself");
  if (which == 3) fs::create_directory_symlink("backups", data.data() / "copies");
  const auto made = data.back_up();
  REQUIRE(!made);
  CHECK(made.error().code == "not-supported");
  CHECK(made.error().where.ends_with(named[which]));
  CHECK(fs::is_empty(data.data() / "backups"));
}

TEST_CASE("a folder that was moved to another disk, with a link in its place, is backed up") {
  Data data;
  fs::rename(data.data() / "audit", data.folder / "large-disk");
  fs::create_directory_symlink(data.folder / "large-disk", data.data() / "audit");
  const auto made = data.back_up();
  REQUIRE(made);
  REQUIRE(restore_backup(made->folder, data.folder / "again"));
  CHECK(data.folder.read("again/audit/tile/0/000") == "tile");
  CHECK(!fs::is_symlink(data.folder / "again/audit"));
}

TEST_CASE("attestations that come while a backup is made are not counted in it") {
  // Many, so that listing them takes a while.
  Data data;
  constexpr int before = 500;
  std::atomic<int> count = 0;
  const auto attest = [&] {
    const auto number = count + 1;
    data.folder.write("data/audit/attestations/" + std::to_string(number), "x");
    data.folder.write("data/audit/attestations/.new", std::to_string(number));
    fs::rename(data.data() / "audit/attestations/.new", data.data() / "audit/attestations/looked-at");
    count = number;
  };
  while (count < before) attest();
  std::atomic<bool> stop = false;
  auto attesting = std::async(std::launch::async, [&] {
    while (!stop) {
      attest();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  const auto made = data.back_up();
  stop = true;
  attesting.wait();
  REQUIRE(made);
  const auto folder = made->folder / "audit/attestations";
  std::ifstream file(folder / "looked-at");
  int counted = 0;
  file >> counted;
  CHECK(counted >= before);
  int missing = 0;
  for (int number = 1; number <= counted; ++number) missing += fs::exists(folder / std::to_string(number)) ? 0 : 1;
  CHECK(missing == 0);
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
