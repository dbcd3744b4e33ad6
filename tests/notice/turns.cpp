// What waited for a thread is not told by a daemon that may have lost it meanwhile.
#include "daemon/notice/errand.hpp"
#include "tests/engine/among_several.hpp"
#include "tests/notice/notice_world.hpp"

using namespace penstock;

TEST_CASE("a notice whose turn comes while its daemon is not in force is not told, and not given up either") {
  NoticeReceiver pager("pager");
  NoticeWorld world({pager.endpoint()});
  tests::AmongSeveral daemon(world.clock);
  notice::NoticePerformer::Parts parts{world.clock, daemon.claims, world.lending, plugins::catalog().notifiers,
                                       NoticeWorld::listeners({pager.endpoint()})};
  parts.workforce = [&](std::size_t count) { return daemon.hire(count); };
  notice::NoticePerformer notices(std::move(parts));
  // It came up so long ago that what fails now is given up.
  const auto command = reminder();
  auto row = notice::row_of({"pager", world.clock.now() - 24h}, command, world.row_of(command));
  row.tries = 1;
  const auto perform = [&] {
    daemon.claims.begin(row);
    auto performed = world.run(notices.perform(command, row));
    daemon.claims.end(row.key);
    return performed;
  };
  daemon.meanwhile = [&] { daemon.in_force.holds = false; };
  CHECK(std::holds_alternative<engine::TryAgain>(perform()));
  CHECK(pager.count() == 0);
  daemon.meanwhile = [&] { daemon.in_force.holds = true; };
  CHECK(std::holds_alternative<engine::NothingToDo>(perform()));
  CHECK(pager.count() == 1);
}
