// A source that one of several daemons watches.
#include "tests/engine/among_several.hpp"
#include "tests/engine/slow_journal.hpp"
#include "tests/intake/watcher_story.hpp"

namespace penstock::intake {
namespace {

// What the database says of who watches the source.
class ScriptedShared : public tests::InForce {
 public:
  core::Result<bool> own_source(const std::string&) override {
    const std::lock_guard lock(mutex_);
    return answer_;
  }

  void answer(core::Result<bool> says) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(says);
  }

 private:
  std::mutex mutex_;
  core::Result<bool> answer_ = core::Problem{"journal-failed", "the database is away", "", "", true};
};

struct SharedJournal : tests::SlowJournal {
  explicit SharedJournal(journal::Journal& inner) : tests::SlowJournal(inner) {}
  journal::Shared* shared() override { return &between; }
  ScriptedShared between;
};

struct WatchingAmongDaemons {
  std::unique_ptr<journal::Journal> kept = journal::open_memory([](std::function<void()> done) { done(); });
  SharedJournal journal{*kept};
  Watching story{1h, &journal};

  WatchingAmongDaemons() {
    story.script->polls = {poll_of({}, "c1")};
    story.watcher->start();
  }
  double failures() const { return story.metrics.value("penstock_source_failures", {{"source", "registry"}}); }
};

}  // namespace

TEST_CASE("a source that cannot be polled because the journal cannot be asked fails, until it can") {
  WatchingAmongDaemons among;
  among.story.until_polls("failed", 1);
  CHECK(among.failures() == 1);
  CHECK(among.story.watcher->states()[0].problem_code == "journal-failed");
  CHECK(among.story.told == std::vector<std::string>{"registry: journal-failed"});
  CHECK(among.story.script->polled() == 0);
  among.journal.between.answer(true);
  among.story.until_polls("worked", 1);
  CHECK(among.failures() == 0);
}

TEST_CASE("what failed while the journal was away is no failure where another daemon watches the source") {
  WatchingAmongDaemons among;
  among.story.until_polls("failed", 1);
  among.journal.between.answer(false);
  among.story.until([&] { return among.failures() == 0; });
  CHECK(among.story.watcher->states()[0].failures == 0);
  CHECK(among.story.watcher->states()[0].problem_code.empty());
  CHECK(among.story.script->polled() == 0);
}

}  // namespace penstock::intake
