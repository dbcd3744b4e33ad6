// What can() says is what comes of doing it: every verb, by every kind of caller, in every phase.
#include "daemon/intake/can.hpp"

#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

const Caller oda{"oda", true, {"on-call"}};
const Caller ole{"ole", true, {"on-call"}};
const Caller ivy{"ivy", true, {"infosec"}};
const std::string lane_path = "/v1/lanes/fraud/production";

std::shared_ptr<core::Policy> policy() {
  auto made = story_policy();
  made->queue = core::QueueMode::queue;
  made->watch = core::WatchSpec{};
  made->watch->gates = {{"error-rate", "http"}};
  made->break_glass = core::BreakGlassSpec{"on-call", {"contract"}, {core::Dispensable::approvals}, 1h, "infosec", 72h};
  made->digest = runtime::sha256(core::canonical_bytes(*made));
  return made;
}

// One that queues makes way for the newest.
std::shared_ptr<core::Policy> impatient() {
  auto made = std::make_shared<core::Policy>(*policy());
  made->queue = core::QueueMode::cancel_running;
  made->digest = runtime::sha256(core::canonical_bytes(*made));
  return made;
}

void happens(ApiStory& story, core::Event event) { REQUIRE(story.run(story.engine.submit(std::move(event)))); }

std::string approved_by(ApiStory& story, const std::string& version, std::initializer_list<Caller> people) {
  const auto id = story.submit(version, bo);
  story.pass_gates(id);
  for (const auto& person : people) REQUIRE(story.decide(id, {{"decision", "approve"}}, person).status == 200);
  return id;
}
const Caller una{"una", true, {"release-managers"}};
std::string delivering(ApiStory& story, const std::string& version) { return approved_by(story, version, {ana, una}); }
std::string watched(ApiStory& story, const std::string& version) {
  const auto id = delivering(story, version);
  happens(story, core::DeliveryConfirmed{id, "serving", 1, "204"});
  return id;
}
void breaks_glass(ApiStory& story, const std::string& id, const Caller& who) {
  REQUIRE(story.decide(id, {{"decision", "break-glass"}, {"note", "outage"}}, who).status == 200);
}

struct Phase {
  const char* name;
  const char* phase;
  std::function<std::string(ApiStory&)> prepare;
  bool makes_way = false;
};

const std::vector<Phase> phases{
    {"queued", "queued", [](ApiStory& story) { return story.submit("1"), story.submit("7", bo); }},
    {"queued behind a pin", "queued",
     [](ApiStory& story) {
       watched(story, "1");
       story.post(lane_path + "/pin", R"({"reason": "audit"})", ana);
       return story.submit("7", bo);
     }},
    {"checking", "checking", [](ApiStory& story) { return story.submit("7", bo); }},
    {"awaiting approval", "awaiting_approval", [](ApiStory& story) { return approved_by(story, "7", {}); }},
    {"half approved", "awaiting_approval", [](ApiStory& story) { return approved_by(story, "7", {ana}); }},
    {"awaiting a window", "awaiting_window",
     [](ApiStory& story) {
       story.post("/v1/stops", R"({"reason": "outage"})", eve);
       return approved_by(story, "7", {ana, una});
     }},
    {"glass asked for", "checking",
     [](ApiStory& story) {
       const auto id = story.submit("7", bo);
       breaks_glass(story, id, oda);
       return id;
     }},
    {"glass broken", "checking",
     [](ApiStory& story) {
       const auto id = story.submit("7", bo);
       breaks_glass(story, id, oda);
       breaks_glass(story, id, ole);
       return id;
     }},
    {"delivering", "delivering", [](ApiStory& story) { return delivering(story, "7"); }},
    {"watching", "watching", [](ApiStory& story) { return watched(story, "7"); }},
    {"watching after another", "watching", [](ApiStory& story) { return watched(story, "1"), watched(story, "7"); }},
    {"live", "live",
     [](ApiStory& story) {
       const auto id = watched(story, "7");
       story.answer(id, "error-rate", core::Verdict::passed);
       story.clock.advance(25h);
       happens(story, core::DeadlinePassed{id, "watch", {}});
       return id;
     }},
    {"held by a gate", "held",
     [](ApiStory& story) {
       const auto id = story.submit("7", bo);
       story.answer(id, "contract", core::Verdict::inconclusive, "the file is gone");
       return id;
     }},
    {"held by a delivery", "held",
     [](ApiStory& story) {
       const auto id = delivering(story, "7");
       happens(story, core::DeliveryRefused{id, "serving", 1, "410", "ask"});
       return id;
     }},
    {"rejected", "rejected",
     [](ApiStory& story) {
       const auto id = story.submit("7", bo);
       story.decide(id, {{"decision", "reject"}, {"note", "no"}}, ana);
       return id;
     }},
    {"expired", "expired",
     [](ApiStory& story) {
       const auto id = approved_by(story, "7", {});
       story.clock.advance(73h);
       happens(story, core::DeadlinePassed{id, "approval", {}});
       return id;
     }},
    {"superseded", "superseded",
     [](ApiStory& story) {
       const auto id = story.submit("7", bo);
       story.submit("8", bo);
       return id;
     },
     true},
    {"withdrawn", "withdrawn",
     [](ApiStory& story) {
       const auto id = story.submit("7", bo);
       story.post("/v1/promotions/" + id + "/withdraw", R"({"reason": "no"})", bo);
       return id;
     }},
    {"vetoed", "vetoed",
     [](ApiStory& story) {
       const auto id = story.submit("7", bo);
       story.decide(id, {{"decision", "veto"}, {"note", "no"}}, ana);
       return id;
     }},
    {"replaced", "replaced",
     [](ApiStory& story) {
       const auto id = watched(story, "7");
       watched(story, "8");
       return id;
     }},
    {"going back", "delivering",
     [](ApiStory& story) {
       watched(story, "1");
       watched(story, "7");
       const auto back = story.post(lane_path + "/rollback", R"({"reason": "slow"})", ana);
       return json::parse(back.body).at("id").get<std::string>();
     }},
    {"rolled back", "rolled_back",
     [](ApiStory& story) {
       watched(story, "1");
       const auto id = watched(story, "7");
       const auto back = story.post(lane_path + "/rollback", R"({"reason": "slow"})", ana);
       happens(story, core::DeliveryConfirmed{json::parse(back.body).at("id"), "serving", 1, "204"});
       return id;
     }},
};

bool tries(ApiStory& story, const std::string& id, const std::string& verb, const Caller& caller) {
  const auto base = "/v1/promotions/" + id + "/";
  const auto response = verb == "retry"      ? story.post(base + verb, "", caller)
                        : verb == "withdraw" ? story.post(base + verb, R"({"reason": "x"})", caller)
                        : verb == "rollback" ? story.post(lane_path + "/rollback", R"({"reason": "x"})", caller)
                        : verb == "pin"      ? story.post(lane_path + "/pin", R"({"reason": "x"})", caller)
                        : verb == "release"  ? story.post(lane_path + "/release", "", caller)
                        : verb == "review"   ? story.post(lane_path + "/review", R"({"text": "x"})", caller)
                                             : story.decide(id, {{"decision", verb}, {"note", "x"}}, caller);
  return response.status < 300 && !json::parse(response.body).contains("ignored");
}

// What may not be done changes nothing, so that all of it is tried in one story; what may be, each in its own.
void agrees(const Phase& phase, const Caller& caller, const std::string& path_of_can) {
  const auto made = [&] {
    return std::vector<std::shared_ptr<const core::Policy>>{phase.makes_way ? impatient() : policy()};
  };
  ApiStory story(made());
  const auto id = phase.prepare(story);
  REQUIRE(story.phase(id) == phase.phase);
  const auto path = path_of_can.empty() ? "/v1/promotions/" + id : path_of_can;
  const auto can = json::parse(story.call("GET", path, "", {{}, caller}).body)["can"];
  const auto before = story.journal->newest_seq().value();
  for (const auto& [verb, answer] : can.items()) {
    CAPTURE(phase.name, caller.name, verb, answer.dump());
    if (answer["may"]) {
      ApiStory other(made());
      const auto same = phase.prepare(other);
      CHECK(tries(other, same, verb, caller));
    } else {
      CHECK(answer["why"] != "");
      CHECK_FALSE(tries(story, id, verb, caller));
    }
  }
  CHECK(story.journal->newest_seq().value() == before);
}

const std::vector<Caller> callers{ana, bo, eve, ci, oda, ivy};

}  // namespace

TEST_CASE("can and the routes agree on every verb about a promotion, by everybody and in every phase") {
  for (const auto& phase : phases)
    for (const auto& caller : callers) agrees(phase, caller, "");
}

TEST_CASE("can and the routes agree on every verb about a lane, by everybody and in every phase") {
  for (const auto& phase : phases)
    for (const auto& caller : {ana, eve, ci, ivy}) agrees(phase, caller, lane_path);
}

TEST_CASE("an approval can be taken back while others are awaited, and while a window is, and no later") {
  for (const auto& phase : phases) {
    ApiStory story({phase.makes_way ? impatient() : policy()});
    const auto id = phase.prepare(story);
    const auto can = json::parse(story.call("GET", "/v1/promotions/" + id, "", {{}, ana}).body)["can"];
    const std::string name = phase.name;
    CAPTURE(name);
    CHECK(can["take-back"]["may"] == (name == "half approved" || name == "awaiting a window"));
  }
  ApiStory story({policy()});
  const auto id = phases[5].prepare(story);
  REQUIRE(story.decide(id, {{"decision", "take-back"}}, ana).status == 200);
  CHECK(story.phase(id) == "awaiting_approval");
}

}  // namespace penstock::intake
