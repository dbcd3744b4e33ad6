#include "daemon/runtime/content_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <thread>

#include "daemon/runtime/digest.hpp"
#include "daemon/runtime/tree.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/folder.hpp"

using namespace penstock;
using namespace penstock::runtime;
namespace fs = std::filesystem;

namespace {

ContentStore store_in(const TestFolder& folder) { return ContentStore::open(folder / "store").value(); }

auto writes(const TestFolder& scratch, const std::string& name, const std::string& content) {
  return [=, &scratch](const fs::path& into) -> core::Result<void> {
    scratch.write(name, content);
    fs::create_directories((into / name).parent_path());
    fs::copy_file(scratch / name, into / name);
    return {};
  };
}

std::string shell(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> piece{};
  while (const auto count = std::fread(piece.data(), 1, piece.size(), pipe)) output.append(piece.data(), count);
  REQUIRE(::pclose(pipe) == 0);
  return output;
}

mode_t mode_of(const fs::path& path) {
  struct stat found {};
  REQUIRE(::lstat(path.c_str(), &found) == 0);
  return found.st_mode & 07777;
}

}  // namespace

TEST_CASE("a document comes back under its digest, also after the store is opened again") {
  const TestFolder folder;
  const std::string content("evidence\0with a null byte", 25);
  const auto digest = store_in(folder).put(content).value();
  CHECK(digest == sha256(content));
  CHECK(store_in(folder).get(digest).value() == content);
  CHECK(store_in(folder).put("").value() == sha256(""));
  CHECK(store_in(folder).get(sha256("")).value().empty());
  CHECK(fs::is_empty(folder / "store/incoming"));
}

TEST_CASE("keeping a document twice keeps it once") {
  const TestFolder folder;
  auto store = store_in(folder);
  CHECK(store.put("same").value() == store.put("same").value());
  const auto files = std::count_if(fs::recursive_directory_iterator(folder / "store/blobs"), {},
                                   [](const fs::directory_entry& entry) { return entry.is_regular_file(); });
  CHECK(files == 1);
}

TEST_CASE("a document that was never kept is not found") {
  const TestFolder folder;
  CHECK(store_in(folder).get(sha256("nothing")).error().code == "not-found");
  CHECK(store_in(folder).get(core::Digest()).error().code == "not-found");
}

TEST_CASE("what one store keeps another one that shares with it can show") {
  const TestFolder here;
  const TestFolder there;
  auto one = store_in(here);
  auto other = store_in(there);
  std::map<core::Digest, std::string> between;
  ContentStore::Elsewhere elsewhere{[&](const core::Digest& digest, std::string_view content) -> core::Result<void> {
                                      if (content == "too much")
                                        return core::Problem{"journal-full", "no room", "", "", true};
                                      between.emplace(digest, content);
                                      return {};
                                    },
                                    [&](const core::Digest& digest) -> core::Result<std::optional<std::string>> {
                                      const auto found = between.find(digest);
                                      return found == between.end() ? std::nullopt : std::optional(found->second);
                                    }};
  one.share(elsewhere);
  other.share(elsewhere);
  const auto digest = one.put("evidence").value();
  CHECK(other.get(digest).value() == "evidence");
  CHECK(other.get(sha256("never kept")).error().code == "not-found");
  // What is not kept everywhere is not kept.
  CHECK(one.put("too much").error().code == "journal-full");
  between[digest] = "something else";
  CHECK(one.get(digest).value() == "evidence");
  CHECK(other.get(digest).error().code == "damaged");
}

TEST_CASE("a damaged document is told from a missing one, and keeping it again heals it") {
  const TestFolder folder;
  auto store = store_in(folder);
  const auto digest = store.put("the truth").value();
  const auto file = folder / "store/blobs" / digest.hex().substr(0, 2) / digest.hex();
  CHECK(mode_of(file) == 0444);
  fs::permissions(file, fs::perms::owner_all);
  folder.write(file, "the lie!!");
  const auto damaged = store.get(digest);
  REQUIRE(damaged.has_error());
  CHECK(damaged.error().code == "damaged");
  CHECK(damaged.error().message.find(sha256("the lie!!").text()) != std::string::npos);
  CHECK(damaged.error().where == file.string());
  CHECK(store.put("the truth").value() == digest);
  CHECK(store.get(digest).value() == "the truth");
}

TEST_CASE("one flipped bit anywhere in a document is told, and never read") {
  const TestFolder folder;
  auto store = store_in(folder);
  const std::string document = R"({"rows": 120, "failed": 0})";
  const auto digest = store.put(document).value();
  const auto file = folder / "store/blobs" / digest.hex().substr(0, 2) / digest.hex();
  fs::permissions(file, fs::perms::owner_all);
  for (std::size_t bit = 0; bit < document.size() * 8; ++bit) {
    auto flipped = document;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    folder.write(file, flipped);
    const auto read = store.get(digest);
    REQUIRE(read.has_error());
    REQUIRE(read.error().code == "damaged");
    REQUIRE(read.error().where == file.string());
  }
}

TEST_CASE("a link in the place of a document is not followed") {
  const TestFolder folder;
  auto store = store_in(folder);
  const auto digest = sha256("outside");
  folder.write("outside", "outside");
  fs::create_directory(folder / "store/blobs" / digest.hex().substr(0, 2));
  fs::create_symlink(folder / "outside", folder / "store/blobs" / digest.hex().substr(0, 2) / digest.hex());
  CHECK(store.get(digest).error().code == "store-failed");
}

TEST_CASE("a document beyond the limit is refused with its size") {
  const TestFolder folder;
  const auto refused = store_in(folder).put(std::string(ContentStore::max_content + 1, 'x'));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == "too-large");
  CHECK(refused.error().message.find("67108865") != std::string::npos);
}

TEST_CASE("a tree's digest is what the documented shell command prints") {
  const TestFolder folder;
  for (const auto* name :
       {"model/MLmodel", "model/a-b", "model/a/b", "model/a.b", "z", "Z", "-n", "name with space", "gr\u00fc\u00dfe"})
    folder.write(fs::path("tree") / name, name);
  fs::create_directories(folder / "tree/empty");
  const auto printed =
      shell("cd '" + (folder / "tree").string() +
            "' && find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0r sha256sum -- | sha256sum");
  CHECK(tree_digest(folder / "tree").value().hex() == printed.substr(0, 64));
}

TEST_CASE("a tree without files has the digest of nothing") {
  const TestFolder folder;
  CHECK(tree_digest(folder.path()).value() == sha256(""));
}

TEST_CASE("a tree changes its digest with a name, a place or a byte") {
  const TestFolder folder;
  folder.write("a/x", "1");
  folder.write("b/y", "1");
  folder.write("c/x", "2");
  folder.write("d/e/x", "1");
  std::vector<core::Digest> digests;
  for (const auto* name : {"a", "b", "c", "d"}) digests.push_back(tree_digest(folder / name).value());
  std::sort(digests.begin(), digests.end());
  CHECK(std::unique(digests.begin(), digests.end()) == digests.end());
}

TEST_CASE("a kept tree is found by its digest, read-only, and can be removed") {
  const TestFolder folder;
  auto store = store_in(folder);
  const auto digest = store.put_tree(writes(folder, "data/weights.bin", "weights")).value();
  CHECK(digest == sha256(sha256("weights").hex() + "  data/weights.bin\n"));
  const auto tree = store.tree(digest).value();
  CHECK(tree == folder / "store/trees" / digest.hex());
  CHECK(mode_of(tree) == 0555);
  CHECK(mode_of(tree / "data") == 0555);
  CHECK(mode_of(tree / "data/weights.bin") == 0444);
  CHECK(tree_digest(tree).value() == digest);
  CHECK(fs::is_empty(folder / "store/incoming"));
  CHECK(remove_tree(tree));
  CHECK_FALSE(store.tree(digest).has_value());
}

TEST_CASE("a tree that is kept twice is there once, and a damaged copy is replaced") {
  const TestFolder folder;
  auto store = store_in(folder);
  const auto digest = store.put_tree(writes(folder, "model", "weights")).value();
  CHECK(store.put_tree(writes(folder, "model", "weights"), digest).value() == digest);
  const auto tree = store.tree(digest).value();
  fs::permissions(tree, fs::perms::owner_all);
  fs::permissions(tree / "model", fs::perms::owner_all);
  folder.write(tree / "model", "poison!");
  REQUIRE(tree_digest(tree).value() != digest);
  CHECK(store.put_tree(writes(folder, "model", "weights"), digest).value() == digest);
  CHECK(tree_digest(tree).value() == digest);
  CHECK(fs::is_empty(folder / "store/incoming"));
}

TEST_CASE("threads that keep the same tree and the same document at once all succeed") {
  const TestFolder folder;
  auto store = store_in(folder);
  std::atomic<int> failed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        const auto fill = [&](const fs::path& into) -> core::Result<void> {
          std::ofstream(into / "model") << "weights";
          return {};
        };
        for (int round = 0; round < 5; ++round)
          if (!store.put_tree(fill) || !store.put("evidence " + std::to_string(round))) ++failed;
      });
  }
  CHECK(failed == 0);
  CHECK(fs::is_empty(folder / "store/incoming"));
}

TEST_CASE("files with another digest than expected are not kept, and both digests are told") {
  const TestFolder folder;
  auto store = store_in(folder);
  const auto expected = sha256("something else");
  const auto refused = store.put_tree(writes(folder, "model", "weights"), expected);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == "digest-mismatch");
  CHECK(refused.error().message.find(expected.text()) != std::string::npos);
  CHECK(refused.error().message.find(sha256(sha256("weights").hex() + "  model\n").text()) != std::string::npos);
  CHECK(fs::is_empty(folder / "store/trees"));
  CHECK(fs::is_empty(folder / "store/incoming"));
}

TEST_CASE("trying a tree tells its digest and keeps nothing") {
  const TestFolder folder;
  auto store = store_in(folder);
  CHECK(store.try_tree(writes(folder, "model", "weights")).value() == sha256(sha256("weights").hex() + "  model\n"));
  CHECK(fs::is_empty(folder / "store/trees"));
  CHECK(fs::is_empty(folder / "store/incoming"));
}

TEST_CASE("a fill that fails or throws leaves nothing behind") {
  const TestFolder folder;
  auto store = store_in(folder);
  const auto fails = [](const fs::path& into) -> core::Result<void> {
    std::ofstream(into / "half") << "half";
    return core::Problem{"unreachable", "the registry went away", "registry", {}};
  };
  CHECK(store.put_tree(fails).error().code == "unreachable");
  CHECK(store.try_tree(fails).error().code == "unreachable");
  CHECK_THROWS(store.put_tree([](const fs::path&) -> core::Result<void> { throw std::runtime_error("bug"); }));
  CHECK(fs::is_empty(folder / "store/incoming"));
}
