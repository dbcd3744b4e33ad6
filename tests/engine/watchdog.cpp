#include "daemon/engine/watchdog.hpp"

#include "tests/catch.hpp"
#include "tests/engine/rig.hpp"

namespace penstock::tests {
namespace {

// A watchdog over an engine whose worker has not been started: what is due stays where it is.
struct Watched {
  MemoryWorld world;
  Rig rig{*world.journal, world.context, {policy_for("fraud", "production")}};
  int told = 0;
  bool excuse = false;
  engine::Watchdog watchdog{{world.context.get_executor(), *world.journal, rig.pool, rig.clock,
                             [this] { return excuse; }, [this] { ++told; }, 5ms}};

  // How often it told in a while in which it could have told often.
  int told_in_a_while() {
    told = 0;
    world.context.restart();
    const auto work = asio::make_work_guard(world.context);
    world.context.run_for(60ms);
    return told;
  }
  ~Watched() {
    watchdog.stop();
    told_in_a_while();
  }
};

}  // namespace

TEST_CASE("whoever supervises the daemon is told that it works while nothing due is late") {
  Watched watched;
  watched.watchdog.start();
  CHECK(watched.told_in_a_while() > 0);
  watched.rig.see("fraud", "1");
  watched.rig.clock.advance(1min);
  CHECK(watched.told_in_a_while() > 0);
  watched.watchdog.stop();
  watched.told_in_a_while();
  CHECK(watched.told_in_a_while() == 0);
}

TEST_CASE("nothing is told while due work is not taken up, unless it is known why") {
  Watched watched;
  watched.watchdog.start();
  // The row was leased to the worker when it was written; nobody holds it any more.
  watched.rig.see("fraud", "1");
  watched.rig.clock.advance(1h);
  watched.told_in_a_while();
  CHECK(watched.told_in_a_while() == 0);
  watched.excuse = true;
  CHECK(watched.told_in_a_while() > 0);
}

}  // namespace penstock::tests
