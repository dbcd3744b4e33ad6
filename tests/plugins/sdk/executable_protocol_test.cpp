// What a program may leave behind, and what of it is an answer.
#include "plugins/sdk/executable_protocol.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"

using namespace penstock;
using core::Verdict;
using nlohmann::json;
namespace protocol = sdk::protocol;

namespace {

sdk::ProcessResult left(const std::string& output, const std::string& errors = "") {
  sdk::ProcessResult result;
  result.output = output;
  result.errors = errors;
  return result;
}

const json passed{{"verdict", "passed"}, {"observed", "all well"}, {"needed", "all well"}};

json with(const json& changes) {
  auto document = passed;
  document.update(changes);
  return document;
}

core::Result<sdk::GateAnswer> answer(const json& document) {
  return protocol::answer(left(document.dump()), "/opt/gate");
}

// The message of the problem; every one of them names the program and what to do next.
std::string answer_refusal(const core::Result<sdk::GateAnswer>& read, const std::string& code = "gate-answer-invalid") {
  REQUIRE_FALSE(read);
  CHECK(read.error().code == code);
  CHECK(read.error().where == "/opt/gate");
  CHECK_FALSE(read.error().hint.empty());
  return read.error().message;
}
std::string answer_refusal(const json& document) { return answer_refusal(answer(document)); }
std::string refusal_of_text(const std::string& output) {
  return answer_refusal(protocol::answer(left(output), "/opt/gate"));
}

std::string description_refusal(const std::string& output) {
  const auto checked = protocol::check_description(left(output), "/opt/gate");
  if (checked) return "";
  CHECK(checked.error().where == "/opt/gate");
  return checked.error().code;
}

}  // namespace

TEST_CASE("the question tells everything, and null where there is nothing") {
  sdk::GateRequest request;
  request.promotion = "prm_1";
  request.lane = {"wine", "production"};
  request.gate = "fairness";
  request.attempt = 2;
  request.candidate.model = "wine";
  request.candidate.version = "7\xFF";  // not UTF-8: replaced, so that JSON stays JSON
  request.deadline = *core::parse_time("2026-11-21T10:15:00Z");
  auto asked = json::parse(protocol::question(request, {{"group", "region"}}, ""));
  CHECK(asked["protocol"] == "penstock.gate/v1");
  CHECK(asked["attempt"] == 2);
  CHECK(asked["deadline"] == "2026-11-21T10:15:00.000Z");
  CHECK(asked["candidate"]["version"] == "7\xEF\xBF\xBD");
  CHECK(asked["config"] == json{{"group", "region"}});
  CHECK(asked["live"].is_null());
  CHECK(asked["artifact_path"].is_null());
  request.live = sdk::LiveCandidate{"prm_0", {}, request.candidate, request.deadline};
  asked = json::parse(protocol::question(request, nullptr, "/store/tree"));
  CHECK(asked["live"]["promotion"] == "prm_0");
  CHECK(asked["live"]["since"] == "2026-11-21T10:15:00.000Z");
  CHECK(asked["artifact_path"] == "/store/tree");
  // One line, so that a program may read a line or to the end.
  const auto text = protocol::question(request, nullptr, "");
  CHECK(text.find('\n') == text.size() - 1);
}

TEST_CASE("an answer is taken as it is, with its details and its evidence") {
  const auto read = answer(with({{"source", "a.csv"},
                                 {"verdict", "failed"},
                                 {"next", "mend it"},
                                 {"details", {{{"rule", "a"}, {"verdict", "inconclusive"}, {"where", "row 3"}}}},
                                 {"evidence", {{{"name", "a.txt"}, {"content", "hello"}}}}}));
  REQUIRE(read);
  CHECK(read->finding.verdict == Verdict::failed);
  CHECK(read->finding.source == "a.csv");
  CHECK(read->finding.next == "mend it");
  CHECK(read->finding.details == std::vector<core::Detail>{{"a", Verdict::inconclusive, "", "", "row 3"}});
  REQUIRE(read->evidence.size() == 1);
  CHECK(read->evidence[0].media_type == "text/plain");
  CHECK(read->evidence[0].content == "hello");
  // Without a source, the program is the source.
  CHECK(answer(passed)->finding.source == "/opt/gate");
}

TEST_CASE("a program has three verdicts, and not those that only Penstock and people give") {
  for (const auto* verdict : {"passed", "failed", "inconclusive"}) {
    const auto read = answer(with({{"verdict", verdict}}));
    REQUIRE(read);
    CHECK(core::name_of(read->finding.verdict) == verdict);
  }
  for (const auto* verdict : {"errored", "waived"}) {
    CHECK(answer_refusal(with({{"verdict", verdict}})).find("passed, failed or inconclusive") != std::string::npos);
    CHECK(answer_refusal(with({{"details", {{{"rule", "a"}, {"verdict", verdict}}}}}))
              .find("passed, failed or inconclusive") != std::string::npos);
  }
  for (const json& verdict :
       std::vector<json>{"PASSED", "pass", "", "passed ", true, 1, nullptr, json::array({"passed"})}) {
    INFO(verdict.dump());
    answer_refusal(with({{"verdict", verdict}}));
  }
}

TEST_CASE("an answer of another shape is none") {
  for (const auto* key : {"verdict", "observed", "needed"}) {
    auto document = passed;
    document.erase(key);
    CHECK(answer_refusal(document).find("missing key `" + std::string(key) + "`") != std::string::npos);
  }
  CHECK(answer_refusal(with({{"verdit", "failed"}})).find("did you mean `verdict`?") != std::string::npos);
  CHECK(answer_refusal(with({{"details", {{{"rule", "a"}, {"verdict", "failed"}, {"wher", ""}}}}}))
            .find("did you mean `where`?") != std::string::npos);
  for (const json& changes : std::vector<json>{{{"observed", ""}},
                                               {{"needed", ""}},
                                               {{"observed", 7}},
                                               {{"details", json::object()}},
                                               {{"details", {"a"}}},
                                               {{"details", {{{"verdict", "failed"}}}}},
                                               {{"evidence", {{{"name", "a"}}}}},
                                               {{"evidence", {{{"name", ""}, {"content", ""}}}}},
                                               {{"evidence", "text"}}}) {
    INFO(changes.dump());
    answer_refusal(with(changes));
  }
  json many = json::array();
  for (int i = 0; i < 21; ++i) many.push_back({{"name", "a"}, {"content", ""}});
  answer_refusal(with({{"evidence", many}}));
}

TEST_CASE("stdout that is not exactly one answer is none") {
  const auto good = passed.dump();
  REQUIRE(protocol::answer(left("\n " + good + "\n\n"), "/opt/gate"));
  for (const std::string& output :
       {std::string(), std::string("\n"), std::string("passed"), "ok\n" + good, good + good, good + "\nbye",
        good.substr(0, good.size() - 1), "[" + good + "]", std::string("null"), std::string("\"passed\""),
        std::string("{'verdict': 'passed'}"), good + std::string(1, '\0'), std::string(1000, '\xFF')}) {
    INFO(output.substr(0, 40));
    refusal_of_text(output);
  }
  // Twice the same name: which of them is meant?
  refusal_of_text(R"({"verdict": "failed", "verdict": "passed", "observed": "a", "needed": "b"})");
}

TEST_CASE("an answer that is nested without end is none, and brings nobody down") {
  refusal_of_text(std::string(1'000'000, '['));
  refusal_of_text(std::string(500'000, '[') + std::string(500'000, ']'));
  refusal_of_text(R"({"verdict": "passed", "observed": "a", "needed": )" + std::string(200'000, '[') +
                  std::string(200'000, ']') + "}");
}

TEST_CASE("a program that crashes or gives up has no answer, whatever it has printed") {
  auto result = left(passed.dump(), "first\nTraceback\nValueError: no column `age`\n\n");
  result.exit_code = 1;
  const auto message = answer_refusal(protocol::answer(result, "/opt/gate"), "gate-crashed");
  CHECK(message.find("exit status 1") != std::string::npos);
  CHECK(message.find("stderr ends with: ValueError: no column `age`") != std::string::npos);
  CHECK(message.find("Traceback") == std::string::npos);
  result.exit_code = 0;
  result.signal = 11;
  CHECK(answer_refusal(protocol::answer(result, "/opt/gate"), "gate-crashed").find("signal 11") != std::string::npos);
  result.errors.clear();
  CHECK(answer_refusal(protocol::answer(result, "/opt/gate"), "gate-crashed").find("nothing on stderr") !=
        std::string::npos);
}

TEST_CASE("the last words of a program are one short line of text, whatever its bytes are") {
  sdk::ProcessResult result;
  result.exit_code = 1;
  for (const std::string& errors :
       {std::string(5000, '\xFF'), "x" + std::string(5000, '\xC3'), std::string("\x1b[31mred\x1b[0m\r\n"),
        std::string("a\0b", 3), std::string(2000, 'x') + "\xC3\xB6"}) {
    result.errors = errors;
    const auto message = answer_refusal(protocol::answer(result, "/opt/gate"), "gate-crashed");
    CHECK(message.size() < 1500);
    CHECK(std::none_of(message.begin(), message.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }));
    CHECK_NOTHROW(json(message).dump());
  }
}

TEST_CASE("a program describes itself under the protocol's name, or is no gate") {
  CHECK(description_refusal(R"({"protocol": "penstock.gate/v1", "name": "a", "description": "b"})").empty());
  CHECK(description_refusal(R"({"protocol": "penstock.gate/v1", "name": "a"})").empty());
  for (const auto* output :
       {"", "fairness 1.0", "{}", "[]", "null", R"("penstock.gate/v1")",
        R"({"protocol": "penstock.gate/v2", "name": "a"})", R"({"protocol": "penstock.source/v1", "name": "a"})",
        R"({"protocol": ["penstock.gate/v1"], "name": "a"})", R"({"protocol": "penstock.gate/v1"})",
        R"({"protocol": "penstock.gate/v1", "name": ""})", R"({"protocol": "penstock.gate/v1", "name": 7})",
        R"({"protocol": "penstock.gate/v1", "name": "a", "kind": "b"})",
        R"({"verdict": "passed", "observed": "a", "needed": "b"})"}) {
    INFO(output);
    CHECK(description_refusal(output) == "gate-answer-invalid");
  }
  auto result = left(R"({"protocol": "penstock.gate/v1", "name": "a"})");
  result.exit_code = 2;
  CHECK(protocol::check_description(result, "/opt/gate").error().code == "gate-crashed");
}
