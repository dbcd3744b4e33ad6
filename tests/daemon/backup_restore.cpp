// What is made of backups: whole, or nothing.
#include <sys/stat.h>

#include "tests/daemon/backup_story.hpp"

namespace penstock {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

std::string blob_path(const core::Digest& digest) {
  return "store/blobs/" + digest.hex().substr(0, 2) + "/" + digest.hex();
}

// The manifest as an earlier Penstock wrote it.
void write_former_manifest(const Data& data, const fs::path& backup, const json& documents) {
  auto manifest = json::parse(data.folder.read(backup.lexically_relative(data.folder.path()) / "MANIFEST.json"));
  manifest["backup"] = 1;
  manifest.erase("store");
  manifest["documents"] = documents;
  std::ofstream(backup / "MANIFEST.json") << manifest.dump(1);
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
  CHECK(restored->lists_store);
  CHECK(events_in(data.folder / "again") == std::vector<std::string>{"one"});
  CHECK(data.folder.read("again/audit/tile/0/000") == "tile");
  auto store = runtime::ContentStore::open(data.folder / "again/store").value();
  CHECK(store.get(data.evidence).value() == "what a gate has seen");
  REQUIRE(store.tree(data.artifact));
  CHECK(runtime::tree_digest(*store.tree(data.artifact)).value() == data.artifact);
}

TEST_CASE("one changed byte in a backup is found, named, and nothing is restored") {
  Data data;
  const auto made = data.back_up();
  REQUIRE(made);
  const auto which = GENERATE(0U, 1U, 2U, 3U);
  const std::string names[] = {"journal.db", "audit/checkpoint", blob_path(data.evidence),
                               "store/trees/" + data.artifact.hex() + "/weights/model.bin"};
  const auto& changed = names[which];
  INFO(changed);
  const auto copy = data.copy_of(*made);
  REQUIRE(fs::exists(copy / changed));
  change_byte(copy / changed);
  const auto restored = restore_backup(copy, data.folder / "again");
  REQUIRE(!restored);
  CHECK(restored.error().code == "damaged");
  CHECK(restored.error().where.find(changed.substr(0, changed.find("/weights"))) != std::string::npos);
  CHECK(!fs::exists(data.folder / "again"));
}

TEST_CASE("a document, an artifact or a whole store that is missing is found, named, and nothing is restored") {
  Data data;
  const auto made = data.back_up();
  REQUIRE(made);
  const auto which = GENERATE(0U, 1U, 2U);
  const auto blob = blob_path(data.evidence);
  const std::string lost[] = {blob, "store/trees/" + data.artifact.hex(), "store"};
  const std::string named[] = {blob, "store/trees/" + data.artifact.hex(), blob};
  const auto copy = data.copy_of(*made);
  REQUIRE(fs::remove_all(copy / lost[which]) > 0);
  const auto restored = restore_backup(copy, data.folder / "again");
  REQUIRE(!restored);
  CHECK(restored.error().code == "damaged");
  CHECK(restored.error().where == (copy / named[which]).string());
  CHECK(!fs::exists(data.folder / "again"));
}

TEST_CASE("a backup of an earlier Penstock is restored, and does not say whether its store is whole") {
  Data data;
  const auto made = data.back_up();
  REQUIRE(made);
  const auto copy = data.copy_of(*made);
  write_former_manifest(data, copy, json::array());
  const auto restored = restore_backup(copy, data.folder / "again");
  REQUIRE(restored);
  CHECK(!restored->lists_store);
  auto store = runtime::ContentStore::open(data.folder / "again/store").value();
  CHECK(store.get(data.evidence).value() == "what a gate has seen");
  CHECK(store.tree(data.artifact));

  REQUIRE(fs::remove_all(copy / "store") > 0);
  CHECK(restore_backup(copy, data.folder / "less").value().lists_store == false);
  // But what it does say is demanded.
  write_former_manifest(data, copy, json::array({data.evidence.text()}));
  CHECK(restore_backup(copy, data.folder / "none").error().where == (copy / blob_path(data.evidence)).string());
}

TEST_CASE("nothing is restored over what is there, or from what is no backup") {
  Data data;
  const auto made = data.back_up();
  REQUIRE(made);
  const auto again = data.folder / "again";
  CHECK(restore_backup(made->folder, data.data()).error().code == "conflict");
  CHECK(!restore_backup(data.data(), again));
  const auto zeros = "sha256:" + std::string(64, '0');
  const json newer{{"backup", 3}, {"id", "bkp_1"}, {"events", 0}, {"files", {{"journal.db", zeros}}}};
  data.folder.write("newer/MANIFEST.json", newer.dump());
  CHECK(restore_backup(data.folder / "newer", again).error().code == "damaged");
  auto hostile = newer;
  hostile["backup"] = 2;
  hostile["store"] = {{"blobs", json::array()}, {"trees", json::array()}};
  hostile["files"]["../../etc/passwd"] = zeros;
  data.folder.write("hostile/MANIFEST.json", hostile.dump());
  const auto refused = restore_backup(data.folder / "hostile", again);
  CHECK(refused.error().message == "the manifest names a file that is none: ../../etc/passwd");
  for (const auto* text : {"", "[]", R"({"backup": 2})", R"({"backup": 1, "id": 1, "events": "1"})"}) {
    data.folder.write("odd/MANIFEST.json", text);
    CHECK(restore_backup(data.folder / "odd", again).error().code == "damaged");
  }
  CHECK(!fs::exists(again));
}

TEST_CASE("an empty folder that was there stays as it was, whether the backup is good or not") {
  Data data;
  const auto made = data.back_up();
  REQUIRE(made);
  const auto there = data.folder / "there";
  fs::create_directory(there);
  fs::permissions(there, static_cast<fs::perms>(0750));
  struct stat before {
  }, after{};
  REQUIRE(::stat(there.c_str(), &before) == 0);
  const auto copy = data.copy_of(*made);
  change_byte(copy / "journal.db");
  CHECK(restore_backup(copy, there).error().code == "damaged");
  CHECK(fs::is_empty(there));
  REQUIRE(restore_backup(made->folder, there));
  CHECK(events_in(there) == std::vector<std::string>{"one"});
  REQUIRE(::stat(there.c_str(), &after) == 0);
  CHECK(after.st_ino == before.st_ino);
  CHECK(mode_of(there) == 0750U);
}

TEST_CASE("a folder in which a restore has not ended is no daemon's") {
  Data data;
  CHECK(must_be_restored(data.data()));
  CHECK(must_be_restored(data.folder / "not-there-yet"));
  data.folder.write("again/.unfinished-restore/journal.db", "");
  const auto whole = must_be_restored(data.folder / "again");
  REQUIRE(!whole);
  CHECK(whole.error().code == "conflict");
  const auto made = data.back_up();
  REQUIRE(made);
  CHECK(restore_backup(made->folder, data.folder / "again").error().code == "conflict");
  REQUIRE(restore_backup(made->folder, data.folder / "new"));
  CHECK(must_be_restored(data.folder / "new"));
}

TEST_CASE("a file is no data folder, and stays") {
  Data data;
  const auto made = data.back_up();
  REQUIRE(made);
  data.folder.write("again", "");
  const auto restored = restore_backup(made->folder, data.folder / "again");
  REQUIRE(!restored);
  CHECK(restored.error().code == "conflict");
  CHECK(fs::is_regular_file(data.folder / "again"));
}

TEST_CASE("only its owner can look into what was restored, also where others could read the backup") {
  Data data;
  const auto made = data.back_up();
  REQUIRE(made);
  const auto copy = data.copy_of(*made);
  fs::permissions(copy, static_cast<fs::perms>(0755));
  fs::permissions(copy / "journal.db", static_cast<fs::perms>(0644));
  const auto umask_before = ::umask(0);
  fs::create_directory(data.folder / "there");
  const auto restored = restore_backup(copy, data.folder / "again");
  const auto beside = restore_backup(copy, data.folder / "there");
  ::umask(umask_before);
  REQUIRE(restored);
  REQUIRE(beside);
  CHECK(mode_of(data.folder / "again") == 0700U);
  for (const auto* place : {"again", "there"}) {
    CHECK(mode_of(data.folder / place / "journal.db") == 0600U);
    CHECK(mode_of(data.folder / place / "store") == 0700U);
    CHECK(!fs::exists(data.folder / place / ".unfinished-restore"));
  }
}

}  // namespace penstock
