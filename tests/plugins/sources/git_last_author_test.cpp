// Who edited a file last, asked of repositories made with the git command.
#include "plugins/sources/git_last_author.hpp"

#include <fstream>

#include "tests/plugins/sources/git_story.hpp"

using namespace penstock;
using namespace penstock::sources;
namespace fs = std::filesystem;

namespace {

struct EditorStory : test::GitStory {
  static std::string text_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  core::Result<std::string> ask(const fs::path& file) const { return git_last_author(file, text_of(file)); }
  std::string editor(const std::string& name = "policies/p.yaml") const {
    const auto found = ask(work / name);
    return found ? *found : found.error().code;
  }
};

}  // namespace

TEST_CASE("the last editor is the author of the last commit that changed the file") {
  EditorStory story;
  story.write("policies/p.yaml", "one");
  story.push("ada@example.org");
  CHECK(story.editor() == "ada@example.org");
  story.write("policies/p.yaml", "two");
  story.push("Eve@Example.org");
  CHECK(story.editor() == "eve@example.org");
  story.write("policies/other.yaml", "three");
  story.push("bob@example.org");
  CHECK(story.editor() == "eve@example.org");
  CHECK(story.editor("policies/other.yaml") == "bob@example.org");
}

TEST_CASE("who takes a change back has edited the file") {
  EditorStory story;
  for (const auto& [content, author] : {std::pair("one", "ada@example.org"), std::pair("two", "eve@example.org"),
                                        std::pair("one", "bob@example.org")}) {
    story.write("policies/p.yaml", content);
    story.push(author);
  }
  CHECK(story.editor() == "bob@example.org");
}

TEST_CASE("a change that came by a merge is of who made it, and one made in the merge is of who merged") {
  EditorStory story;
  story.write("policies/p.yaml", "one\n\n\n\ntwo\n");
  story.push("ada@example.org");
  story.git("checkout -q -b side");
  story.write("policies/p.yaml", "one\n\n\n\nTWO\n");
  story.push("eve@example.org");
  story.git("checkout -q main");
  story.write("other", "x");
  story.push("bob@example.org");
  const std::string merge =
      "-c user.name=M -c user.email=merge@example.org -c commit.gpgsign=false merge -q --no-ff -m Merge side";
  story.git(merge);
  CHECK(story.editor() == "eve@example.org");
  CHECK(story.editor("other") == "bob@example.org");

  story.git("checkout -q -b both HEAD~1");
  story.write("policies/p.yaml", "ONE\n\n\n\ntwo\n");
  story.push("cyd@example.org");
  story.git(merge);
  CHECK(EditorStory::text_of(story.work / "policies/p.yaml") == "ONE\n\n\n\nTWO\n");
  CHECK(story.editor() == "merge@example.org");
}

TEST_CASE("what is not committed has no editor whom anybody knows") {
  EditorStory story;
  story.write("policies/p.yaml", "one");
  CHECK(story.editor() == "not-committed");
  story.git("add -A");
  CHECK(story.editor() == "not-committed");
  story.push("ada@example.org");
  story.write("policies/new.yaml", "one");
  CHECK(story.editor("policies/new.yaml") == "not-committed");
  story.write("policies/p.yaml", "two");
  CHECK(story.editor() == "uncommitted-changes");
  story.git("add -A");
  CHECK(story.editor() == "uncommitted-changes");
  story.write("policies/p.yaml", "one");
  CHECK(story.editor() == "ada@example.org");
}

TEST_CASE("what was read counts, not what is there when git looks, whatever the file's times say") {
  EditorStory story;
  story.write("policies/p.yaml", "one");
  story.push("ada@example.org");
  const auto file = story.work / "policies/p.yaml";
  CHECK(git_last_author(file, "two").error().code == "uncommitted-changes");
  const auto time = fs::last_write_time(file);
  story.git("status --short");
  story.write("policies/p.yaml", "two");  // as long as before
  fs::last_write_time(file, time);
  CHECK(story.editor() == "uncommitted-changes");
}

TEST_CASE("a renamed policy is of who renamed it") {
  EditorStory story;
  story.write("policies/p.yaml", "one");
  story.push("ada@example.org");
  story.git("mv policies/p.yaml policies/q.yaml");
  story.push("eve@example.org");
  CHECK(story.editor("policies/q.yaml") == "eve@example.org");
}

TEST_CASE("links are followed to what is read") {
  EditorStory story;
  story.write("policies/p.yaml", "one");
  story.push("ada@example.org");
  const auto outside = story.empty_folder("outside");
  fs::create_directory_symlink(story.work, outside / "definitions");
  CHECK(*story.ask(outside / "definitions/policies/p.yaml") == "ada@example.org");
  fs::create_symlink(story.work / "policies/p.yaml", outside / "p.yaml");
  CHECK(*story.ask(outside / "p.yaml") == "ada@example.org");
  // Committed is where the link leads, not what it says there.
  test::write_file(outside / "real.yaml", "one");
  fs::create_symlink(outside / "real.yaml", story.work / "policies/link.yaml");
  story.push("eve@example.org");
  CHECK(story.editor("policies/link.yaml") == "no-work-tree");
}

TEST_CASE("without a work tree nobody knows, and it is told what helps") {
  EditorStory story;
  const auto outside = story.empty_folder("outside");
  test::write_file(outside / "p.yaml", "one");
  const auto found = story.ask(outside / "p.yaml");
  CHECK(found.error().code == "no-work-tree");
  CHECK(found.error().hint == "keep the gate definitions in a clone of a git repository");
  CHECK_FALSE(found.error().transient);
  CHECK(git_last_author(outside / "gone.yaml", "").error().code == "no-work-tree");
  test::write_file(story.bare / "p.yaml", "one");
  CHECK(story.ask(story.bare / "p.yaml").error().code == "no-work-tree");
}

TEST_CASE("a linked work tree is one") {
  EditorStory story;
  story.write("policies/p.yaml", "one");
  story.push("ada@example.org");
  const auto second = story.folder.path() / "second";
  story.git("worktree add -q " + second.string());
  CHECK(*story.ask(second / "policies/p.yaml") == "ada@example.org");
}

TEST_CASE("a shallow clone only knows whom it holds") {
  EditorStory story;
  story.write("policies/p.yaml", "one");
  story.push("ada@example.org");
  story.write("other", "one");
  story.push("bob@example.org");
  const auto shallow = story.folder.path() / "shallow";
  test::shell("git clone -q --depth 1 file://" + story.bare.string() + " " + shallow.string());
  const auto found = story.ask(shallow / "policies/p.yaml");
  REQUIRE_FALSE(found);
  CHECK(found.error().code == "no-history");
  CHECK(found.error().hint == "make the clone whole: git fetch --unshallow");
  // Even what the newest commit seems to have made may only be what it was cut off with.
  CHECK(story.ask(shallow / "other").error().code == "no-history");
}

TEST_CASE("a commit without an address names nobody") {
  EditorStory story;
  story.write("policies/p.yaml", "one");
  story.git("add -A && git -c user.name=A -c user.email= commit -q -m Change");
  CHECK(story.editor() == "no-author");
}

TEST_CASE("a damaged repository is a problem, not an editor") {
  EditorStory story;
  story.write("policies/p.yaml", "one");
  story.push("ada@example.org");
  fs::remove_all(story.work / ".git/objects");
  fs::create_directories(story.work / ".git/objects");
  CHECK(story.editor() == "no-history");
}
