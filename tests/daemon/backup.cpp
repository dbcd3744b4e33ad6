// Backups of a journal that is written to meanwhile, and what is made of them.
#include "daemon/backup.hpp"

#include <fstream>
#include <future>

#include "daemon/runtime/content_store.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/folder.hpp"

namespace penstock {
namespace fs = std::filesystem;
namespace {

// A data folder as a daemon keeps it: a journal, a store with a document and an artifact, and something else.
struct Data {
  Data() {
    folder.write("data/audit/checkpoint", "one\n");
    folder.write("data/audit/tile/0/000", "tile");
    store = std::make_unique<runtime::ContentStore>(runtime::ContentStore::open(data() / "store").value());
    evidence = store->put("what a gate has seen").value();
    artifact = store
                   ->put_tree([](const fs::path& tree) -> core::Result<void> {
                     fs::create_directories(tree / "weights");
                     std::ofstream(tree / "weights/model.bin") << "weights";
                     return {};
                   })
                   .value();
    journal =
        std::move(*journal::open_sqlite((data() / "journal.db").string(), [](std::function<void()> done) { done(); }));
    note("one");
  }
  fs::path data() const { return folder / "data"; }

  void note(const std::string& name) {
    journal::Write write;
    write.events.push_back({0, core::Time(), {"fraud", "production"}, "", name, "{}"});
    std::promise<void> done;
    std::vector<journal::Write> writes;
    writes.push_back(std::move(write));
    journal->commit(std::move(writes), [&](auto receipts) {
      CHECK(receipts.front());
      done.set_value();
    });
    done.get_future().wait();
  }
  core::Result<Backup> back_up() { return Backups(data(), *journal, clock).make(); }

  TestFolder folder;
  runtime::ManualClock clock{core::Time(std::chrono::milliseconds(1'795'219'200'000))};
  std::unique_ptr<runtime::ContentStore> store;
  core::Digest evidence, artifact;
  std::unique_ptr<journal::Journal> journal;
};

std::vector<std::string> events_in(const fs::path& data) {
  const auto journal = journal::open_sqlite((data / "journal.db").string(), [](std::function<void()> done) { done(); });
  REQUIRE(journal);
  std::vector<std::string> names;
  for (const auto& event : (*journal)->events(0, 100).value()) names.push_back(event.name);
  return names;
}

}  // namespace

TEST_CASE("a data folder is made again from a backup, as it was when that was made") {
  Data data;
  const auto made = data.back_up();
  REQUIRE(made);
  CHECK(made->events == 1);
  data.note("two");
  const auto restored = restore_backup(made->folder, data.folder / "again");
  REQUIRE(restored);
  CHECK(events_in(data.folder / "again") == std::vector<std::string>{"one"});
  CHECK(data.folder.read("again/audit/tile/0/000") == "tile");
  auto store = runtime::ContentStore::open(data.folder / "again/store").value();
  CHECK(store.get(data.evidence).value() == "what a gate has seen");
  REQUIRE(store.tree(data.artifact));
  CHECK(runtime::tree_digest(*store.tree(data.artifact)).value() == data.artifact);
}

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

TEST_CASE("one changed byte in a backup is found, named, and nothing is restored") {
  Data data;
  const auto made = data.back_up();
  REQUIRE(made);
  const auto hex = data.evidence.hex();
  const auto which = GENERATE(0U, 1U, 2U, 3U);
  const std::string names[] = {"journal.db", "audit/checkpoint", "store/blobs/" + hex.substr(0, 2) + "/" + hex,
                               "store/trees/" + data.artifact.hex() + "/weights/model.bin"};
  const auto& changed = names[which];
  const auto file = made->folder / changed;
  INFO(file);
  REQUIRE(fs::exists(file));
  // In a copy: what is linked is the daemon's own.
  const auto copy = data.folder / "copy";
  fs::copy(made->folder, copy, fs::copy_options::recursive);
  fs::permissions(copy / changed, fs::perms::owner_all);
  {
    std::fstream bytes(copy / changed, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(3);
    bytes.put('\x7f');
  }
  const auto restored = restore_backup(copy, data.folder / "again");
  REQUIRE(!restored);
  CHECK(restored.error().code == "damaged");
  CHECK(restored.error().where.find(changed.substr(0, changed.find("/weights"))) != std::string::npos);
  CHECK(!fs::exists(data.folder / "again"));
}

TEST_CASE("nothing is restored over what is there, or from what is no backup") {
  Data data;
  const auto made = data.back_up();
  REQUIRE(made);
  CHECK(restore_backup(made->folder, data.data()).error().code == "conflict");
  CHECK(!restore_backup(data.data(), data.folder / "again"));
  data.folder.write("newer/MANIFEST.json", R"({"backup": 2, "files": {}})");
  CHECK(restore_backup(data.folder / "newer", data.folder / "again").error().code == "damaged");
  data.folder.write("hostile/MANIFEST.json", R"({"backup": 1, "files": {"../../etc/passwd": "sha256:00"}})");
  CHECK(restore_backup(data.folder / "hostile", data.folder / "again").error().code == "damaged");
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
