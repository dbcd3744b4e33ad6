#include "tests/plugins/sources/git_story.hpp"

using namespace penstock;
using namespace penstock::sources::test;
namespace {
using Names = std::vector<std::string>;
}  // namespace

TEST_CASE("the first poll reports what is at the head, and an unchanged repository is reported once") {
  GitStory story;
  story.write("models/fraud/candidate.yaml", "model: fraud\nmetrics: {auc: 0.9}\ndata_contract: contract.yaml\n");
  story.write("models/fraud/weights.bin", "w1");
  const auto commit = story.push();
  const auto first = story.poll();
  REQUIRE(first.sightings.size() == 1);
  CHECK(first.problems.empty());
  const auto& candidate = first.sightings[0].candidate;
  CHECK(candidate.model == "fraud");
  CHECK(candidate.version == commit.substr(0, 12));
  CHECK(candidate.source == "repo");
  CHECK(candidate.git->commit == commit);
  CHECK(candidate.artifact->uri == "models/fraud");
  CHECK(candidate.metrics.at("auc") == 0.9);
  CHECK(candidate.authors == Names{"ada@example.org"});
  CHECK(first.sightings[0].submitter == "push@example.org");
  const auto second = story.poll(first.cursor);
  CHECK(second.sightings.empty());
  CHECK(second.cursor == first.cursor);
}

TEST_CASE("authors are all who committed since the head that was seen, co-authors too") {
  GitStory story;
  story.write("candidate.yaml", "model: m\n");
  story.push();
  const auto first = story.poll();
  story.write("weights", "1");
  story.push("Bob@example.org", "Tune\n\nCo-authored-by: Cleo <Cleo@Example.org>");
  story.write("weights", "2");
  story.push("dan@example.org");
  const auto second = story.poll(first.cursor);
  REQUIRE(second.sightings.size() == 1);
  CHECK(second.sightings[0].candidate.authors == Names{"dan@example.org", "bob@example.org", "cleo@example.org"});
}

TEST_CASE("a commit that touches neither the candidate file nor its folder makes no new candidate") {
  GitStory story;
  story.write("a/candidate.yaml", "model: a\nversion: \"1\"\n");
  story.write("b/candidate.yaml", "model: b\nversion: \"1\"\nartifact: ../shared\n");
  story.write("shared/weights", "1");
  story.push();
  const auto first = story.poll();
  CHECK(first.sightings.size() == 2);
  story.write("README", "hello");
  story.push();
  const auto second = story.poll(first.cursor);
  CHECK(second.sightings.empty());
  story.write("shared/weights", "2");
  story.push();
  const auto third = story.poll(second.cursor);
  REQUIRE(third.sightings.size() == 1);
  CHECK(third.sightings[0].candidate.model == "b");
}

TEST_CASE("a fetched candidate is the folder at its commit, also after the branch has moved and the mirror was lost") {
  GitStory story;
  story.write("m/candidate.yaml", "model: m\n");
  story.write("m/sub/weights", "one");
  story.write("outside", "not mine");
  story.push();
  const auto first = story.poll();
  story.write("m/sub/weights", "two");
  story.push();
  const auto& candidate = first.sightings.at(0).candidate;
  const auto check = [&](const std::string& name) {
    const auto copy = story.empty_folder(name);
    REQUIRE(why(story.fetch(candidate, copy)) == "");
    CHECK(read_file(copy / "sub/weights") == "one");
    CHECK(fs::exists(copy / "candidate.yaml"));
    CHECK_FALSE(fs::exists(copy / "outside"));
  };
  check("with-mirror");
  fs::remove_all(story.tools.scratch / "mirror.git");
  check("without-mirror");
  CHECK(story.fetch(candidate, story.empty_folder("small"), 5).error().code == "too-large");
}

TEST_CASE("a damaged mirror is made anew") {
  GitStory story;
  story.write("candidate.yaml", "model: m\n");
  story.push();
  const auto first = story.poll();
  write_file(story.tools.scratch / "mirror.git" / "HEAD", "nonsense");
  write_file(story.tools.scratch / "mirror.git" / "config", "[broken");
  story.write("weights", "2");
  story.push();
  CHECK(story.poll(first.cursor).sightings.size() == 1);
}

TEST_CASE("a force push is reported, a deleted branch is forgotten") {
  GitStory story;
  story.settings["branches"] = {"main", "release/*"};
  story.write("candidate.yaml", "model: m\n");
  story.push();
  story.git("checkout -q -b release/1");
  story.write("weights", "r");
  story.push();
  const auto first = story.poll();
  CHECK(first.sightings.size() == 2);
  story.git("reset -q --hard HEAD~1");
  story.write("weights", "rewritten");
  const auto commit = story.push("eve@example.org", "Rewrite", true);
  const auto second = story.poll(first.cursor);
  REQUIRE(second.sightings.size() == 1);
  CHECK(second.sightings[0].candidate.git->commit == commit);
  story.git("push -q " + story.bare.string() + " :release/1");
  const auto third = story.poll(second.cursor);
  CHECK(third.sightings.empty());
  CHECK(third.cursor.find("release/1") == std::string::npos);
}

TEST_CASE("an empty repository has no candidates, a HEAD that leads nowhere is told once") {
  GitStory story;
  CHECK(story.poll().sightings.empty());
  CHECK(story.poll().problems.empty());
  story.git("checkout -q -b other");
  story.write("candidate.yaml", "model: m\n");
  story.push();
  const auto lost = story.poll();
  REQUIRE(lost.problems.size() == 1);
  CHECK(lost.problems[0].code == "unborn-head");
  CHECK(story.poll(lost.cursor).problems.empty());
  story.settings["branches"] = {"oth*"};
  CHECK(story.poll(lost.cursor).sightings.size() == 1);
}

TEST_CASE("a branch whose name is not UTF-8 is told once, and hides no other") {
  GitStory story;
  story.settings["branches"] = {"*"};
  story.write("candidate.yaml", "model: m\n");
  story.push();
  story.git("push -q " + story.bare.string() + " \"HEAD:refs/heads/gr\xfc\xdf\"");
  const auto first = story.poll();
  CHECK(first.sightings.size() == 1);
  REQUIRE(first.problems.size() == 1);
  CHECK(first.problems[0].code == "unreadable-name");
  CHECK(first.problems[0].message.find("1 branches and tags that match are not looked at") == 0);
  const auto second = story.poll(first.cursor);
  CHECK(second.sightings.empty());
  CHECK(second.problems.empty());
  story.write("candidate.yaml", "model: m\nversion: \"2\"\n");
  story.push();
  CHECK(story.poll(second.cursor).sightings.size() == 1);
}

TEST_CASE("a broken candidate file is told with file and commit, once, and hides no other") {
  GitStory story;
  story.write("a/candidate.yaml", "model: a\nmetrics: [1]\n");
  story.write("b/candidate.yaml", "model: b\n");
  story.write("c/candidate.yaml", "model: c\nartifact: ../../etc\n");
  story.write("d/candidate.yaml", "version: \"1\"\n");
  const auto commit = story.push();
  const auto poll = story.poll();
  CHECK(poll.sightings.size() == 1);
  REQUIRE(poll.problems.size() == 3);
  CHECK(core::to_text(poll.problems[0]).find("a/candidate.yaml@" + commit.substr(0, 12)) != std::string::npos);
  CHECK(core::to_text(poll.problems[1]).find("inside the repository") != std::string::npos);
  CHECK(core::to_text(poll.problems[2]).find("`model`") != std::string::npos);
  story.write("README", "x");
  story.push();
  CHECK(story.poll(poll.cursor).problems.empty());
}

TEST_CASE("links, submodules and Git-LFS pointers in a candidate's folder are refused") {
  GitStory story;
  story.write("link/candidate.yaml", "model: l\n");
  fs::create_symlink("/etc/passwd", story.work / "link" / "passwd");
  story.write("lfs/candidate.yaml", "model: f\n");
  story.write("lfs/weights", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
  story.write("module/candidate.yaml", "model: s\n");
  story.git("update-index --add --cacheinfo 160000,0123456789abcdef0123456789abcdef01234567,module/sub");
  story.write("fine/candidate.yaml", "model: fine\n");
  // `git add -A` would drop the submodule, which is not there: committed by hand.
  story.git("add link lfs fine module/candidate.yaml && git -c user.name=A -c user.email=a@example.org commit -q -m x");
  story.git("push -q " + story.bare.string() + " HEAD");
  const auto poll = story.poll();
  REQUIRE(poll.sightings.size() == 1);
  CHECK(poll.sightings[0].candidate.model == "fine");
  std::string told;
  for (const auto& problem : poll.problems) told += core::to_text(problem) + "\n";
  CHECK(told.find("a symbolic link") != std::string::npos);
  CHECK(told.find("a submodule") != std::string::npos);
  CHECK(told.find("Git-LFS pointer") != std::string::npos);
  auto candidate = poll.sightings[0].candidate;
  candidate.artifact->uri = "link";
  CHECK(story.fetch(candidate, story.empty_folder("copy")).error().code == "unsafe-tree");
  candidate.artifact->uri = "lfs";
  CHECK(story.fetch(candidate, story.empty_folder("copy2")).error().code == "lfs-pointer");
  candidate.artifact->uri = "../..";
  CHECK(story.fetch(candidate, story.empty_folder("copy3")).error().code == "unsafe-name");
  candidate.artifact->uri = "fine";
  candidate.git->commit = std::string(40, '1');
  CHECK(story.fetch(candidate, story.empty_folder("copy4")).error().code == "not-found");
}

TEST_CASE("a tree that was made by hand to leave its folder is refused") {
  GitStory story;
  story.write("candidate.yaml", "model: m\n");
  story.push();
  const auto blob = story.git("hash-object -w candidate.yaml");
  write_file(story.work / "raw", "");
  shell("cd " + story.work.string() + " && { printf \"100644 ..\\0\"; printf %s " + blob +
        " | xxd -r -p; printf \"100644 candidate.yaml\\0\"; printf %s " + blob + " | xxd -r -p; } > raw");
  const auto tree = story.git("hash-object -t tree -w --literally raw");
  const auto commit = story.git("-c user.name=A -c user.email=a@example.org commit-tree -m evil " + tree);
  story.git("push -q --force " + story.bare.string() + " " + commit + ":refs/heads/main");
  const auto poll = story.poll();
  CHECK(poll.sightings.empty());
  REQUIRE(poll.problems.size() == 1);
  CHECK(poll.problems[0].code == "unsafe-tree");
}

TEST_CASE("many refs are handled in portions and none is lost") {
  GitStory story;
  story.settings["branches"] = {"b*"};
  story.write("candidate.yaml", "model: m\n");
  story.push();
  story.git("push -q " + story.bare.string() + " $(for i in $(seq 120); do echo HEAD:refs/heads/b$i; done)");
  std::string cursor;
  std::size_t seen = 0;
  int polls = 0;
  for (bool more = true; more; ++polls) {
    const auto poll = story.poll(cursor);
    seen += poll.sightings.size();
    cursor = poll.cursor;
    more = poll.more;
  }
  CHECK(seen == 120);
  CHECK(polls == 3);
}

TEST_CASE("configuration and hooks of the repository and of the daemon's user are not followed") {
  GitStory story;
  story.write("candidate.yaml", "model: m\n");
  story.push();
  write_file(story.folder.path() / "home" / ".gitconfig", "[url \"file:///nowhere/\"]\n\tinsteadOf = file:///\n");
  const std::string home = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
  ::setenv("HOME", (story.folder.path() / "home").c_str(), 1);
  const auto poll = story.try_poll();
  ::setenv("HOME", home.c_str(), 1);
  REQUIRE(why(poll) == "");
  CHECK(poll->sightings.size() == 1);
}

TEST_CASE("only addresses that were meant are taken") {
  const auto refused = [](nlohmann::json with) {
    const auto made = sources::git_kind().make("s", with);
    return made ? std::string() : core::to_text(made.error());
  };
  CHECK(refused({{"url", "file:///srv/x.git"}}).find("allow_local") != std::string::npos);
  CHECK(refused({{"url", "ssh://git@example.org/x.git"}}).find("https") != std::string::npos);
  CHECK(refused({{"url", "ssh://example.org/x.git"}}).find("https") != std::string::npos);
  CHECK(refused({{"url", "/srv/models.git"}}).find("needed is https") != std::string::npos);
  CHECK(refused({{"url", "ext::sh -c x"}}) != "");
  const auto secret = refused({{"url", "https://me:hunter2@example.org/x.git"}});
  CHECK(secret.find("credentials") != std::string::npos);
  CHECK(secret.find("hunter2") == std::string::npos);
  const auto token = refused({{"url", "https://example.org/x.git?private_token=hunter2"}});
  CHECK(token.find("credentials") != std::string::npos);
  CHECK(token.find("hunter2") == std::string::npos);
  CHECK(refused({{"url", "git://example.org/x.git"}, {"credentials", "c"}}).find("unencrypted") != std::string::npos);
  CHECK(refused({{"url", "http://example.org/x.git"}, {"credentials", "c"}}).find("unencrypted") != std::string::npos);
  CHECK(refused({{"url", "https://example.org/x.git"}, {"credentials", "c"}}) == "");
}
