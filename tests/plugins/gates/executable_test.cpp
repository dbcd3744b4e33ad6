// The gate `executable`: real programs that answer, crash, hang, flood and snoop.
#include "plugins/gates/executable.hpp"

#include <stdlib.h>

#include <thread>

#include "tests/plugins/gates/gate_world.hpp"

using namespace penstock;
using namespace penstock::gates::test;
using core::Verdict;
using nlohmann::json;

namespace {

constexpr const char* passes = R"(echo '{"verdict": "passed", "observed": "all well", "needed": "all well"}')";
constexpr const char* describes = R"(echo '{"protocol": "penstock.gate/v1", "name": "gate"}')";

// The program is a shell script in the definitions' folder.
struct ExecutableStory : World {
  void program(const std::string& script) {
    folder.write("definitions/gate.sh", "#!/bin/sh\n" + script + "\n");
    fs::permissions(folder / "definitions/gate.sh", fs::perms::owner_all);
  }
  core::Result<sdk::GateAnswer> ask(json with = json::object()) {
    if (!with.contains("program")) with["program"] = "gate.sh";
    return check(gates::executable_kind(), with);
  }
  std::string outcome(const std::string& script) {
    program(script);
    const auto answer = ask();
    return answer ? std::string(core::name_of(answer->finding.verdict)) : answer.error().code;
  }
  // "" when the program is taken for a gate.
  std::string load(json with = json::object()) {
    if (!with.contains("program")) with["program"] = "gate.sh";
    const auto verified = gates::executable_kind().verify(with, tools);
    return verified ? "" : verified.error().code;
  }
};

// What the program saw, which it left as its observation.
std::string observed(const core::Result<sdk::GateAnswer>& answer) {
  REQUIRE(answer);
  return answer->finding.observed;
}

// A process that has ended has no arguments any more, even while nobody has asked for its exit code.
bool ends_soon(const std::string& process) {
  for (int i = 0; i < 200; ++i) {
    std::string arguments;
    if (!std::getline(std::ifstream("/proc/" + process + "/cmdline"), arguments) || arguments.empty()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

}  // namespace

TEST_CASE("a program is asked by stdin and answers by stdout") {
  ExecutableStory story;
  story.put("model.txt", "the model's bytes");
  story.program(R"sh(cat > question.json
path=$(sed 's/.*"artifact_path":"\([^"]*\)".*/\1/' question.json)
printf '{"verdict": "failed", "observed": "%s, %s", "needed": "x", "next": "y"}' "$1" "$(cat "$path/model.txt")")sh");
  const auto answer = story.ask({{"arguments", {"a b; $HOME"}}, {"input", {{"group", "region"}}}});
  CHECK(observed(answer) == "a b; $HOME, the model's bytes");
  CHECK(answer->finding.verdict == Verdict::failed);
  check_told(*answer);
  const auto asked = json::parse(story.processes.requests.at(0).input);
  CHECK(asked["config"] == json{{"group", "region"}});
  CHECK(asked["candidate"]["model"] == "wine");
  CHECK(asked["artifact_path"] == (story.folder / "artifact").string());
}

TEST_CASE("a program is given no files when there are none, or when it wants none") {
  ExecutableStory story;
  story.program(passes);
  REQUIRE(story.ask());
  CHECK(json::parse(story.processes.requests.back().input)["artifact_path"].is_null());
  story.put("model.txt", "x");
  REQUIRE(story.ask({{"artifact", false}}));
  CHECK(json::parse(story.processes.requests.back().input)["artifact_path"].is_null());
}

TEST_CASE("a program that crashes, gives up or prints what is no answer never passes") {
  ExecutableStory story;
  CHECK(story.outcome(passes) == "passed");
  CHECK(story.outcome(std::string(passes) + "\nexit 1") == "gate-crashed");
  CHECK(story.outcome(std::string(passes) + "\nkill -SEGV $$") == "gate-crashed");
  CHECK(story.outcome("exit 0") == "gate-answer-invalid");
  CHECK(story.outcome("echo passed") == "gate-answer-invalid");
  CHECK(story.outcome(std::string("echo working...\n") + passes) == "gate-answer-invalid");
  CHECK(story.outcome(std::string(passes) + "\n" + passes) == "gate-answer-invalid");
  CHECK(story.outcome("head -c 100000 /dev/urandom") == "gate-answer-invalid");
  CHECK(story.outcome(R"(echo '{"verdict": "waived", "observed": "a", "needed": "b"}')") == "gate-answer-invalid");
}

TEST_CASE("a program that does not read its question may still answer it") {
  ExecutableStory story;
  story.request.candidate.labels["long"] = std::string(1'000'000, 'x');
  CHECK(story.outcome(std::string("exec < /dev/null\n") + passes) == "passed");
}

TEST_CASE("the deadline ends a program and everything that it started") {
  ExecutableStory story;
  // The background process holds stdout open, and neither of the two heeds SIGTERM.
  story.program("trap '' TERM\nsh -c 'trap \"\" TERM; sleep 600' &\necho $! > " + (story.folder / "pid").string() +
                "\nwait\nsleep 600");
  story.request.deadline = story.time + 150ms;
  const auto answer = story.ask();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == "timeout");
  CHECK(story.processes.requests.at(0).timeout == 150ms);
  const auto child = story.folder.read("pid");
  REQUIRE(std::stol(child) > 1);
  CHECK(ends_soon(child.substr(0, child.find('\n'))));
}

TEST_CASE("a program asked after its deadline does not get far") {
  ExecutableStory story;
  story.program(std::string("sleep 5\n") + passes);
  story.request.deadline = story.time - 1h;
  CHECK(story.ask().error().code == "timeout");
}

TEST_CASE("what a program prints is bounded") {
  ExecutableStory story;
  CHECK(story.outcome("exec yes") == "too-large");
  CHECK(story.processes.requests.back().max_output == 16u << 20);
  // stderr may be as long as it wants: only its end is kept.
  CHECK(story.outcome(std::string("head -c 3000000 /dev/zero >&2\n") + passes) == "passed");
  CHECK(story.outcome("head -c 3000000 /dev/zero | tr '\\0' x >&2\nexit 3") == "gate-crashed");
}

TEST_CASE("a program sees nothing of the daemon's environment") {
  ::setenv("PENSTOCK_TEST_SECRET", "hunter2", 1);
  ExecutableStory story;
  story.program(
      R"sh(printf '{"verdict": "passed", "needed": "x", "observed": "%s"}' "$(/usr/bin/env | sort | tr '\n' ' ')")sh");
  const auto seen = observed(story.ask());
  CHECK(seen.find("PENSTOCK_TEST_SECRET") == std::string::npos);
  CHECK(seen.find("hunter2") == std::string::npos);
  CHECK(seen.find("LANG=C.UTF-8 ") != std::string::npos);
  CHECK(seen.find("PATH=/usr/local/bin:/usr/bin:/bin ") != std::string::npos);
  CHECK(seen.find("HOME=") == std::string::npos);
  const auto given = observed(story.ask({{"environment", {{"PATH", "/bin"}, {"MODE", "strict"}}}}));
  CHECK(given.find("MODE=strict ") != std::string::npos);
  CHECK(given.find("PATH=/bin ") != std::string::npos);
  ::unsetenv("PENSTOCK_TEST_SECRET");
}

TEST_CASE("a program works in a folder of its own, and within the memory that it is given") {
  ExecutableStory story;
  story.program(R"sh(printf '{"verdict": "passed", "needed": "x", "observed": "%s %s"}' "$(pwd)" "$(ulimit -v)")sh");
  CHECK(observed(story.ask()) == (story.folder / "scratch").string() + " unlimited");
  CHECK(observed(story.ask({{"max_memory_mb", 512}})) == (story.folder / "scratch").string() + " 524288");
}

TEST_CASE("a program that is not there, or is none, cannot be started") {
  ExecutableStory story;
  CHECK(story.ask({{"program", "nowhere.sh"}}).error().code == "not-found");
  CHECK(story.ask({{"program", "/nowhere/gate"}}).error().code == "cannot-start");
  story.folder.write("definitions/plain.txt", "hello");
  CHECK(story.ask({{"program", "plain.txt"}}).error().code == "cannot-start");
  fs::permissions(story.folder / "definitions/plain.txt", fs::perms::owner_all);
  CHECK(story.ask({{"program", "plain.txt"}}).error().code == "cannot-start");
}

TEST_CASE("a program that describes itself is taken when it is loaded; it is asked for nothing else") {
  ExecutableStory story;
  story.program("[ \"$*\" = '--strict --describe' ] || exit 9\n" + std::string(describes));
  CHECK(story.load({{"arguments", {"--strict"}}}).empty());
  CHECK(story.processes.requests.back().input.empty());
  CHECK(story.processes.requests.back().timeout == 10s);
}

TEST_CASE("a program that is missing, slow, of another kind or talks garbage is refused when it is loaded") {
  ExecutableStory story;
  CHECK(story.load({{"program", "nowhere.sh"}}) == "not-found");
  CHECK(story.load({{"program", "/nowhere/gate"}}) == "cannot-start");
  const auto meets = [&](const std::string& script) {
    story.program(script);
    return story.load();
  };
  CHECK(meets("echo fairness 1.0") == "gate-answer-invalid");
  CHECK(meets("cat") == "gate-answer-invalid");
  CHECK(meets(passes) == "gate-answer-invalid");
  CHECK(meets(R"(echo '{"protocol": "penstock.source/v1", "name": "a"}')") == "gate-answer-invalid");
  CHECK(meets(std::string(describes) + "\nexit 64") == "gate-crashed");
  CHECK(meets("exec yes") == "too-large");
  story.processes.longest = 100ms;
  CHECK(meets("sleep 60\n" + std::string(describes)) == "timeout");
}

TEST_CASE("what cannot be meant is refused before any program is started") {
  const auto refusal = [](const json& with) { return refusal_of(gates::executable_kind(), with); };
  CHECK(refusal(json::object()).find("missing key `program`") != std::string::npos);
  CHECK(refusal({{"program", ""}}) != "");
  CHECK(refusal({{"program", "a"}, {"argument", {"b"}}}).find("did you mean `arguments`?") != std::string::npos);
  CHECK(refusal({{"program", "a"}, {"max_memory_mb", -1}}) != "");
  CHECK(refusal({{"program", "a"}, {"environment", {{"A", 1}}}}) != "");
}
