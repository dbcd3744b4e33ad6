#include "tests/plugins/sources/mlflow_story.hpp"

using namespace penstock;
using namespace penstock::sources::test;
using namespace std::chrono_literals;
using Names = std::vector<std::string>;
using Json = nlohmann::json;

TEST_CASE("a model version becomes a candidate with its run's metrics, people and commit") {
  MlflowStory story;
  story.server.version("fraud", 7, 1000,
                       {{"run_id", "r1"},
                        {"user_id", "ada"},
                        {"metrics", {{{"key", "auc"}, {"value", "0.93"}}, {{"key", "bad"}, {"value", "NaN"}}}},
                        {"tags",
                         {{{"key", "penstock.data_set.training"}, {"value", "wine/2026-11.csv"}},
                          {{"key", "penstock.label.team"}, {"value", "risk"}},
                          {{"key", "penstock.data_contract"}, {"value", "contract.yaml"}},
                          {{"key", "other"}, {"value", "x"}}}}});
  const std::string commit = "0123456789abcdef0123456789abcdef01234567";
  story.server.run(
      "r1", {{"info", {{"user_id", "bob"}, {"artifact_uri", "mlflow-artifacts:/0/r1/artifacts"}}},
             {"data",
              {{"metrics", {{{"key", "loss"}, {"value", 0.1}}}},
               {"tags",
                {{{"key", "mlflow.source.git.commit"}, {"value", commit}},
                 {{"key", "mlflow.source.git.repoURL"}, {"value", "https://u:secret@git.example.org/x.git"}}}}}}});
  const auto poll = story.poll();
  REQUIRE(poll.sightings.size() == 1);
  const auto& candidate = poll.sightings[0].candidate;
  CHECK(candidate.model == "fraud");
  CHECK(candidate.version == "7");
  CHECK(candidate.source == "registry");
  CHECK(candidate.registry == std::map<std::string, std::string>{{"kind", "mlflow"},
                                                                 {"endpoint", "main"},
                                                                 {"name", "fraud"},
                                                                 {"version", "7"},
                                                                 {"run_id", "r1"},
                                                                 {"source", "models:/m-7"}});
  CHECK(candidate.metrics == std::map<std::string, double>{{"auc", 0.93}, {"loss", 0.1}});
  CHECK(candidate.data_sets.at("training") == "wine/2026-11.csv");
  CHECK(candidate.data_contract == "contract.yaml");
  CHECK(candidate.labels == std::map<std::string, std::string>{{"team", "risk"}});
  CHECK(candidate.authors == Names{"ada", "bob"});
  CHECK(candidate.git->commit == commit);
  CHECK(candidate.git->repository == "https://git.example.org/x.git");
  CHECK(poll.sightings[0].submitter == "ada");
  CHECK(story.poll(poll.cursor).sightings.empty());
}

TEST_CASE("credentials in a version's source are left out of the candidate") {
  MlflowStory story;
  story.server.version("fraud", 7, 1000, {{"source", "sftp://ci:hunter2@files.example.org/m?sig=hunter2&v=1"}});
  const auto poll = story.poll();
  REQUIRE(poll.sightings.size() == 1);
  const auto& candidate = poll.sightings[0].candidate;
  CHECK(candidate.artifact->uri == "sftp://files.example.org/m?v=1");
  CHECK(candidate.registry.at("source") == candidate.artifact->uri);
}

TEST_CASE("versions come oldest first over many pages, and a second poll reads only the newest page") {
  MlflowStory story;
  story.settings["page_size"] = 3;
  for (int i = 1; i <= 20; ++i) story.server.version("m", i, i * 1'000'000);
  const auto first = story.poll();
  REQUIRE(first.sightings.size() == 20);
  CHECK(versions(first).front() == "m/1");
  CHECK(versions(first).back() == "m/20");
  story.server.forget();
  story.server.version("m", 21, 21'000'000);
  const auto second = story.poll(first.cursor);
  CHECK(versions(second) == Names{"m/21"});
  CHECK(story.server.asked("model-versions/search") == 1);
}

TEST_CASE("versions of the same millisecond, and those that show up a little late, are not missed") {
  MlflowStory story;
  story.server.version("a", 1, 1'000'000);
  const auto first = story.poll();
  story.server.version("a", 2, 1'000'000);
  story.server.version("b", 1, 1'000'000, {{"creation_timestamp", "1000000"}});
  const auto second = story.poll(first.cursor);
  CHECK(versions(second) == Names{"a/2", "b/1"});
  story.server.version("late", 1, 970'000);
  story.server.version("new", 1, 1'000'500);
  const auto third = story.poll(second.cursor);
  CHECK(versions(third) == Names{"late/1", "new/1"});
  CHECK(story.poll(third.cursor).sightings.empty());
}

TEST_CASE("many versions are reported in portions, also when a portion ends within one millisecond") {
  MlflowStory story;
  for (int i = 0; i < 230; ++i) story.server.version("m", i, 5'000'000 + i / 150);
  std::set<std::string> all;
  std::string cursor;
  int polls = 0;
  for (bool more = true; more; ++polls) {
    const auto poll = story.poll(cursor);
    for (const auto& name : versions(poll)) CHECK(all.insert(name).second);
    cursor = poll.cursor;
    more = poll.more;
  }
  CHECK(all.size() == 230);
  CHECK(polls == 3);
}

TEST_CASE("a version that is being registered is reported once it is ready, and holds up no other") {
  MlflowStory story;
  story.server.version("slow", 1, 1'000'000, {{"status", "PENDING_REGISTRATION"}});
  story.server.version("m", 1, 9'000'000);
  const auto first = story.poll();
  CHECK(versions(first) == Names{"m/1"});
  const auto second = story.poll(first.cursor);
  CHECK(second.sightings.empty());
  story.server.version("slow", 1, 1'000'000);
  const auto third = story.poll(second.cursor);
  CHECK(versions(third) == Names{"slow/1"});
  CHECK(story.poll(third.cursor).sightings.empty());
}

TEST_CASE("a version that never becomes ready is told in the end, and a deleted one is forgotten") {
  MlflowStory story;
  story.settings["pending_for"] = "1h";
  story.server.version("stuck", 1, 1'000'000, {{"status", "PENDING_REGISTRATION"}});
  story.server.version("gone", 1, 1'000'000, {{"status", "PENDING_REGISTRATION"}});
  const auto first = story.poll();
  story.server.remove("gone", 1);
  story.clock.shift = 2h;
  const auto second = story.poll(first.cursor);
  REQUIRE(second.problems.size() == 1);
  CHECK(second.problems[0].where.find("stuck version 1") != std::string::npos);
  CHECK(second.problems[0].message.find("PENDING_REGISTRATION") != std::string::npos);
  CHECK(story.poll(second.cursor).problems.empty());
}

TEST_CASE("a version that could not be registered is told once") {
  MlflowStory story;
  story.server.version("m", 1, 1'000'000, {{"status", "FAILED_REGISTRATION"}, {"status_message", "disk full"}});
  const auto first = story.poll();
  REQUIRE(first.problems.size() == 1);
  CHECK(first.problems[0].message.find("disk full") != std::string::npos);
  CHECK(story.poll(first.cursor).problems.empty());
}

TEST_CASE("a version whose run cannot be read waits for it, and one whose run was deleted does not") {
  MlflowStory story;
  story.server.version("m", 1, 1'000'000, {{"run_id", "away"}});
  story.server.version("m", 2, 1'000'001, {{"run_id", "deleted"}});
  story.server.answer("run_id=away", FakeMlflow::http(500, "oops"));
  const auto first = story.poll();
  CHECK(versions(first) == Names{"m/2"});
  story.server.behave();
  story.server.run("away", {{"info", {{"user_id", "bob"}}}});
  const auto second = story.poll(first.cursor);
  REQUIRE(versions(second) == Names{"m/1"});
  CHECK(second.sightings[0].candidate.authors == Names{"bob"});
}

TEST_CASE("only models that are wanted are reported, and prompts never") {
  MlflowStory story;
  story.settings["models"] = {"fraud-*", "churn"};
  story.server.version("fraud-eu", 1, 1000);
  story.server.version("churn", 1, 1001);
  story.server.version("other", 1, 1002);
  story.server.version("fraud-prompt", 1, 1003, {{"tags", {{{"key", "mlflow.prompt.is_prompt"}, {"value", "true"}}}}});
  const auto first = story.poll();
  CHECK(versions(first) == Names{"fraud-eu/1", "churn/1"});
  story.settings["models"] = {"other"};
  CHECK(versions(story.poll(first.cursor)) == Names{"other/1"});
  CHECK(story.server.asked("filter=name%3D%27other%27") == 1);
}

TEST_CASE("with a ready tag a version waits for the tag, and old ones without it are passed over quietly") {
  MlflowStory story;
  story.settings["ready_tag"] = "penstock.ready";
  const auto now = story.clock.now().time_since_epoch().count();
  story.server.version("old", 1, 1'000'000);
  story.server.version("m", 1, now);
  const auto first = story.poll();
  CHECK(first.sightings.empty());
  CHECK(first.problems.empty());
  CHECK(first.cursor.find("old") == std::string::npos);
  story.server.version("m", 1, now, {{"tags", {{{"key", "penstock.ready"}, {"value", "yes"}}}}});
  CHECK(versions(story.poll(first.cursor)) == Names{"m/1"});
}

TEST_CASE("an unreadable cursor starts anew") {
  MlflowStory story;
  story.server.version("m", 1, 1000);
  CHECK(story.poll("garbage").sightings.size() == 1);
  CHECK(story.poll(R"({"format":1,"scope":"other"})").sightings.size() == 1);
}

TEST_CASE(
    "a server that fails, redirects, talks nonsense or is something else is a problem and not an empty registry") {
  MlflowStory story;
  const auto problem = [&](const std::string& raw) {
    story.server.answer("search", raw);
    const auto poll = story.try_poll();
    REQUIRE_FALSE(poll);
    return poll.error();
  };
  CHECK(problem(FakeMlflow::http(500, "boom")).transient);
  CHECK(problem(FakeMlflow::http(503, R"({"message": "starting"})")).message.find("starting") != std::string::npos);
  CHECK(problem(FakeMlflow::http(200, "<html>Sign in</html>")).code == "unexpected-answer");
  CHECK(problem(FakeMlflow::http(200, "<html>")).transient);
  CHECK(problem(FakeMlflow::http(200, R"({"status": "ok"})")).code == "unexpected-answer");
  CHECK(problem(FakeMlflow::http(200, R"({"model_versions": {"a": 1}})")).code == "unexpected-answer");
  CHECK(problem(FakeMlflow::http(200, R"({"model_versions": [{"name": "x"}]})")).code == "unexpected-answer");
  CHECK(problem(FakeMlflow::http(200, std::string(5000, '['))).code == "unexpected-answer");
  CHECK(problem(FakeMlflow::http(200, R"({"a":)" + std::string(200, '[') + std::string(200, ']') + "}")).code ==
        "unexpected-answer");
  CHECK(problem(FakeMlflow::http(200, std::string(17 << 20, ' '))).code == "too-large");
  CHECK_FALSE(problem(FakeMlflow::http(403, R"({"message": "Permission denied"})")).transient);
  CHECK(problem(FakeMlflow::http(302, "", "Location: http://127.0.0.1/\r\n")).code == "redirected");
  CHECK(problem(FakeMlflow::http(404, "not here")).code == "request-refused");
  const Json unordered{{"model_versions",
                        {{{"name", "a"}, {"version", "1"}, {"creation_timestamp", 1}},
                         {{"name", "a"}, {"version", "2"}, {"creation_timestamp", 2}}}}};
  CHECK(problem(FakeMlflow::http(200, unordered.dump())).message.find("not ordered") != std::string::npos);
}

TEST_CASE("a server that does not answer ends at the deadline") {
  MlflowStory story;
  story.server.answer("search", "");
  const auto start = std::chrono::steady_clock::now();
  const auto poll = story.try_poll("", 200ms);
  CHECK(std::chrono::steady_clock::now() - start < 1200ms);
  REQUIRE_FALSE(poll);
  CHECK(poll.error().code == "timeout");
  CHECK(poll.error().transient);
}

TEST_CASE("an endless row of pages is a problem") {
  MlflowStory story;
  story.settings["page_size"] = 1;
  story.server.answer("search", FakeMlflow::http(200, R"({"next_page_token": "again"})"));
  const auto poll = story.try_poll();
  REQUIRE_FALSE(poll);
  CHECK((poll.error().code == "too-many-versions" || poll.error().code == "timeout"));
}

TEST_CASE("credentials and the workspace go with every request, and into no message") {
  MlflowStory story;
  auto& endpoint = story.endpoints.endpoints["main"];
  endpoint.basic_auth = "ci:hunter2";
  endpoint.options["workspace"] = "risk";
  story.server.version("m", 1, 1000);
  story.poll();
  CHECK(story.server.asked("X-MLFLOW-WORKSPACE: risk") == 1);
  CHECK(story.server.asked("Authorization: Basic " + runtime::base64("ci:hunter2")) == 1);
  story.server.answer("search", FakeMlflow::http(401, ""));
  CHECK(core::to_text(story.try_poll().error()).find("hunter2") == std::string::npos);
  endpoint.allow_private = false;
  CHECK(story.try_poll().error().code == "address-refused");
}
