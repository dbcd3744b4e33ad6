#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

const std::string waivers = "/v1/lanes/fraud/production/waivers";

json wanted() {
  return {{"gate", "contract"},
          {"versions", "7"},
          {"reason", "the reference data is late"},
          {"control", "review of 200 rows"},
          {"for", "72h"}};
}
std::string detail_of(const Response& response) { return body_of(response).value("detail", ""); }

// A promotion that is held for its first gate.
struct Held : ApiStory {
  Held() {
    id = submit("7");
    answer(id, "contract", core::Verdict::inconclusive, "no reference");
  }
  Response ask(const json& body, const Caller& caller = eve) { return post(waivers, body.dump(), caller); }
  std::string asked() { return body_of(ask(wanted())).at("id"); }
  Response grant(const std::string& waiver, const Caller& caller = ana) {
    return post(waivers + "/" + waiver + "/grant", "{}", caller);
  }
  Response revoke(const std::string& waiver, const Caller& caller = ana) {
    return post(waivers + "/" + waiver + "/revoke", R"({"reason": "the data came"})", caller);
  }
  std::string id;
};

}  // namespace

TEST_CASE("a waiver is asked for by one person and granted by another, and what was held goes on") {
  Held story;
  const auto asked = story.ask(wanted());
  CHECK(asked.status == 201);
  const auto waiver = body_of(asked);
  CHECK(waiver["id"].get<std::string>().substr(0, 4) == "wvr_");
  CHECK(waiver["requester"] == "eve");
  CHECK(waiver["ends"] == "2026-11-24T00:00:00.000Z");
  CHECK_FALSE(waiver.contains("granter"));
  CHECK(story.phase(story.id) == "held");
  const auto granted = story.grant(waiver["id"]);
  CHECK(granted.status == 200);
  CHECK(body_of(granted)["granter"] == "ana");
  CHECK(body_of(granted)["environment"] == "production");
  CHECK(story.phase(story.id) == "checking");
  const auto listed = story.get_json("/v1/lanes/fraud/production")["waivers"];
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["id"] == waiver["id"]);
  CHECK(listed[0]["granter"] == "ana");
  CHECK(body_of(story.grant(waiver["id"], bo))["ignored"] == "ana has granted it already");
}

TEST_CASE("a waiver may end at a time, and be for one candidate or one rule") {
  Held story;
  auto body = wanted();
  body.erase("for");
  body.erase("versions");
  body["ends"] = "2026-11-22T01:00:00+01:00";
  body["candidate"] = story.get_json("/v1/promotions/" + story.id)["candidate"];
  body["rule"] = "age/minimum";
  const auto waiver = body_of(story.ask(body));
  CHECK(waiver["ends"] == "2026-11-22T00:00:00.000Z");
  CHECK(waiver["candidate"] == body["candidate"]);
  CHECK(waiver["rule"] == "age/minimum");
}

TEST_CASE("a waiver that says too little or too much is refused") {
  Held story;
  const auto with = [&](const char* key, const json& value) {
    auto body = wanted();
    body[key] = value;
    return story.ask(body);
  };
  const auto without = [&](const char* key) {
    auto body = wanted();
    body.erase(key);
    return story.ask(body);
  };
  for (const auto* key : {"gate", "reason", "control", "for", "versions"}) CHECK(without(key).status == 400);
  for (const auto* key : {"reason", "control"}) CHECK(with(key, "").status == 400);
  CHECK(detail_of(with("ends", "2026-11-22T00:00:00Z")) == "a waiver needs either `ends` or `for`");
  CHECK(with("candidate", runtime::sha256("x").text()).status == 400);
  CHECK(with("candidate", "7").status == 400);
  CHECK(with("for", "91d").status == 400);
  CHECK(with("for", "90d").status == 201);
  for (const auto* length : {"0s", "soon", "-1h", "100000000000d", "9999999d"})
    CHECK(with("for", length).status == 400);
  auto past = wanted();
  past.erase("for");
  for (const auto* ends : {"2026-11-20T00:00:00Z", "tomorrow"}) {
    past["ends"] = ends;
    CHECK(story.ask(past).status == 400);
  }
  CHECK(with("reson", "x").status == 400);
  CHECK(story.get_json("/v1/lanes/fraud/production")["waivers"].size() == 1);
}

TEST_CASE("a waiver of a gate that nobody asks is told which gates there are") {
  Held story;
  auto body = wanted();
  body["gate"] = "contrct";
  const auto response = story.ask(body);
  CHECK(response.status == 400);
  CHECK(body_of(response)["hint"] == "the gates are contract, scan, style");
}

TEST_CASE("nobody grants their own waiver, and only people who decide grant one") {
  Held story;
  CHECK(story.ask(wanted(), ci).status == 403);
  const std::string own = body_of(story.ask(wanted(), ana)).at("id");
  CHECK(story.grant(own, ana).status == 403);
  CHECK(story.grant(own, eve).status == 403);
  CHECK(story.grant(own, ci).status == 403);
  CHECK(story.phase(story.id) == "held");
  CHECK(story.grant(own, bo).status == 200);
}

TEST_CASE("a waiver that is taken back opens its gate again") {
  Held story;
  const auto waiver = story.asked();
  story.grant(waiver);
  for (const auto* gate : {"scan", "style"}) story.answer(story.id, gate, core::Verdict::passed);
  CHECK(story.phase(story.id) == "awaiting_approval");
  CHECK(story.post(waivers + "/" + waiver + "/revoke", "{}", ana).status == 400);
  CHECK(story.revoke(waiver, ci).status == 403);
  const auto revoked = story.revoke(waiver, eve);
  CHECK(revoked.status == 200);
  CHECK(body_of(revoked)["id"] == waiver);
  CHECK(story.phase(story.id) == "checking");
  CHECK(story.get_json("/v1/lanes/fraud/production")["waivers"].empty());
  CHECK(story.revoke(waiver).status == 404);
  CHECK(story.grant(waiver).status == 404);
}

TEST_CASE("a waiver lives in its lane") {
  Held story;
  const auto waiver = story.asked();
  CHECK(story.post("/v1/lanes/fraud/staging/waivers", wanted().dump(), eve).status == 404);
  CHECK(story.post("/v1/lanes/fraud/staging/waivers/" + waiver + "/grant", "", ana).status == 404);
  CHECK(story.grant("wvr_none").status == 404);
  CHECK(story.revoke("wvr_none").status == 404);
}

TEST_CASE("a waiver that has ended is not granted any more") {
  Held story;
  const auto waiver = story.asked();
  story.clock.advance(73h);
  CHECK(story.grant(waiver).status == 409);
}

}  // namespace penstock::intake
