// Opening the store: what it finds there, and who may not.
#include <unistd.h>

#include "daemon/runtime/content_store.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/folder.hpp"

using namespace penstock;
using namespace penstock::runtime;
namespace fs = std::filesystem;

namespace {

ContentStore store_in(const TestFolder& folder) { return ContentStore::open(folder / "store").value(); }

}  // namespace

TEST_CASE("what an interrupted daemon left in incoming is removed when the store is opened") {
  const TestFolder folder;
  const auto left = store_in(folder).scratch().value();
  fs::create_directories(left / "half/written");
  folder.write(left / "half/written/file", "x");
  fs::permissions(left / "half/written", fs::perms::none);
  store_in(folder);
  CHECK(fs::is_empty(folder / "store/incoming"));
}

TEST_CASE("a folder in which another store is at work is refused by its process, and nothing in it is removed") {
  const TestFolder folder;
  const auto store = store_in(folder);
  folder.write("store/incoming/half/model.bin", "being fetched");
  const auto refused = ContentStore::open(folder / "store");
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == "store-in-use");
  CHECK_THAT(refused.error().message, Catch::Contains("process id " + std::to_string(::getpid())));
  CHECK(fs::exists(folder / "store/incoming/half/model.bin"));
}

TEST_CASE("why the folder of a store cannot be made is told") {
  const TestFolder folder;
  folder.write("occupied", "a file");
  const auto refused = ContentStore::open(folder / "occupied/data/store");
  REQUIRE(refused.has_error());
  CHECK_THAT(refused.error().message, Catch::Contains("Not a directory"));
  CHECK(refused.error().where == (folder / "occupied/data").string());
}

TEST_CASE("a store whose folders are links is refused") {
  const TestFolder folder;
  store_in(folder);
  fs::remove(folder / "store/trees");
  fs::create_directory_symlink(folder.path(), folder / "store/trees");
  CHECK(ContentStore::open(folder / "store").error().where == (folder / "store/trees").string());
}

TEST_CASE("a store whose place is a file is a Problem") {
  const TestFolder folder;
  folder.write("store", "a file");
  CHECK(ContentStore::open(folder / "store").error().code == "store-failed");
  CHECK(ContentStore::open(folder / "store/below").error().code == "store-failed");
}
