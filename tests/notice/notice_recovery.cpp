// Restarts, long outages, and endpoints that hang or were taken out of the settings.
#include "daemon/notice/errand.hpp"
#include "tests/notice/notice_world.hpp"

using namespace penstock;

namespace {

// One call for one endpoint, as the worker makes it.
engine::Performed tell(NoticeWorld& world, const std::string& endpoint, core::Time came_up, int tries) {
  const auto command = reminder();
  auto row = notice::row_of({endpoint, came_up}, command, world.row_of(command));
  row.tries = tries;
  return world.run(world.notices.perform(command, row));
}

struct ReleaseAtEnd {
  std::promise<void>& held;
  ~ReleaseAtEnd() { held.set_value(); }
};

}  // namespace

TEST_CASE("a notice is tried for a day, and then given up") {
  NoticeReceiver pager("pager", "500 Broken");
  NoticeWorld world({pager.endpoint()});
  const auto now = world.clock.now();
  for (const auto& [tries, step] : {std::pair<int, core::Duration>(1, 1s), {4, 8s}, {300, 5min}}) {
    const auto performed = tell(world, "pager", now - 23h, tries);
    REQUIRE(std::holds_alternative<engine::TryAgain>(performed));
    CHECK(std::get<engine::TryAgain>(performed).at - now >= step / 2);
    CHECK(std::get<engine::TryAgain>(performed).at - now <= step);
  }
  CHECK(std::holds_alternative<engine::NothingToDo>(tell(world, "pager", now - 24h, 300)));
  pager.answer("503 Busy", "Retry-After: 7200\r\n");
  CHECK(std::holds_alternative<engine::TryAgain>(tell(world, "pager", now - 21h, 1)));
  CHECK(std::holds_alternative<engine::NothingToDo>(tell(world, "pager", now - 23h, 1)));
}

TEST_CASE("a notice that came up while the daemon was down for longer than a day is still told") {
  NoticeReceiver pager("pager");
  NoticeWorld world({pager.endpoint()});
  world.journal_notice(reminder());
  world.clock.advance(72h);
  world.start();
  world.run_until([&] { return world.is_settled(); });
  CHECK(pager.count() == 1);
}

TEST_CASE("an endpoint that is away is tried later") {
  std::optional<NoticeReceiver> pager("pager");
  const auto endpoint = pager->endpoint();
  pager.reset();
  NoticeWorld world({endpoint});
  CHECK(std::holds_alternative<engine::TryAgain>(tell(world, "pager", world.clock.now(), 1)));
}

TEST_CASE("a notice for an endpoint that is no longer told of notices is dropped") {
  NoticeReceiver chat("chat");
  NoticeWorld world({chat.endpoint()});
  CHECK(std::holds_alternative<engine::NothingToDo>(tell(world, "former", world.clock.now(), 1)));
  CHECK(chat.count() == 0);
}

TEST_CASE("a row that was divided twice, after a crash, is told twice under one id") {
  NoticeReceiver chat("chat");
  NoticeWorld world({chat.endpoint()});
  world.journal_notice(reminder());
  world.start();
  world.run_until([&] { return world.is_settled(); });
  world.journal_notice(reminder());
  world.run_until([&] { return chat.count() == 2 && world.is_settled(); });
  CHECK(chat.ids()[0] == chat.ids()[1]);
}

TEST_CASE("an endpoint that hangs delays no other one, however many notices wait for it") {
  constexpr int notices = 40;
  std::promise<void> release;
  auto released = release.get_future().share();
  TestServer hanging([released](const std::string&, int) {
    released.wait();
    return std::string();
  });
  NoticeReceiver chat("chat");
  const sdk::Endpoint stuck{"stuck", "webhook", hanging.url("/"), LendingWorld::secret, "", "", true, {}};
  NoticeWorld world({stuck, chat.endpoint()});
  const ReleaseAtEnd at_end{release};
  for (int number = 1; number <= notices; ++number) world.journal_notice(reminder(number));
  world.start();
  world.run_until([&] { return chat.count() == notices; });
}

TEST_CASE("an endpoint of a kind that has no notifier is refused, not asked for ever") {
  const sdk::Endpoint registry{"main", "mlflow", "https://mlflow.example", "", "", "", false, {}};
  NoticeWorld world({registry});
  CHECK(std::holds_alternative<engine::NothingToDo>(tell(world, "main", world.clock.now(), 1)));
}
