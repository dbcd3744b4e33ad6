// A data folder as a daemon keeps it, and backups of it.
#pragma once

#include <fstream>
#include <future>
#include <nlohmann/json.hpp>

#include "daemon/backup.hpp"
#include "daemon/runtime/content_store.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/folder.hpp"

namespace penstock {

// A journal, a store with a document and an artifact, and something else.
struct Data {
  Data() {
    folder.write("data/audit/checkpoint", "one\n");
    folder.write("data/audit/tile/0/000", "tile");
    store = std::make_unique<runtime::ContentStore>(runtime::ContentStore::open(data() / "store").value());
    evidence = store->put("what a gate has seen").value();
    artifact = store
                   ->put_tree([](const std::filesystem::path& tree) -> core::Result<void> {
                     std::filesystem::create_directories(tree / "weights");
                     std::ofstream(tree / "weights/model.bin") << "weights";
                     return {};
                   })
                   .value();
    journal = *journal::open_sqlite((data() / "journal.db").string(), [](std::function<void()> done) { done(); });
    note("one");
  }
  std::filesystem::path data() const { return folder / "data"; }

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
  // Of a backup's own: what is linked in the backup is the daemon's.
  std::filesystem::path copy_of(const Backup& backup) const {
    std::filesystem::copy(backup.folder, folder / "copy", std::filesystem::copy_options::recursive);
    return folder / "copy";
  }

  TestFolder folder;
  runtime::ManualClock clock{core::Time(std::chrono::milliseconds(1'795'219'200'000))};
  std::unique_ptr<runtime::ContentStore> store;
  core::Digest evidence, artifact;
  std::unique_ptr<journal::Journal> journal;
};

inline std::vector<std::string> events_in(const std::filesystem::path& data) {
  const auto journal = journal::open_sqlite((data / "journal.db").string(), [](std::function<void()> done) { done(); });
  REQUIRE(journal);
  std::vector<std::string> names;
  for (const auto& event : (*journal)->events(0, 1'000'000).value()) names.push_back(event.name);
  return names;
}

inline void change_byte(const std::filesystem::path& file) {
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(3);
  bytes.put('\x7f');
}

// The last nine bits, as chmod(1) writes them.
inline unsigned mode_of(const std::filesystem::path& file) {
  return static_cast<unsigned>(std::filesystem::status(file).permissions());
}

}  // namespace penstock
