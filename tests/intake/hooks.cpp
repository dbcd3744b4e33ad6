#include "daemon/intake/hooks.hpp"

#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

std::vector<HookSettings> nudging_hooks() {
  HookSettings git{"git", HookKind::post_receive, {hook_secret}, "models-repository", {}, ""};
  HookSettings github{"github", HookKind::github, {hook_secret}, "models-repository", {}, ""};
  HookSettings mlflow{"mlflow", HookKind::mlflow, {hook_secret}, "registry", {}, ""};
  HookSettings lost{"lost", HookKind::post_receive, {hook_secret}, "nowhere", {}, ""};
  return {git, github, mlflow, lost};
}

struct Nudging : ApiStory {
  Nudging() : ApiStory({story_policy()}, nudging_hooks()) {}

  Response github(const std::string& id, const std::string& body, const std::string& event = "push") {
    Extra extra;
    extra.headers = {{"x-github-delivery", id},
                     {"x-github-event", event},
                     {"x-hub-signature-256", "sha256=" + runtime::hex(runtime::hmac_sha256(hook_secret, body))}};
    return call("POST", "/hooks/github", body, extra);
  }
  Response mlflow(const std::string& id, const std::string& body) {
    const auto time =
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch()).count());
    Extra extra;
    extra.headers = {{"x-mlflow-delivery-id", id},
                     {"x-mlflow-timestamp", time},
                     {"x-mlflow-signature",
                      "v1," + runtime::base64(runtime::hmac_sha256(hook_secret, id + "." + time + "." + body))}};
    return call("POST", "/hooks/mlflow", body, extra);
  }
};

}  // namespace

TEST_CASE("a signed git hook makes its source look, and nothing else") {
  Nudging story;
  const auto response = story.hook("git", {{"ref", "refs/heads/main"}}, "msg_1");
  CHECK(response.status == 202);
  CHECK(story.nudges == std::vector<std::string>{"models-repository by git"});
  CHECK(story.get_json("/v1/candidates")["candidates"].empty());
  CHECK(story.metrics.value("penstock_hooks_total", {{"hook", "git"}, {"result", "taken"}}) == 1);
}

TEST_CASE("an unknown hook is 404, whatever its signature") {
  Nudging story;
  CHECK(story.hook("no-such", json::object(), "msg_1").status == 404);
}

TEST_CASE("a wrong, missing or late signature is 401 and has no effect") {
  Nudging story;
  CHECK(story.hook("git", json::object(), "msg_1", "another-secret-of-good-length").status == 401);
  CHECK(story.call("POST", "/hooks/git", "{}", {}).status == 401);
  ApiStory::Extra late;
  late.headers = {{"webhook-id", "msg_2"}, {"webhook-timestamp", "1795218000"}};
  late.headers.emplace_back("webhook-signature",
                            "v1," + runtime::base64(runtime::hmac_sha256(hook_secret, "msg_2.1795218000.{}")));
  const auto stale = story.call("POST", "/hooks/git", "{}", late);
  CHECK(stale.status == 401);
  CHECK(code_of(stale) == "stale-timestamp");
  CHECK(story.nudges.empty());
  CHECK(story.metrics.value("penstock_hooks_total", {{"hook", "git"}, {"result", "bad_signature"}}) == 2);
  CHECK(story.metrics.value("penstock_hooks_total", {{"hook", "git"}, {"result", "stale"}}) == 1);
}

TEST_CASE("a bearer token does not stand in for a hook's signature") {
  Nudging story;
  ApiStory::Extra extra;
  extra.headers = {{"authorization", "Bearer anything"}};
  extra.caller = ana;
  CHECK(story.call("POST", "/hooks/git", "{}", extra).status == 401);
}

TEST_CASE("a repeated delivery gets the same answer and nudges once") {
  Nudging story;
  const auto first = story.hook("git", {{"n", 1}}, "msg_1");
  const auto second = story.hook("git", {{"n", 1}}, "msg_1");
  CHECK(second.status == first.status);
  CHECK(second.body == first.body);
  CHECK(story.nudges.size() == 1);
  CHECK(story.hook("git", {{"n", 1}}, "msg_2").status == 202);
  CHECK(story.nudges.size() == 2);
}

TEST_CASE("a GitHub push replayed under another delivery id nudges once") {
  Nudging story;
  CHECK(story.github("d-1", R"({"after": "abc"})").status == 202);
  CHECK(story.github("d-2", R"({"after": "abc"})").status == 202);
  CHECK(story.nudges.size() == 1);
  CHECK(story.github("d-3", R"({"after": "def"})").status == 202);
  CHECK(story.nudges.size() == 2);
}

TEST_CASE("GitHub's ping is taken and nudges nobody") {
  Nudging story;
  const auto response = story.github("d-1", R"({"zen": "x"})", "ping");
  CHECK(response.status == 202);
  CHECK(json::parse(response.body)["ignored"] == "the event `ping` shows no new version");
  CHECK(story.nudges.empty());
}

TEST_CASE("an MLflow event of a model version nudges, of anything else does not") {
  Nudging story;
  CHECK(
      story
          .mlflow("1", R"({"entity": "model_version", "action": "created", "data": {"name": "fraud", "version": "1"}})")
          .status == 202);
  CHECK(story.mlflow("2", R"({"entity": "model_version_alias", "action": "created", "data": {}})").status == 202);
  CHECK(story.nudges.size() == 2);
  CHECK(story.mlflow("3", R"({"entity": "prompt", "action": "created", "data": {}})").status == 202);
  CHECK(story.nudges.size() == 2);
  CHECK(story.get_json("/v1/candidates")["candidates"].empty());
}

TEST_CASE("a signed MLflow body that cannot be read is 400") {
  Nudging story;
  for (const auto* body : {"not json", "[]", "{}", R"({"entity": 7})", R"({"entity": "a", "entity": "b"})"})
    CHECK(story.mlflow("1", body).status == 400);
  CHECK(story.nudges.empty());
}

TEST_CASE("a hook whose source does not exist says so") {
  Nudging story;
  const auto response = story.hook("lost", json::object(), "msg_1");
  CHECK(response.status == 404);
  CHECK(code_of(response) == "unknown-source");
}

TEST_CASE("hooks that cannot be meant are refused before any is received") {
  ApiStory story;
  const auto problem_of = [&](std::vector<HookSettings> settings) {
    const auto made = Hooks::make(std::move(settings), story.parts, {});
    return made ? std::string() : core::to_text(made.error());
  };
  HookSettings good = nudging_hooks().front();
  CHECK(problem_of({good}).empty());
  auto unsigned_hook = good;
  unsigned_hook.secrets.clear();
  CHECK(problem_of({unsigned_hook}) ==
        "the hook git cannot be used: it has no secret, and an unsigned hook is never taken (hook git): correct it in "
        "penstock.yaml");
  auto weak = good;
  weak.secrets = {"short"};
  CHECK(problem_of({weak}).find("the signing key has 5 bytes, needed 24 or more") == 0);
  auto aimless = good;
  aimless.source = "";
  CHECK(problem_of({aimless}).find("names no source") != std::string::npos);
  HookSettings approvals{"a", HookKind::approvals, {hook_secret}, "", ci, ""};
  CHECK(problem_of({approvals}).find("names no person") != std::string::npos);
  HookSettings receipts{"r", HookKind::receipts, {hook_secret}, "", {}, ""};
  CHECK(problem_of({receipts}).find("names no receiver") != std::string::npos);
  CHECK(problem_of({good, good}).find("two hooks with the name git") != std::string::npos);
}

}  // namespace penstock::intake
