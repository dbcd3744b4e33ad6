// A second copy of the audit log in a real bare git repository, which anybody can clone and verify.
#include "plugins/sinks/git_store.hpp"

#include <cstdlib>

#include "daemon/audit/sink.hpp"
#include "daemon/audit/verify.hpp"
#include "tests/audit/log.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;

namespace {

struct Rig {
  TemporaryFolder folder;
  fs::path log = folder / "log";
  fs::path repository = folder / "audit.git";
  LogWriter writer = LogWriter::open(log, signer()).value();
  std::uint64_t size = 0;

  Rig() { git("init --quiet --bare " + repository.string()); }
  void git(const std::string& command) const {
    const auto line = "GIT_CONFIG_GLOBAL=/dev/null git -c user.name=Eve -c user.email=eve@example.com " + command +
                      " > " + (folder / "output") + " 2>&1";
    INFO(line << content(folder / "output"));
    REQUIRE(std::system(line.c_str()) == 0);
  }
  std::string output(const std::string& command) const {
    git("--git-dir=" + repository.string() + " " + command);
    return content(folder / "output");
  }
  void grow(std::uint64_t to) {
    REQUIRE(writer.append(entries(size, to), true).has_value());
    size = to;
  }
  Sink sink() const {
    sinks::GitStoreSettings settings;
    settings.repository = repository.string();
    settings.now = [] { return core::Time(std::chrono::seconds(1'795'219'200)); };
    return Sink(std::make_unique<sinks::GitStore>(std::move(settings)));
  }
  core::Result<std::uint64_t> bring(Sink& sink) const {
    return sink.bring({log, signer().verifier(), content(log / "checkpoint"), writer.checkpoint()});
  }
  Report clone() const {
    fs::remove_all(folder / "clone");
    git("clone --quiet --branch audit " + repository.string() + " " + (folder / "clone"));
    fs::remove_all(fs::path(folder / "clone") / ".git");
    return verify(folder / "clone", signer().verifier(), {content(log / "checkpoint")});
  }
};

}  // namespace

TEST_CASE("each addition is a commit by Penstock, and a clone verifies like the log itself") {
  Rig rig;
  auto sink = rig.sink();
  int commits = 0;
  for (const std::uint64_t size : {1U, 2U, 256U, 257U, 600U, 5000U}) {
    rig.grow(size);
    INFO(size);
    CHECK(rig.bring(sink).value() == size);
    ++commits;
    const auto report = rig.clone();
    for (const auto& fault : report.faults) UNSCOPED_INFO(fault.where << ": " << fault.what);
    CHECK(report.good());
    CHECK(report.entries == size);
    CHECK(report.notes.empty());
  }
  CHECK(rig.bring(sink).value() == 5000);
  CHECK(rig.output("rev-list --count audit") == std::to_string(commits) + "\n");
  CHECK(rig.output("log -1 --format=%an:%cn:%s audit") == "Penstock:Penstock:Add entries 600 to 4999\n");
  CHECK(rig.output("fsck --strict").find("error") == std::string::npos);
}

TEST_CASE("after a restart the branch says how far it is") {
  Rig rig;
  rig.grow(3);
  {
    auto sink = rig.sink();
    CHECK(rig.bring(sink).value() == 3);
  }
  auto sink = rig.sink();
  rig.grow(4);
  CHECK(rig.bring(sink).value() == 4);
  CHECK(rig.output("rev-list --count audit") == "2\n");
  CHECK(rig.clone().good());
}

TEST_CASE("of two daemons that share a repository neither overwrites the other") {
  Rig rig;
  rig.grow(3);
  auto first = rig.sink();
  auto second = rig.sink();
  CHECK(rig.bring(first).value() == 3);
  rig.grow(5);
  CHECK(rig.bring(second).value() == 5);
  rig.grow(8);
  CHECK(rig.bring(first).value() == 8);
  CHECK(rig.bring(second).value() == 8);
  CHECK(rig.output("rev-list --count audit") == "3\n");
  CHECK(rig.clone().good());
}

TEST_CASE("a branch of something else, or with another history, is refused and not moved") {
  Rig rig;
  rig.grow(3);
  std::string expected;
  auto sink = rig.sink();
  SECTION("something else") {
    const fs::path other = rig.folder / "other";
    rig.git("init --quiet -b audit " + other.string());
    write(other / "README", "code");
    rig.git("-C " + other.string() + " add .");
    rig.git("-C " + other.string() + " commit --quiet -m Code");
    rig.git("-C " + other.string() + " push --quiet " + rig.repository.string() + " audit");
    expected = "holds no checkpoint";
  }
  SECTION("another log") {
    Rig other;
    REQUIRE(other.writer.append(entries(100, 102), true));
    auto others = other.sink();
    REQUIRE(other.bring(others).value() == 2);
    rig.git("--git-dir=" + other.repository.string() + " push --quiet " + rig.repository.string() + " audit");
    expected = "another history";
  }
  SECTION("an older one than it was") {
    REQUIRE(rig.bring(sink).value() == 3);
    rig.git("--git-dir=" + rig.repository.string() + " update-ref -d refs/heads/audit");
    expected = "has acknowledged 3 entries and has 0 entries now";
  }
  const auto before = rig.output("for-each-ref");
  const auto refused = rig.bring(sink);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == "audit-differs");
  CHECK_THAT(refused.error().message, Catch::Contains(expected));
  CHECK(rig.output("for-each-ref") == before);
}

TEST_CASE("a repository that is not there is not made, and is used once it is") {
  Rig rig;
  rig.grow(3);
  auto sink = rig.sink();
  fs::rename(rig.repository, rig.folder / "aside");
  const auto missing = rig.bring(sink);
  REQUIRE(missing.has_error());
  CHECK(missing.error().code == "git-failed");
  CHECK_FALSE(fs::exists(rig.repository));
  fs::rename(rig.folder / "aside", rig.repository);
  CHECK(rig.bring(sink).value() == 3);
}

TEST_CASE("an address that nobody answers at ends within its time") {
  Rig rig;
  rig.grow(3);
  sinks::GitStoreSettings settings;
  settings.repository = "http://127.0.0.1:9/audit.git";
  settings.mirror = fs::path(rig.folder / "mirror");
  settings.allow_private = true;
  settings.now = [] { return core::Time(std::chrono::seconds(1'795'219'200)); };
  Sink away(std::make_unique<sinks::GitStore>(settings));
  CHECK(rig.bring(away).error().code == "unreachable");
  settings.allow_private = false;
  Sink refused(std::make_unique<sinks::GitStore>(settings));
  CHECK(rig.bring(refused).error().code == "address-refused");
}
