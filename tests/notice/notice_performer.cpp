// A notice reaches every endpoint once, whatever the others do, and is given up after a day.
#include "tests/notice/notice_world.hpp"

using namespace penstock;

TEST_CASE("a notice is told by a signed webhook that says what, where, for whom and since when") {
  NoticeReceiver chat("chat");
  NoticeWorld world({chat.endpoint()});
  world.journal_notice(reminder());
  world.clock.advance(5s);
  world.start();
  world.run_until([&] { return world.is_settled(); });
  REQUIRE(chat.count() == 1);
  const auto request = chat.requests().front();
  CHECK(request.starts_with("POST /notices "));
  const auto id = NoticeReceiver::header(request, "webhook-id");
  const auto stamp = NoticeReceiver::header(request, "webhook-timestamp");
  const auto body = NoticeReceiver::body(request);
  CHECK(id == "msg_" + runtime::sha256("notify/fraud/production/1@chat").hex().substr(0, 32));
  CHECK(stamp == "1795219205");
  CHECK(NoticeReceiver::header(request, "webhook-signature") ==
        "v1," + runtime::base64(runtime::hmac_sha256(LendingWorld::secret, id + "." + stamp + "." + body)));
  CHECK(nlohmann::json::parse(body) ==
        nlohmann::json{{"type", "notice.reminder"},
                       {"timestamp", core::to_text(world.clock.now() - 5s)},
                       {"data",
                        {{"key", "notify/fraud/production/1"},
                         {"kind", "reminder"},
                         {"model", "fraud"},
                         {"environment", "production"},
                         {"promotion", "prm_1"},
                         {"to", {"group:release-managers", "person:ann"}},
                         {"text", "fraud in production waits for version 7 to be decided on"},
                         {"href", "/v1/promotions/prm_1"}}}});
}

TEST_CASE("a notice about a lane names no promotion") {
  NoticeReceiver chat("chat");
  NoticeWorld world({chat.endpoint()});
  auto about_lane = reminder();
  about_lane.promotion.clear();
  about_lane.kind = core::NoticeKind::approval_void;
  about_lane.to.clear();
  world.journal_notice(about_lane);
  world.start();
  world.run_until([&] { return world.is_settled(); });
  REQUIRE(chat.count() == 1);
  const auto body = nlohmann::json::parse(NoticeReceiver::body(chat.requests().front()));
  CHECK(body["type"] == "notice.approval-void");
  CHECK(body["data"]["promotion"].is_null());
  CHECK(body["data"]["to"] == nlohmann::json::array());
  CHECK_FALSE(body["data"].contains("href"));
}

TEST_CASE("every endpoint gets the notice, each under an id of its own") {
  NoticeReceiver chat("chat");
  NoticeReceiver pager("pager");
  NoticeWorld world({chat.endpoint(), pager.endpoint()});
  world.journal_notice(reminder());
  world.journal_notice(reminder(2));
  world.start();
  world.run_until([&] { return world.is_settled(); });
  auto ids = chat.ids();
  CHECK(ids.size() == 2);
  for (const auto& id : pager.ids()) ids.push_back(id);
  CHECK(ids.size() == 4);
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == 4);
}

TEST_CASE("without an endpoint a notice is done once it is in the log") {
  NoticeWorld world({});
  const auto command = reminder();
  CHECK(std::holds_alternative<engine::NothingToDo>(world.run(world.notices.perform(command, world.row_of(command)))));
}

TEST_CASE("an endpoint that is down gets the notice later under the same id, and the others do not get it again") {
  NoticeReceiver chat("chat");
  NoticeReceiver pager("pager", "503 Busy");
  NoticeWorld world({chat.endpoint(), pager.endpoint()});
  world.journal_notice(reminder());
  world.start();
  for (std::size_t tries = 1; tries <= 4; ++tries) {
    world.run_until([&] { return chat.count() == 1 && pager.count() == tries; });
    if (tries == 4) break;
    if (tries == 3) pager.answer("204 No Content");
    // Nothing is under way any more: what is due next is the next try.
    world.run_until([&] { return **world.journal->next_due() > world.clock.now() && world.telling.running() == 0; });
    CHECK(**world.journal->next_due() - world.clock.now() <= std::chrono::seconds(1 << (tries - 1)));
    world.clock.advance(5s);
  }
  world.run_until([&] { return world.is_settled(); });
  CHECK(chat.count() == 1);
  const auto ids = pager.ids();
  REQUIRE(ids.size() == 4);
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == 1);
  std::set<std::string> bodies;
  for (const auto& request : pager.requests()) bodies.insert(NoticeReceiver::body(request));
  CHECK(bodies.size() == 1);
}

TEST_CASE("an endpoint is not asked again sooner than it wants") {
  NoticeReceiver chat("chat", "429 Slow Down", "Retry-After: 600\r\n");
  NoticeWorld world({chat.endpoint()});
  world.journal_notice(reminder());
  world.start();
  world.run_until_due_at(world.clock.now() + 10min);
  CHECK(chat.count() == 1);
}

TEST_CASE("an endpoint that refuses for good is not asked again, and the others still get the notice") {
  for (const auto* refusal : {"410 Gone", "401 Unauthorized", "400 Bad Request", "302 Found"}) {
    NoticeReceiver gone("gone", refusal);
    NoticeReceiver chat("chat");
    NoticeWorld world({gone.endpoint(), chat.endpoint()});
    world.journal_notice(reminder());
    world.start();
    world.run_until([&] { return world.is_settled(); });
    CHECK(gone.count() == 1);
    CHECK(chat.count() == 1);
  }
}

TEST_CASE("an endpoint without a secret is told nothing: no notice goes out unsigned") {
  NoticeReceiver chat("chat");
  auto unsigned_one = chat.endpoint();
  unsigned_one.secret.clear();
  NoticeWorld world({unsigned_one});
  world.journal_notice(reminder());
  world.start();
  world.run_until([&] { return world.is_settled(); });
  CHECK(chat.count() == 0);
}
