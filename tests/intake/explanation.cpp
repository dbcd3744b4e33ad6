#include "daemon/intake/explanation.hpp"

#include <fstream>

#include "tests/intake/explanation_story.hpp"

namespace penstock::intake {
namespace {

// Awaiting the second of two approvals.
std::string half_approved(ApiStory& story) {
  const auto id = story.submit();
  story.pass_gates(id);
  story.decide(id, {{"decision", "approve"}}, ana);
  return id;
}

// Without what is different in every run: ids and digests.
void anonymise(json& value, const std::string& id) {
  if (value.is_structured())
    for (auto& one : value) anonymise(one, id);
  if (!value.is_string()) return;
  auto text = value.get<std::string>();
  for (auto at = text.find(id); at != std::string::npos; at = text.find(id)) text.replace(at, id.size(), "PROMOTION");
  for (auto at = text.find("sha256:"); at != std::string::npos; at = text.find("sha256:"))
    text.replace(at, 71, "DIGEST");
  value = text;
}

// Enough of JSON Schema for the one that is published: types, required and known members, enums, items, references.
std::string breaks(const json& value, json schema, const std::string& at = "") {
  if (schema.contains("$ref")) schema = explanation_schemas().at(schema["$ref"].get<std::string>().substr(21));
  if (!schema.contains("type")) return {};
  const auto types = schema["type"].is_array() ? schema["type"] : json::array({schema["type"]});
  const std::string type = value.is_number_integer() ? "integer" : value.type_name();
  if (std::find(types.begin(), types.end(), type) == types.end()) return at + " is " + type;
  if (schema.contains("enum") && std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
    return at + " is " + value.dump();
  if (value.is_array())
    for (const auto& one : value)
      if (auto wrong = breaks(one, schema.value("items", json::object()), at + "[]"); !wrong.empty()) return wrong;
  if (!value.is_object()) return {};
  for (const auto& key : schema.value("required", json::array()))
    if (!value.contains(key.get<std::string>())) return at + " has no " + key.get<std::string>();
  const auto known = schema.value("properties", json::object());
  for (const auto& [key, member] : value.items()) {
    if (!known.contains(key) && !schema.value("additionalProperties", true)) return at + " has " + key;
    if (!known.contains(key)) continue;
    if (auto wrong = breaks(member, known[key], at + "/" + key); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace

TEST_CASE(
    "an explanation proves from the root to the leaves, with what was observed and needed, and who can change it") {
  ApiStory story;
  const auto document = explained(story, half_approved(story));
  const auto& tree = document["tree"];
  CHECK(tree["id"] == "live");
  CHECK(tree["title"] == "version 7 is live in fraud in production");
  CHECK(tree["met"] == false);
  CHECK(node_of(tree, "live/candidate/content")["met"] == true);
  const auto gate = node_of(tree, "live/stages/data/contract");
  CHECK(gate["met"] == true);
  CHECK(gate["by"] == "any");
  CHECK(gate["observed"] == "0 violations");
  CHECK(gate["needed"] == "0 violations");
  CHECK(gate["source"] == "test");
  CHECK(node_of(tree, "live/stages/data/contract/answer-1")["met"] == true);
  CHECK(node_of(tree, "live/stages/security/style")["blocking"] == false);
  const auto rule = node_of(tree, "live/approvals/release-managers");
  CHECK(rule["observed"] == "1 of 2: ana");
  CHECK(rule["needed"] == "2 approvals by release-managers, not by the submitter or an author");
  CHECK(rule["met"] == false);
  CHECK(rule["who"] == json{"group:release-managers"});
  CHECK(rule["until"] == "2026-11-24T00:00:00.000Z");
  CHECK(rule["excluded"] ==
        json{{{"name", "ci"}, {"as", "submitter"}}, {{"name", "mia@example.com"}, {"as", "author"}}});
  CHECK(node_of(rule, "live/approvals/release-managers/given/ana")["met"] == true);
  const auto missing = node_of(rule, "live/approvals/release-managers/missing/2");
  CHECK(missing["met"] == false);
  CHECK(missing["how"].get<std::string>().find("penstock approve prm_") == 0);
  CHECK(node_of(tree, "live/deliveries/serving")["state"] == "not reached");
  CHECK(document["wait"]["what"] == "1 of 2 approvals by release-managers");
}

TEST_CASE("the shape of an explanation is the one that is kept") {
  ApiStory story;
  const auto id = half_approved(story);
  auto document = explained(story, id);
  anonymise(document, id);
  const std::string path = PENSTOCK_SOURCE_DIR "/tests/golden/explanation.json";
  const auto text = document.dump(2) + "\n";
  if (std::getenv("PENSTOCK_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  const std::string kept((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  INFO("PENSTOCK_UPDATE_GOLDEN=1 writes it anew: a change of the shape is a change of the API");
  CHECK(text == kept);
}

TEST_CASE("an explanation is what the API's description says") {
  const auto schema = explanation_schemas()["Explanation"];
  ApiStory story;
  const auto id = half_approved(story);
  auto document = explained(story, id);
  CHECK(breaks(document, schema) == "");
  CHECK(breaks(explained(story, story.submit("8")), schema) == "");
  document["tree"]["children"][0]["met"] = "yes";
  CHECK(breaks(document, schema) == "/tree/children[]/met is string");
  document["tree"]["children"][0].erase("met");
  CHECK(breaks(document, schema) == "/tree/children[] has no met");
}

TEST_CASE("the first sentence says where it stands, what is needed next, by whom and until when") {
  ApiStory story;
  const auto id = half_approved(story);
  CHECK(told(story, id) ==
        "fraud 7 is awaiting approval in production; needed next: 1 more approval by release-managers until 2026-11-24 "
        "00:00 UTC (in 3 days). How: penstock approve " +
            id + " --digest " + explained(story, id)["decide_on"].get<std::string>() +
            ". 8 of 10 conditions of policy fraud-production are met. Not met: release-managers 1 of "
            "2: ana. So far: contract passed (0 violations); scan passed (0 violations); style passed (advisory) (0 "
            "violations). Not reached: deliveries. Deliveries to fraud in production are open: no window and no stop "
            "closes them.");
}

TEST_CASE("met, not met and not known are told apart") {
  ApiStory story;
  const auto id = story.submit();
  auto document = explained(story, id);
  auto gate = node_of(document, "live/stages/data/contract");
  CHECK(gate["state"] == "under way");
  CHECK(gate["met"].is_null());
  CHECK(gate["who"] == json{"penstock"});
  CHECK(node_of(document, "live/stages/security/scan")["state"] == "not asked yet");
  CHECK(node_of(document, "live/stages/security")["met"].is_null());
  story.answer(id, "contract", core::Verdict::failed, "3 violations");
  document = explained(story, id);
  gate = node_of(document, "live/stages/data/contract");
  CHECK(gate["state"] == "failed");
  CHECK(gate["met"] == false);
  CHECK(node_of(document, "live/stages/data")["met"] == false);
  CHECK(node_of(document, "live/stages/security/scan")["state"] == "never asked");
  CHECK(node_of(document, "live/end/ended")["met"] == false);
  CHECK(told(story, id).find("fraud 7 was rejected in production by gates of stage data (contract failed: 3 "
                             "violations); it has ended") == 0);
  const auto other = story.submit("8");
  story.answer(other, "contract", core::Verdict::inconclusive, "the file is gone");
  gate = node_of(explained(story, other), "live/stages/data/contract");
  CHECK(gate["met"].is_null());
  CHECK(gate["who"] == json{"group:release-managers"});
  CHECK(gate["how"].get<std::string>().find("penstock retry " + other) == 0);
}

TEST_CASE("a failed advisory gate is shown and does not count") {
  ApiStory story;
  const auto id = story.submit();
  story.answer(id, "contract", core::Verdict::passed);
  CHECK(node_of(explained(story, id), "live/stages/security/style")["counts"] == true);
  story.answer(id, "style", core::Verdict::failed, "2 warnings");
  story.answer(id, "scan", core::Verdict::passed);
  const auto document = explained(story, id);
  CHECK(node_of(document, "live/stages/security")["met"] == true);
  CHECK(node_of(document, "live/stages/security/style")["met"] == false);
  CHECK(node_of(document, "live/stages/security/style")["counts"] == false);
  says(document, "style failed (advisory): observed 2 warnings");
}

TEST_CASE("a held promotion says why, who can act and what to do next") {
  ApiStory story;
  story.bring_live(story.submit());
  const auto next = story.submit("8");
  story.pass_gates(next);
  story.decide(next, {{"decision", "approve"}}, ana);
  story.decide(next, {{"decision", "approve"}}, bo);
  core::Event refused = core::DeliveryRefused{next, "serving", 1, "410 gone", "correct the receiver's address"};
  REQUIRE(story.run(story.engine.submit(std::move(refused))));
  const auto document = explained(story, next);
  const auto delivery = node_of(document, "live/deliveries/serving");
  CHECK(delivery["observed"] == "refused: 410 gone");
  CHECK(delivery["met"] == false);
  CHECK(delivery["who"] == json{"group:release-managers"});
  CHECK(node_of(document, "live/hold/decision")["met"] == false);
  says(document, "is held in production because delivery serving was refused: 410 gone");
  says(document, "Next: correct the receiver's address.");
}

TEST_CASE("what is live has every condition met and waits for nothing") {
  ApiStory story;
  const auto id = story.submit();
  story.bring_live(id);
  const auto document = explained(story, id);
  CHECK(document["tree"]["met"] == true);
  CHECK(document["conditions"]["met"] == document["conditions"]["of"]);
  CHECK(document["wait"].is_null());
  CHECK(told(story, id).find("; nothing is needed.") != std::string::npos);
}

TEST_CASE("the paragraph alone is given to those who ask for text") {
  ApiStory story;
  const auto id = story.submit();
  ApiStory::Extra extra;
  extra.headers = {{"accept", "text/plain"}};
  const auto response = story.call("GET", "/v1/promotions/" + id + "/explanation", "", extra);
  CHECK(response.content_type == "text/plain; charset=utf-8");
  CHECK(response.body == told(story, id) + "\n");
}

}  // namespace penstock::intake
