// A notice performer behind a real worker, with the notifiers that Penstock ships and receivers on loopback.
#pragma once

#include "daemon/core/codec.hpp"
#include "daemon/notice/notice_performer.hpp"
#include "plugins/catalog.hpp"
#include "tests/daemon/performing_world.hpp"
#include "tests/runtime/server.hpp"

namespace penstock {

// Takes webhooks on loopback, and answers them as the test says.
class NoticeReceiver {
 public:
  explicit NoticeReceiver(std::string name, const std::string& status = "204 No Content",
                          const std::string& headers = "")
      : name_(std::move(name)) {
    answer(status, headers);
  }

  sdk::Endpoint endpoint() const {
    return {name_, "webhook", server_.url("/notices"), LendingWorld::secret, "", "", true, {}};
  }
  // The server serves one connection at a time, so that none may be kept alive.
  void answer(const std::string& status, const std::string& headers = "") {
    const std::lock_guard lock(mutex_);
    answer_ = http_answer(status, "", "Connection: close\r\n" + headers);
  }
  std::size_t count() const { return server_.requests().size(); }
  static std::string header(const std::string& request, const std::string& name) {
    const auto at = request.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 4;
    return request.substr(begin, request.find("\r\n", begin) - begin);
  }
  static std::string body(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }
  std::vector<std::string> requests() const { return server_.requests(); }
  std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const auto& request : requests()) all.push_back(header(request, "webhook-id"));
    return all;
  }

 private:
  std::string name_;
  std::string answer_;
  std::mutex mutex_;
  TestServer server_{[this](const std::string&, int) {
    const std::lock_guard lock(mutex_);
    return answer_;
  }};
};

class NoticeWorld : public PerformingWorld {
 public:
  explicit NoticeWorld(const std::vector<sdk::Endpoint>& endpoints, core::Duration longest_try = 5s)
      : PerformingWorld({}, {}, endpoints),
        notices({clock, claims, lending, plugins::catalog().notifiers, listeners(endpoints), longest_try, 20ms}) {}
  ~NoticeWorld() { run(telling.stop(1s)); }

  static std::vector<notice::Listener> listeners(const std::vector<sdk::Endpoint>& endpoints) {
    std::vector<notice::Listener> all;
    for (const auto& endpoint : endpoints) all.push_back({endpoint.name, endpoint.kind});
    return all;
  }
  void start() { REQUIRE(run(telling.start())); }
  // As the engine journals what the core wants told.
  void journal_notice(const core::Notify& command) {
    journal::Write write;
    write.outbox.push_back(row_of(command));
    bool kept = false;
    journal->commit({write},
                    [&](std::vector<core::Result<journal::Receipt>> receipts) { kept = receipts.front().has_value(); });
    run_until([&] { return kept; });
  }
  journal::OutboxRow row_of(const core::Notify& command) {
    return {core::key_of(command), "notify", command.lane, "", clock.now(), core::encode(command), 0, std::nullopt};
  }
  bool is_settled() { return !journal->next_due()->has_value(); }
  void run_until_due_at(core::Time time) {
    run_until([&] {
      const auto next = journal->next_due();
      return next && *next && **next == time;
    });
  }

  notice::NoticePerformer notices;
  engine::OutboxWorker telling{
      {context.get_executor(), engine, *journal, pool, clock, claims, {{"notify", &notices}}, 8}};
};

inline core::Notify reminder(int number = 1) {
  return {{"fraud", "production"},
          number,
          "prm_1",
          core::NoticeKind::reminder,
          {"group:release-managers", "person:ann"},
          "fraud in production waits for version 7 to be decided on"};
}

}  // namespace penstock
