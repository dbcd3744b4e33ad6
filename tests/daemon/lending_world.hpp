// A lender with a store, a source and endpoints, as the daemon has it.
#pragma once

#include <condition_variable>
#include <mutex>

#include "daemon/lending.hpp"
#include "daemon/runtime/digest.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/folder.hpp"

namespace penstock {

using namespace std::chrono_literals;

// Gives one file, and counts how often it was asked.
class OneFileSource : public sdk::Source {
 public:
  core::Result<sdk::Poll> poll(const std::string&, core::Time, sdk::SourceTools&) override { return sdk::Poll{}; }
  core::Result<void> fetch(const core::Candidate&, const std::filesystem::path& folder, std::uint64_t max_bytes,
                           core::Time deadline, sdk::SourceTools&) override {
    std::unique_lock lock(mutex);
    ++fetches;
    last_max_bytes = max_bytes;
    last_deadline = deadline;
    entered.notify_all();
    // Stays a while for whoever would come in beside it.
    if (waits_for > 0) entered.wait_for(lock, 150ms, [this] { return fetches >= waits_for; });
    if (broken) return core::Problem{"unreachable", "the source is away", "source", "look", true};
    std::ofstream(folder / "model.bin", std::ios::binary) << content;
    return core::Result<void>();
  }

  std::string content = "weights";
  bool broken = false;
  int waits_for = 0;
  int fetches = 0;
  std::uint64_t last_max_bytes = 0;
  core::Time last_deadline{};
  std::mutex mutex;
  std::condition_variable entered;
};

struct LendingWorld {
  static constexpr const char* secret = "the-secret-of-the-receiver";
  static constexpr const char* password = "ann:the-password-of-the-registry";
  static constexpr const char* token = "the-token-of-staging";

  static std::vector<sdk::Endpoint> three_endpoints() {
    return {{"serving", "webhook", "https://serving.example", secret, "", "", false, {}},
            {"main", "mlflow", "https://mlflow.example", "", password, "", false, {}},
            {"staging", "http", "https://staging.example", "", "", token, false, {}}};
  }

  explicit LendingWorld(std::vector<sdk::Endpoint> endpoints = three_endpoints())
      : store(runtime::ContentStore::open(folder / "store").value()),
        source(std::make_shared<OneFileSource>()),
        sources{{"registry", source}},
        lending({clock,
                 store,
                 sources,
                 {{"registry", {"main"}}},
                 std::move(endpoints),
                 {{"definitions", folder / "contracts"}},
                 "/usr/libexec/penstock",
                 folder / "sources",
                 1000}) {
    folder.write("contracts/one.yaml", "contract");
    folder.write("outside/secret.txt", "not for gates");
  }
  std::unique_ptr<sdk::Lease> lend(std::vector<sdk::Capability> needs, std::vector<std::string> endpoints = {},
                                   core::Duration left = 1min) {
    return lending.lend({std::move(needs), std::move(endpoints)}, clock.now() + left);
  }
  // Of the version whose files the source has; of other files when `content` is given.
  core::Candidate candidate(const std::string& content = "weights") {
    folder.write("expected/model.bin", content);
    core::Candidate made;
    made.model = "fraud";
    made.version = "7";
    made.source = "registry";
    made.artifact = core::Artifact{runtime::tree_digest(folder / "expected").value(), ""};
    return made;
  }

  TestFolder folder;
  runtime::ManualClock clock{core::Time(1'795'219'200'000ms)};
  runtime::ContentStore store;
  std::shared_ptr<OneFileSource> source;
  Sources sources;
  Lending lending;
};

}  // namespace penstock
