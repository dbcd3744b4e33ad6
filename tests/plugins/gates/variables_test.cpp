// Variables: whoever makes a candidate chooses their values, and means no good.
#include "plugins/gates/variables.hpp"

#include "tests/plugins/gates/gate_world.hpp"

using namespace penstock;
using namespace penstock::gates::test;
using gates::Escape;
using gates::fill_in;
using nlohmann::json;

namespace {

struct VariablesStory : World {
  VariablesStory() {
    request.candidate.labels = {{"owner", "ann"}, {"a.b", "dotted"}, {"empty", ""}};
    request.candidate.metrics = {{"auc", 0.5}};
    request.candidate.data_sets = {{"training", "wine/1.csv"}};
  }
  std::string fill(const std::string& text, Escape escape = Escape::none) {
    const auto filled = fill_in(text, request, escape);
    return filled ? *filled : filled.error().code + ": " + filled.error().message;
  }
  std::string with_owner(const std::string& value, const std::string& text, Escape escape) {
    request.candidate.labels["owner"] = value;
    return fill(text, escape);
  }
};

std::string text_refusal(const std::string& text) {
  const auto known = gates::check_variables(text);
  return known ? "" : known.error().code + ": " + core::to_text(known.error());
}

}  // namespace

TEST_CASE("variables of the candidate, the lane and the promotion are filled in") {
  VariablesStory story;
  CHECK(story.fill("${candidate.model}/${candidate.version}") == "wine/7");
  CHECK(story.fill("${candidate.labels.owner}${candidate.labels.a.b}") == "anndotted");
  CHECK(story.fill("${candidate.metrics.auc} ${candidate.data_sets.training}") == "0.5 wine/1.csv");
  CHECK(story.fill("${lane.model} in ${lane.environment} by ${promotion}") == "wine in production by prm_1");
  CHECK(story.fill("${candidate.id}") == story.request.candidate_id.text());
}

TEST_CASE("text without variables stays as it is, dollars included") {
  VariablesStory story;
  for (const auto* text : {"", "$", "costs $5", "$$", "{candidate.version}", "$ {x}", "}{"})
    CHECK(story.fill(text) == text);
  CHECK(story.fill("$${candidate.version}}") == "$7}");
}

TEST_CASE("a variable that the candidate has no value for is a problem that names it") {
  VariablesStory story;
  CHECK(story.fill("a ${candidate.labels.reviewer} b") ==
        "unknown-variable: the candidate has no value for ${candidate.labels.reviewer}");
  for (const auto* text :
       {"${candidate.labels.empty}", "${candidate.git.commit}", "${candidate.source}", "${candidate.labels}",
        "${candidate}", "${}", "${lane}", "${PATH}", "${candidate. version}", "${ candidate.version }"}) {
    INFO(text);
    CHECK(story.fill(text).find("unknown-variable: the candidate has no value for $") == 0);
  }
  CHECK(story.fill("${candidate.version").find("unknown-variable: `${candidate.version` is never closed") == 0);
}

TEST_CASE("variables inside variables, and variables inside values, are not filled in") {
  VariablesStory story;
  story.request.candidate.labels["${lane.model"] = "x";
  CHECK(story.fill("${candidate.labels.${lane.model}}").find("unknown-variable: a variable stands inside") == 0);
  CHECK(story.with_owner("${candidate.version}", "${candidate.labels.owner}", Escape::none) == "${candidate.version}");
  CHECK(story.with_owner("${", "${candidate.labels.owner}candidate.version}", Escape::none) == "${candidate.version}");
}

TEST_CASE("a value in a URL stays one segment, one query value") {
  VariablesStory story;
  const std::string path = "/m/${candidate.labels.owner}/health?o=${candidate.labels.owner}";
  CHECK(story.with_owner("a/../../admin", path, Escape::url) == "/m/a%2F..%2F..%2Fadmin/health?o=a%2F..%2F..%2Fadmin");
  CHECK(story.with_owner("x?y=1&z#f", path, Escape::url) == "/m/x%3Fy%3D1%26z%23f/health?o=x%3Fy%3D1%26z%23f");
  CHECK(story.with_owner("a b+c%2F", path, Escape::url) == "/m/a%20b%2Bc%252F/health?o=a%20b%2Bc%252F");
  CHECK(story.with_owner("e@evil:80\\", path, Escape::url) == "/m/e%40evil%3A80%5C/health?o=e%40evil%3A80%5C");
  CHECK(story.with_owner("\r\nHost: evil", path, Escape::url) ==
        "/m/%0D%0AHost%3A%20evil/health?o=%0D%0AHost%3A%20evil");
  CHECK(story.with_owner("J\xC3\xB6rg\xFF", "${candidate.labels.owner}", Escape::url) == "J%C3%B6rg%FF");
  CHECK(story.with_owner("A-z_0.9~", "${candidate.labels.owner}", Escape::url) == "A-z_0.9~");
}

TEST_CASE("a value in JSON stays inside its text, whatever it holds") {
  VariablesStory story;
  const json body{{"owner", "${candidate.labels.owner}"}, {"admin", false}};
  for (const std::string value :
       {"\", \"admin\": true, \"x\": \"", "\\", "\\\"", "\n\t\x01", "J\xC3\xB6rg", "</script>", "}"}) {
    INFO(value);
    const auto filled = story.with_owner(value, body.dump(), Escape::json);
    CHECK(json::parse(filled) == json{{"owner", value}, {"admin", false}});
  }
  // Not UTF-8: replaced, so that JSON stays JSON.
  CHECK(json::parse(story.with_owner("a\xFF", body.dump(), Escape::json))["owner"] == "a\xEF\xBF\xBD");
  CHECK(json::parse(story.with_owner(std::string("a\0b", 3), body.dump(), Escape::json))["owner"] ==
        std::string("a\0b", 3));
}

TEST_CASE("a variable that no candidate can have is refused when it is loaded, with what was meant") {
  CHECK(text_refusal("no variables at all, $5").empty());
  CHECK(text_refusal("${candidate.id}${candidate.labels.owner}${lane.model}${lane.environment}${promotion}").empty());
  CHECK(text_refusal("${candidate.verison}").find("did you mean `version`?") != std::string::npos);
  CHECK(text_refusal("${candidate.label.owner}").find("did you mean `labels.owner`?") != std::string::npos);
  for (const auto* text :
       {"${HOME}", "${lane}", "${lane.modle}", "${}", "${candidate}", "${candidate.labels}", "${candidate.authors}",
        "${candidate.version", "${candidate.labels.${lane.model}}", "${ promotion }"}) {
    INFO(text);
    CHECK(text_refusal(text).find("unknown-variable: ") == 0);
  }
}

TEST_CASE("the outline of a text shows where its variables are") {
  CHECK(gates::outline("a ${x} b ${y}", '*') == "a * b *");
  CHECK(gates::outline("${open", '*') == "${open");
}
