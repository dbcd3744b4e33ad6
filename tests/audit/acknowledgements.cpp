// Sinks and witnesses that are slow, away, and back.
#include "daemon/audit/acknowledgements.hpp"

#include <atomic>

#include "daemon/audit/folder_store.hpp"
#include "daemon/audit/sink.hpp"
#include "daemon/audit/verify.hpp"
#include "tests/audit/log.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;
using namespace std::chrono_literals;

namespace {

struct AcknowledgementRig {
  TemporaryFolder folder;
  fs::path log = folder / "log";
  LogWriter writer = LogWriter::open(log, signer()).value();
  std::uint64_t size = 0;

  void grow(std::uint64_t to) {
    REQUIRE(writer.append(entries(size, to), true).has_value());
    size = to;
  }
  NamedAcknowledger named(const std::string& name) {
    return {name, "file", std::make_unique<Sink>(std::make_unique<FolderStore>(folder / name)), 1ms};
  }
  std::unique_ptr<Acknowledgements> start() {
    Acknowledgements::Parts parts{log, signer().verifier(), [] { return core::Time(core::Duration(1000)); }, {}};
    parts.all.push_back(named("vault"));
    parts.all.push_back(named("away"));
    parts.first_pause = 5ms;
    parts.longest_pause = 20ms;
    return std::make_unique<Acknowledgements>(std::move(parts));
  }
};

template <class Holds>
bool comes(Holds holds) {
  for (const auto until = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < until;
       std::this_thread::sleep_for(1ms))
    if (holds()) return true;
  return false;
}

}  // namespace

TEST_CASE("one sink that is away does not hold up the other one, and is told and brought up to date when it is back") {
  AcknowledgementRig rig;
  fs::create_directories(rig.folder / "vault");
  rig.grow(3);
  const auto all = rig.start();
  CHECK(comes([&] { return all->states()[0].entries == 3; }));
  CHECK(comes([&] { return all->states()[1].failing_since.has_value(); }));
  auto away = all->states()[1];
  CHECK(away.name == "away");
  CHECK(away.kind == "file");
  CHECK(away.entries == 0);
  CHECK_FALSE(away.at);
  CHECK(away.problem.code == "audit-failed");
  rig.grow(9);
  all->wake();
  CHECK(comes([&] { return all->states()[0].entries == 9; }));
  fs::create_directories(rig.folder / "away");
  CHECK(comes([&] { return all->states()[1].entries == 9; }));
  away = all->states()[1];
  CHECK(away.problem.code.empty());
  CHECK_FALSE(away.failing_since);
}

namespace {

// Says when it was called first, and goes on when it is let go.
class Held : public Acknowledger {
 public:
  explicit Held(std::unique_ptr<Acknowledger> inner) : inner_(std::move(inner)) {}
  core::Result<std::uint64_t> bring(const Published& published) override {
    called = true;
    while (!let_go) std::this_thread::sleep_for(1ms);
    return inner_->bring(published);
  }
  static inline std::atomic<bool> called = false, let_go = false;

 private:
  std::unique_ptr<Acknowledger> inner_;
};

}  // namespace

TEST_CASE("what is published while a sink is being brought up to date is handed over too before the daemon ends") {
  AcknowledgementRig rig;
  fs::create_directories(rig.folder / "vault");
  rig.grow(3);
  Acknowledgements::Parts parts{rig.log, signer().verifier(), [] { return core::Time(core::Duration(1000)); }, {}};
  auto vault = rig.named("vault");
  vault.acknowledger = std::make_unique<Held>(std::move(vault.acknowledger));
  parts.all.push_back(std::move(vault));
  auto all = std::make_unique<Acknowledgements>(std::move(parts));
  REQUIRE(comes([] { return Held::called.load(); }));
  rig.grow(7);
  std::thread ending([&] { all.reset(); });
  std::this_thread::sleep_for(20ms);
  Held::let_go = true;
  ending.join();
  CHECK(verify(rig.folder / "vault", signer().verifier()).entries == 7);
}

TEST_CASE("what was published when the daemon ends is handed over before it does") {
  AcknowledgementRig rig;
  for (const auto* name : {"vault", "away"}) fs::create_directories(rig.folder / name);
  rig.grow(3);
  {
    const auto all = rig.start();
    REQUIRE(comes([&] { return all->states()[0].entries == 3 && all->states()[1].entries == 3; }));
    rig.grow(7);
  }
  CHECK(verify(rig.folder / "vault", signer().verifier()).entries == 7);
}
