// What a plugin is lent, and what it is not.
#include "tests/daemon/lending_world.hpp"

using namespace penstock;
using sdk::Capability;

namespace {

// What each tool answers when it is reached for: the code of its Problem, or "ok".
std::map<std::string, std::string> reach_for_everything(LendingWorld& world, sdk::Tools& tools,
                                                        const std::string& endpoint) {
  const auto code = [](const auto& result) { return result ? std::string("ok") : result.error().code; };
  sdk::HttpRequest http;
  http.url = "http://127.0.0.1:9/";  // refused as an address before anything is sent
  sdk::ProcessRequest process;
  process.argv = {"/bin/true"};
  process.directory = world.folder.path();
  const auto candidate = world.candidate();
  return {{"http", code(tools.http.send(http))},
          {"process", code(tools.process.run(process))},
          {"open", code(tools.artifacts.open(candidate))},
          {"prove", code(tools.artifacts.prove_fetchable(candidate, world.clock.now() + 1min))},
          {"endpoints", code(tools.endpoints.find(endpoint))},
          {"resolve", code(tools.folders.resolve("definitions", "one.yaml"))},
          {"scratch", code(tools.folders.scratch())},
          {"workers", tools.workers.folder.empty() ? "not-lent" : "ok"}};
}

}  // namespace

TEST_CASE("a tool that the kind does not name answers every call with not-lent") {
  LendingWorld world;
  const auto lease = world.lend({}, {"serving"});
  for (const auto& [tool, answer] : reach_for_everything(world, lease->tools(), "serving")) {
    INFO(tool);
    CHECK(answer == "not-lent");
  }
  CHECK(world.source->fetches == 0);
}

TEST_CASE("each capability opens its own tools and no other") {
  const std::map<Capability, std::map<std::string, std::string>> opened{
      {Capability::http, {{"http", "address-refused"}}},
      {Capability::process, {{"process", "ok"}}},
      {Capability::artifacts, {{"open", "ok"}, {"prove", "ok"}}},
      {Capability::endpoints, {{"endpoints", "ok"}}},
      {Capability::folders, {{"resolve", "ok"}, {"scratch", "ok"}}},
      {Capability::workers, {{"workers", "ok"}}}};
  for (const auto& [capability, tools] : opened) {
    LendingWorld world;
    const auto lease = world.lend({capability}, {"serving"});
    for (const auto& [tool, answer] : reach_for_everything(world, lease->tools(), "serving")) {
      INFO(static_cast<int>(capability) << " " << tool);
      const auto found = tools.find(tool);
      CHECK(answer == (found == tools.end() ? "not-lent" : found->second));
    }
  }
}

TEST_CASE("an endpoint that the configuration names is lent with its credentials, any other is not") {
  LendingWorld world;
  const auto lease = world.lend({Capability::endpoints}, {"serving"});
  const auto& endpoints = lease->tools().endpoints;
  CHECK(endpoints.find("serving").value().secret == LendingWorld::secret);
  const auto other = endpoints.find("main");
  REQUIRE_FALSE(other);
  CHECK(other.error().code == "not-lent");
  CHECK(other.error().message == "the endpoint `main` is not lent to this plugin");
  const auto unknown = endpoints.find("mainn");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == "unknown-endpoint");
  CHECK(unknown.error().hint == "configured are: serving, main, staging");
}

TEST_CASE("an endpoint that is named but not configured any more is unknown") {
  LendingWorld world;
  const auto lease = world.lend({Capability::endpoints}, {"gone"});
  CHECK(lease->tools().endpoints.find("gone").error().code == "unknown-endpoint");
}

TEST_CASE("a source is lent the endpoints that it names and a folder of its own") {
  LendingWorld world;
  auto tools = world.lending.for_source("registry");
  REQUIRE(tools);
  CHECK(tools->endpoints.find("main").value().basic_auth == LendingWorld::password);
  CHECK(tools->endpoints.find("serving").error().code == "not-lent");
  CHECK(tools->scratch == world.folder / "sources/registry");
  CHECK(std::filesystem::is_directory(tools->scratch));
  CHECK(world.lending.for_source("nobody").error().code == "unknown-source");
}

TEST_CASE("no refusal shows a secret") {
  LendingWorld world;
  const auto bare = world.lend({});
  const auto lease = world.lend({Capability::endpoints, Capability::folders, Capability::artifacts}, {"serving"});
  auto source_tools = world.lending.for_source("registry");
  REQUIRE(source_tools);
  auto unknown_source = world.candidate();
  unknown_source.source = "gone";
  const std::vector<core::Problem> problems{
      bare->tools().endpoints.find("serving").error(),       lease->tools().endpoints.find("main").error(),
      lease->tools().endpoints.find("nowhere").error(),      source_tools->endpoints.find("staging").error(),
      source_tools->endpoints.find("nowhere").error(),       lease->tools().folders.resolve("nowhere", "x").error(),
      lease->tools().artifacts.open(unknown_source).error(),
  };
  for (const auto& problem : problems) {
    const auto text = problem.code + core::to_text(problem) + problem.hint;
    INFO(text);
    for (const auto* secret : {LendingWorld::secret, LendingWorld::password, LendingWorld::token})
      CHECK(text.find(secret) == std::string::npos);
  }
}

TEST_CASE("a gate reads inside the folders that were opened, and nowhere else") {
  LendingWorld world;
  std::filesystem::create_symlink(world.folder / "outside", world.folder / "contracts/way-out");
  std::filesystem::create_symlink("one.yaml", world.folder / "contracts/two.yaml");
  const auto lease = world.lend({Capability::folders});
  const auto resolve = [&](const std::string& root, const std::string& path) {
    const auto found = lease->tools().folders.resolve(root, path);
    return found ? found->filename().string() : found.error().code;
  };
  CHECK(resolve("definitions", "one.yaml") == "one.yaml");
  CHECK(resolve("definitions", "two.yaml") == "one.yaml");
  CHECK(resolve("definitions", "x/../one.yaml") == "one.yaml");
  CHECK(resolve("definitions", "../outside/secret.txt") == "outside-folder");
  CHECK(resolve("definitions", "way-out/secret.txt") == "outside-folder");
  CHECK(resolve("definitions", (world.folder / "outside/secret.txt").string()) == "not-found");
  CHECK(resolve("definitions", "three.yaml") == "not-found");
  CHECK(resolve("training-data", "one.yaml") == "unknown-folder");
}

TEST_CASE("scratch folders go with the lease, whatever a gate left in them") {
  LendingWorld world;
  std::filesystem::path first, second;
  {
    const auto lease = world.lend({Capability::folders});
    first = lease->tools().folders.scratch().value();
    second = lease->tools().folders.scratch().value();
    CHECK(first != second);
    CHECK(std::filesystem::is_empty(first));
    std::filesystem::create_directories(first / "deep/er");
    std::ofstream(first / "deep/er/file") << "x";
    std::filesystem::create_symlink(world.folder / "outside", first / "link");
    std::filesystem::permissions(first / "deep/er", std::filesystem::perms::owner_read);
  }
  CHECK_FALSE(std::filesystem::exists(first));
  CHECK_FALSE(std::filesystem::exists(second));
  CHECK(world.folder.read("outside/secret.txt") == "not for gates");
}
