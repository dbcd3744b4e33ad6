#include "tests/plugins/sources/mlflow_story.hpp"

using namespace penstock;
using namespace penstock::sources::test;
using namespace std::chrono_literals;

namespace {

void put_model(FakeMlflow& server) {
  server.version("fraud", 1, 1000);
  server.file("0/models/m-1/artifacts/MLmodel", "flavors: {}");
  server.file("0/models/m-1/artifacts/code dir/a+b%.py", "pass");
  server.file("0/models/m-1/artifacts/empty", "");
}

std::string code_of(const core::Result<void>& result) { return result ? "" : result.error().code; }

}  // namespace

TEST_CASE("the files of a logged model are fetched through the server") {
  MlflowStory story;
  put_model(story.server);
  const auto copy = story.empty_folder("copy");
  REQUIRE(why(story.fetch("fraud", "1", copy)) == "");
  CHECK(read_file(copy / "MLmodel") == "flavors: {}");
  CHECK(read_file(copy / "code dir" / "a+b%.py") == "pass");
  CHECK(fs::file_size(copy / "empty") == 0);
}

TEST_CASE("runs:/, models:/ and mlflow-artifacts: sources are followed") {
  MlflowStory story;
  put_model(story.server);
  story.server.file("0/r1/artifacts/model/MLmodel", "of the run");
  story.server.run("r1", {{"info", {{"artifact_uri", "mlflow-artifacts:/0/r1/artifacts"}}}});
  story.server.version("run", 1, 1000, {{"source", "runs:/r1/model"}});
  story.server.version("copy", 1, 1000, {{"source", "models:/fraud/1"}});
  story.server.version("direct", 1, 1000, {{"source", "mlflow-artifacts:/0/r1/artifacts/model"}});
  story.server.version("host", 1, 1000,
                       {{"source", "mlflow-artifacts://" + story.server.url().substr(7) + "/0/r1/artifacts/model"}});
  for (const std::string name : {"run", "copy", "direct", "host"}) {
    INFO(name);
    const auto copy = story.empty_folder("of-" + name);
    CHECK(why(story.fetch(name, "1", copy)) == "");
    CHECK(fs::exists(copy / "MLmodel"));
  }
}

TEST_CASE("what the server does not hand out is refused with what to do") {
  MlflowStory story;
  for (const std::string source : {"s3://bucket/model", "file:///srv/models", "/srv/models",
                                   "https://elsewhere.example.org/x", "mlflow-artifacts://elsewhere.example.org/0/x"}) {
    INFO(source);
    story.server.version("m", 1, 1000, {{"source", source}});
    const auto fetched = story.fetch("m", "1", story.empty_folder("copy"));
    REQUIRE_FALSE(fetched);
    CHECK(fetched.error().code == "not-through-server");
    CHECK(fetched.error().message.find(source) != std::string::npos);
    CHECK(fetched.error().hint.find("--serve-artifacts") != std::string::npos);
  }
  story.server.version("loop", 1, 1000, {{"source", "models:/loop/1"}});
  CHECK(code_of(story.fetch("loop", "1", story.empty_folder("copy"))) == "not-found");
  CHECK(code_of(story.fetch("none", "1", story.empty_folder("copy"))) == "not-found");
  story.server.version("bare", 1, 1000);
  CHECK(code_of(story.fetch("bare", "1", story.empty_folder("copy"))) == "not-found");
  story.server.version("lost", 1, 1000, {{"source", "runs:/nowhere/model"}});
  CHECK(code_of(story.fetch("lost", "1", story.empty_folder("copy"))) == "not-found");
}

TEST_CASE("names that leave the folder are refused and nothing is written outside") {
  MlflowStory story;
  put_model(story.server);
  for (const std::string name : {"../evil", "..", "/etc/evil", "a/../../evil", "a\\b", "a/b", ""}) {
    INFO(name);
    const nlohmann::json list{{"files", {{{"path", name}, {"is_dir", false}, {"file_size", 1}}}}};
    story.server.answer("artifacts?path=", FakeMlflow::http(200, list.dump()));
    CHECK(code_of(story.fetch("fraud", "1", story.empty_folder("copy"))) == "unsafe-name");
  }
  story.server.behave();
  story.server.version("up", 1, 1000, {{"source", "mlflow-artifacts:/0/../../etc"}});
  CHECK(code_of(story.fetch("up", "1", story.empty_folder("copy"))) == "unsafe-name");
  CHECK_FALSE(fs::exists(story.folder.path() / "evil"));
}

TEST_CASE("an artifact is bounded in bytes, files, depth and time") {
  MlflowStory story;
  put_model(story.server);
  CHECK(code_of(story.fetch("fraud", "1", story.empty_folder("small"), 12)) == "too-large");
  // A server that lists less than it sends.
  const nlohmann::json list{{"files", {{{"path", "MLmodel"}, {"is_dir", false}}}}};
  story.server.answer("artifacts?path=", FakeMlflow::http(200, list.dump()));
  CHECK(code_of(story.fetch("fraud", "1", story.empty_folder("unlisted"), 5)) == "too-large");
  const nlohmann::json wrong{{"files", {{{"path", "MLmodel"}, {"is_dir", false}, {"file_size", 3}}}}};
  story.server.answer("artifacts?path=", FakeMlflow::http(200, wrong.dump()));
  CHECK(code_of(story.fetch("fraud", "1", story.empty_folder("wrong"))) == "incomplete");
  // A folder inside itself, without end.
  const nlohmann::json endless{{"files", {{{"path", "d"}, {"is_dir", true}}}}};
  story.server.answer("artifacts?path=", FakeMlflow::http(200, endless.dump()));
  CHECK(code_of(story.fetch("fraud", "1", story.empty_folder("deep"))) == "too-large");
  nlohmann::json many{{"files", nlohmann::json::array()}};
  for (int i = 0; i < 10'001; ++i) many["files"].push_back({{"path", "d" + std::to_string(i)}, {"is_dir", true}});
  story.server.answer("artifacts?path=", FakeMlflow::http(200, many.dump()));
  CHECK(code_of(story.fetch("fraud", "1", story.empty_folder("many"))) == "too-large");
  story.server.behave();
  story.server.answer("artifacts/MLmodel", "");
  CHECK(code_of(story.fetch("fraud", "1", story.empty_folder("late"), 1 << 20, 200ms)) == "timeout");
}

TEST_CASE("the same name twice in a list overwrites nothing") {
  MlflowStory story;
  put_model(story.server);
  const nlohmann::json entry{{"path", "MLmodel"}, {"is_dir", false}};
  story.server.answer("artifacts?path=", FakeMlflow::http(200, nlohmann::json{{"files", {entry, entry}}}.dump()));
  CHECK(story.fetch("fraud", "1", story.empty_folder("copy")).has_error());
}
