// PROTOCOL.md, executed: what it shows is what Penstock asks and what the example answers.
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "daemon/runtime/child_process.hpp"
#include "daemon/runtime/content_store.hpp"
#include "daemon/runtime/digest.hpp"
#include "plugins/sdk/executable_protocol.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/folder.hpp"

using namespace penstock;
using core::Verdict;
using nlohmann::json;
namespace fs = std::filesystem;
namespace protocol = sdk::protocol;

namespace {

std::string document() {
  std::ostringstream text;
  text << std::ifstream(fs::path(PENSTOCK_SOURCE_DIR) / "plugins/sdk/PROTOCOL.md").rdbuf();
  return text.str();
}

// The fenced blocks, in their order.
std::vector<std::string> blocks() {
  std::vector<std::string> found;
  std::istringstream lines(document());
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("```", 0) == 0) {
      inside = !inside;
      if (inside) found.emplace_back();
    } else if (inside) {
      found.back() += line + "\n";
    }
  }
  REQUIRE_FALSE(inside);
  REQUIRE(found.size() == 5);
  return found;
}
json question_that_fails() { return json::parse(blocks()[0]); }
json answer_that_fails() { return json::parse(blocks()[1]); }
json question_without_files() { return json::parse(blocks()[2]); }
std::string last_words() { return blocks()[3]; }
json description() { return json::parse(blocks()[4]); }

// The names in the first column of the table under a heading.
std::set<std::string> names_under(const std::string& heading) {
  const auto text = document();
  const auto start = text.find("\n" + heading + "\n");
  REQUIRE(start != std::string::npos);
  std::istringstream lines(text.substr(start + 1, text.find("\n## ", start + 1) - start));
  std::set<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    const auto cell = line.substr(1, line.find('|', 1) - 1);
    for (auto at = cell.find('`'); at != std::string::npos; at = cell.find('`', at + 1)) {
      const auto end = cell.find('`', at + 1);
      names.insert(cell.substr(at + 1, end - at - 1));
      at = end;
    }
  }
  return names;
}

std::set<std::string> keys_of(const json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

core::Candidate candidate_of(const json& shown, const json& shown_id) {
  const auto candidate = core::candidate_from_json(shown);
  REQUIRE(candidate);
  CHECK(runtime::sha256(core::canonical_bytes(*candidate)).text() == shown_id.get<std::string>());
  return *candidate;
}

// What Penstock would have been asking, to be asking this.
sdk::GateRequest request_of(const json& shown) {
  sdk::GateRequest request;
  request.promotion = shown.at("promotion");
  request.gate = shown.at("gate");
  request.attempt = shown.at("attempt");
  request.deadline = core::parse_time(shown.at("deadline").get<std::string>()).value();
  request.lane = {shown.at("lane").at("model"), shown.at("lane").at("environment")};
  request.candidate = candidate_of(shown.at("candidate"), shown.at("candidate_id"));
  request.candidate_id = core::Digest::parse(shown.at("candidate_id").get<std::string>()).value();
  if (const auto& live = shown.at("live"); !live.is_null())
    request.live = sdk::LiveCandidate{live.at("promotion"),
                                      core::Digest::parse(live.at("candidate_id").get<std::string>()).value(),
                                      candidate_of(live.at("candidate"), live.at("candidate_id")),
                                      core::parse_time(live.at("since").get<std::string>()).value()};
  return request;
}

json asked(const json& shown) {
  const auto path = shown.at("artifact_path").is_null() ? "" : shown.at("artifact_path").get<std::string>();
  return json::parse(protocol::question(request_of(shown), shown.at("config"), path));
}

sdk::ProcessResult run_example(const std::string& input, const std::vector<std::string>& arguments = {}) {
  sdk::ProcessRequest request;
  request.argv = {(fs::path(PENSTOCK_SOURCE_DIR) / "examples/executable-gate/fairness.py").string()};
  request.argv.insert(request.argv.end(), arguments.begin(), arguments.end());
  request.environment = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"LANG", "C.UTF-8"}};
  request.input = input;
  request.timeout = std::chrono::seconds(20);
  const auto result = runtime::ChildProcess().run(request);
  REQUIRE(result);
  return *result;
}

// 41 of 100 rows of north and 27 of 100 rows of south are accepted.
std::string predictions() {
  std::string text = "region,prediction\n";
  for (const auto& [group, accepted] : {std::pair("north", 41), std::pair("south", 27)})
    for (int row = 0; row < 100; ++row) text += std::string(group) + (row < accepted ? ",1\n" : ",0\n");
  return text;
}

}  // namespace

TEST_CASE("the questions in PROTOCOL.md are what Penstock asks, member by member") {
  CHECK(asked(question_that_fails()) == question_that_fails());
  CHECK(asked(question_without_files()) == question_without_files());
}

TEST_CASE("the answer in PROTOCOL.md is what the example gives to the question above it, and is taken") {
  TestFolder folder;
  folder.write("predictions.csv", predictions());
  auto question = question_that_fails();
  CHECK(runtime::tree_digest(folder.path())->text() == question["candidate"]["artifact"]["digest"].get<std::string>());
  question["artifact_path"] = folder.path().string();
  const auto result = run_example(question.dump());
  CHECK(result.exit_code == 0);
  CHECK(json::parse(result.output) == answer_that_fails());
  const auto answer = protocol::answer(result, "fairness.py");
  REQUIRE(answer);
  CHECK(answer->finding.verdict == Verdict::failed);
  CHECK(answer->finding.details.size() == 2);
  CHECK(answer->evidence.size() == 1);
}

TEST_CASE("the program in PROTOCOL.md that could not find out says so as it is shown there") {
  const auto result = run_example(question_without_files().dump());
  CHECK(result.exit_code == 1);
  CHECK(result.output.empty());
  CHECK(result.errors == last_words());
  const auto answer = protocol::answer(result, "fairness.py");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == "gate-crashed");
  CHECK((answer.error().message + "\n").find(last_words()) != std::string::npos);
}

TEST_CASE("the description in PROTOCOL.md is the example's, and is taken") {
  const auto result = run_example("", {"--describe"});
  CHECK(json::parse(result.output) == description());
  CHECK(protocol::check_description(result, "fairness.py"));
}

TEST_CASE("the tables in PROTOCOL.md name every member, and no other") {
  CHECK(names_under("## The question") == keys_of(question_that_fails()));
  // Every member is in the transcript's answer, which is taken, and members that are not known are refused.
  CHECK(names_under("## The answer") == keys_of(answer_that_fails()));
}
