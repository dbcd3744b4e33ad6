#include <sys/stat.h>

#include "plugins/sources/sources.hpp"
#include "tests/catch.hpp"
#include "tests/plugins/sources/source_world.hpp"

using namespace penstock;
using namespace penstock::sources::test;
using namespace std::chrono_literals;

namespace {

struct DirectoryStory : SourceWorld {
  fs::path root = empty_folder("models");
  std::unique_ptr<sdk::Source> source = make({});

  std::unique_ptr<sdk::Source> make(nlohmann::json with) {
    with["root"] = root.string();
    auto made = sources::directory_kind().make("folders", with);
    REQUIRE(why(made) == "");
    return std::move(*made);
  }
  void add(const std::string& model, const std::string& version, const std::string& candidate_file = "") {
    write_file(root / model / version / "model.bin", model + version);
    write_file(root / model / version / "code" / "a.py", "pass");
    if (!candidate_file.empty()) write_file(root / model / version / "candidate.yaml", candidate_file);
    mark(model, version);
  }
  void mark(const std::string& model, const std::string& version) {
    write_file(root / model / version / ".complete", "");
  }
  sdk::Poll poll(const std::string& cursor = "") {
    auto result = source->poll(cursor, in(5s), tools);
    REQUIRE(why(result) == "");
    return std::move(*result);
  }
};

std::vector<std::string> versions(const sdk::Poll& poll) {
  std::vector<std::string> found;
  for (const auto& sighting : poll.sightings)
    found.push_back(sighting.candidate.model + "/" + sighting.candidate.version);
  return found;
}
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a folder is a version once its marker is there, and only once") {
  DirectoryStory story;
  story.add("fraud", "1");
  write_file(story.root / "fraud" / "2" / "model.bin", "half");
  auto first = story.poll();
  CHECK(versions(first) == Names{"fraud/1"});
  CHECK(first.sightings[0].candidate.source == "folders");
  CHECK(first.sightings[0].candidate.registry.at("kind") == "directory");
  auto second = story.poll(first.cursor);
  CHECK(second.sightings.empty());
  CHECK(second.cursor == first.cursor);
  story.mark("fraud", "2");
  CHECK(versions(story.poll(second.cursor)) == Names{"fraud/2"});
}

TEST_CASE("a version whose marker is older than what was seen is not missed") {
  DirectoryStory story;
  story.add("fraud", "2");
  const auto first = story.poll();
  story.add("fraud", "1");
  fs::last_write_time(story.root / "fraud/1/.complete", fs::file_time_type::clock::now() - 1000h);
  CHECK(versions(story.poll(first.cursor)) == Names{"fraud/1"});
}

TEST_CASE("writing the marker anew reports the version again, oldest first") {
  DirectoryStory story;
  story.add("fraud", "1");
  story.add("fraud", "2");
  const auto first = story.poll();
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(story.root / "fraud/1/.complete", now + 2s);
  fs::last_write_time(story.root / "fraud/2/.complete", now + 1s);
  CHECK(versions(story.poll(first.cursor)) == Names{"fraud/2", "fraud/1"});
}

TEST_CASE("a candidate file in the folder is read, and may not contradict the folders") {
  DirectoryStory story;
  story.add("fraud", "1", "metrics: {auc: 0.9}\ndata_sets: {training: a.csv}\nauthors: [ada]\nlabels: {team: risk}\n");
  story.add("fraud", "2", "model: other\n");
  story.add("fraud", "3", "nonsense: 1\n");
  const auto poll = story.poll();
  REQUIRE(poll.sightings.size() == 1);
  CHECK(poll.sightings[0].candidate.metrics.at("auc") == 0.9);
  CHECK(poll.sightings[0].candidate.authors == Names{"ada"});
  REQUIRE(poll.problems.size() == 2);
  CHECK(core::to_text(poll.problems[0]).find("fraud/2") != std::string::npos);
  CHECK(core::to_text(poll.problems[1]).find("fraud/3/candidate.yaml:1:1") != std::string::npos);
  const auto again = story.poll(poll.cursor);
  CHECK(again.problems.empty());
}

TEST_CASE("links are never followed") {
  DirectoryStory story;
  story.add("fraud", "1");
  write_file(story.folder.path() / "secret" / "1" / ".complete", "");
  fs::create_directory_symlink(story.folder.path() / "secret", story.root / "linked");
  fs::create_directory_symlink(story.folder.path() / "secret" / "1", story.root / "fraud" / "9");
  write_file(story.root / "fraud" / "8" / "model.bin", "x");
  fs::create_symlink(story.folder.path() / "secret" / "1" / ".complete", story.root / "fraud" / "8" / ".complete");
  const auto poll = story.poll();
  CHECK(versions(poll) == Names{"fraud/1"});

  fs::create_symlink("/etc/passwd", story.root / "fraud" / "1" / "code" / "passwd");
  const auto fetched =
      story.source->fetch(poll.sightings[0].candidate, story.empty_folder("copy"), 1 << 20, story.in(5s), story.tools);
  REQUIRE_FALSE(fetched);
  CHECK(fetched.error().code == "unsafe-tree");
  CHECK(core::to_text(fetched.error()).find("passwd") != std::string::npos);
}

TEST_CASE("a pipe in a version is refused and not waited for") {
  DirectoryStory story;
  story.add("fraud", "1");
  REQUIRE(::mkfifo((story.root / "fraud/1/pipe").c_str(), 0600) == 0);
  const auto poll = story.poll();
  const auto fetched =
      story.source->fetch(poll.sightings[0].candidate, story.empty_folder("copy"), 1 << 20, story.in(5s), story.tools);
  REQUIRE_FALSE(fetched);
  CHECK(fetched.error().code == "unsafe-tree");
}

TEST_CASE("fetching copies the files and not the marker, within the limits") {
  DirectoryStory story;
  story.add("fraud", "1", "labels: {a: b}\n");
  const auto poll = story.poll();
  const auto& candidate = poll.sightings.at(0).candidate;
  const auto copy = story.empty_folder("copy");
  REQUIRE(why(story.source->fetch(candidate, copy, 1 << 20, story.in(5s), story.tools)) == "");
  CHECK(read_file(copy / "model.bin") == "fraud1");
  CHECK(read_file(copy / "code/a.py") == "pass");
  CHECK(fs::exists(copy / "candidate.yaml"));
  CHECK_FALSE(fs::exists(copy / ".complete"));

  const auto small = story.source->fetch(candidate, story.empty_folder("small"), 9, story.in(5s), story.tools);
  REQUIRE_FALSE(small);
  CHECK(small.error().code == "too-large");
  const auto late = story.source->fetch(candidate, story.empty_folder("late"), 1 << 20, story.in(-1s), story.tools);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == "timeout");
}

TEST_CASE("a candidate that was submitted with a path for a name fetches nothing") {
  DirectoryStory story;
  story.add("fraud", "1");
  core::Candidate candidate;
  candidate.model = "..";
  candidate.version = "secret";
  CHECK(story.source->fetch(candidate, story.empty_folder("copy"), 1 << 20, story.in(5s), story.tools).error().code ==
        "unsafe-name");
}

TEST_CASE("many versions are reported in portions and none is lost") {
  DirectoryStory story;
  for (int i = 0; i < 250; ++i) {
    write_file(story.root / "m" / std::to_string(i) / "f", "");
    story.mark("m", std::to_string(i));
  }
  std::set<std::string> all;
  std::string cursor;
  int polls = 0;
  for (bool more = true; more; ++polls) {
    const auto poll = story.poll(cursor);
    for (const auto& name : versions(poll)) CHECK(all.insert(name).second);
    cursor = poll.cursor;
    more = poll.more;
  }
  CHECK(all.size() == 250);
  CHECK(polls == 2);
}

TEST_CASE("a root that is away is a problem and not an empty answer") {
  DirectoryStory story;
  fs::remove_all(story.root);
  const auto poll = story.source->poll("", story.in(5s), story.tools);
  REQUIRE_FALSE(poll);
  CHECK(core::to_text(poll.error()).find(story.root.string()) != std::string::npos);
}

TEST_CASE("more versions than the source may hold are a problem that says what to do") {
  DirectoryStory story;
  story.add("m", "1");
  story.add("m", "2");
  story.source = story.make({{"max_versions", 1}});
  const auto poll = story.source->poll("", story.in(5s), story.tools);
  REQUIRE_FALSE(poll);
  CHECK(poll.error().hint.find("max_versions") != std::string::npos);
}

TEST_CASE("a directory source needs an absolute root and a marker that is a name") {
  const auto kind = sources::directory_kind();
  CHECK(kind.make("s", {{"root", "models"}}).has_error());
  CHECK(kind.make("s", {{"root", "/models"}, {"marker", "../x"}}).has_error());
  CHECK(kind.make("s", {{"root", "/models"}, {"rot", 1}}).has_error());
}
