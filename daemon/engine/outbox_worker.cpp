#include "daemon/engine/outbox_worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "daemon/core/planted.hpp"
#include "daemon/engine/place_events.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock::engine {
namespace {

constexpr int claim_at_once = 256;
// Of what waits at a performer that bounds itself: each holds its request in memory meanwhile.
constexpr std::size_t most_handed_over = 1024;
constexpr core::Duration claim_lease = std::chrono::minutes(5);
constexpr core::Duration pause_after_failure = std::chrono::milliseconds(500);
constexpr core::Duration longest_pause = std::chrono::seconds(30);
constexpr core::Duration pause_while_unsure = std::chrono::milliseconds(100);

// Until when whoever asked for it waits for its answer; nothing where nobody does.
std::optional<core::Time> deadline_of(const journal::OutboxRow& row) {
  const auto command = core::decode_command(row.document);
  if (!command) return std::nullopt;
  if (const auto* check = std::get_if<core::RunCheck>(&*command)) return check->deadline;
  if (const auto* deliver = std::get_if<core::Deliver>(&*command)) return deliver->deadline;
  return std::nullopt;
}

}  // namespace

OutboxWorker::OutboxWorker(Parts parts)
    : parts_(std::move(parts)), wake_(parts_.alarm(parts_.executor)), drained_(parts_.alarm(parts_.executor)) {
  parts_.engine.on_due(
      [this](std::vector<journal::OutboxRow> rows, std::optional<core::Time> next) { take(std::move(rows), next); });
}

OutboxWorker::~OutboxWorker() { parts_.engine.on_due(nullptr); }

asio::awaitable<core::Result<void>> OutboxWorker::start() {
  auto voided = co_await parts_.pool.run([this] { return parts_.journal.void_leases(); });
  if (!voided) co_return voided.error();
  started_ = true;
  asio::co_spawn(parts_.executor, claim_when_due(), asio::detached);
  co_return core::Result<void>();
}

asio::awaitable<void> OutboxWorker::stop(core::Duration grace) {
  stopped_ = true;
  wake_->ring();
  if (running() > 0) co_await drained_->sleep(grace);
}

std::size_t OutboxWorker::running() const {
  std::size_t count = 0;
  for (const auto& [kind, running] : running_) count += running;
  return count;
}

void OutboxWorker::take(std::vector<journal::OutboxRow> rows, std::optional<core::Time> next) {
  for (auto& row : rows) {
    if (under_way_.insert(row.key).second) {
      auto deadline = has_room(row.kind) ? std::optional<core::Time>() : deadline_of(row);
      waiting_[row.kind].push_back({std::move(row), deadline});
      continue;
    }
    // Its lease ended while it waited its turn or was carried out, and was taken again.
    parts_.claims.renewed(row);
    for (auto& waiting : waiting_[row.kind])
      if (waiting.row.key == row.key) waiting.row.leased_until = row.leased_until;
  }
  begin_waiting();
  if (next && (!next_ || *next < *next_)) {
    next_ = next;
    wake_->ring();
  }
}

bool OutboxWorker::has_room(const std::string& kind) const {
  const auto running = running_.find(kind);
  const auto waiting = waiting_.find(kind);
  const auto taken =
      (running == running_.end() ? 0 : running->second) + (waiting == waiting_.end() ? 0 : waiting->second.size());
  return started_ && taken < most_at_once(kind);
}

void OutboxWorker::begin_waiting() {
  if (!started_ || stopped_) return;
  for (auto& [kind, rows] : waiting_)
    while (!rows.empty() && running_[kind] < most_at_once(kind)) {
      auto row = std::move(rows.front().row);
      rows.pop_front();
      begin(std::move(row));
    }
}

void OutboxWorker::begin_overdue() {
  const auto now = parts_.clock.now();
  std::vector<journal::OutboxRow> overdue;
  for (auto& [kind, rows] : waiting_)
    std::erase_if(rows, [&](Waiting& waiting) {
      const bool is_overdue = waiting.deadline && now >= *waiting.deadline;
      if (is_overdue) overdue.push_back(std::move(waiting.row));
      return is_overdue;
    });
  for (auto& row : overdue) begin(std::move(row));
}

void OutboxWorker::begin(journal::OutboxRow row) {
  ++running_[row.kind];
  asio::co_spawn(parts_.executor, carry_out(std::move(row)), asio::detached);
}

void OutboxWorker::end(const std::string& kind) {
  --running_[kind];
  begin_waiting();
  if (stopped_ && running() == 0) drained_->ring();
}

std::size_t OutboxWorker::most_at_once(const std::string& kind) const {
  const auto* performer = performer_of(kind);
  return performer != nullptr && performer->bounds_itself() ? most_handed_over : parts_.at_once;
}

Performer* OutboxWorker::performer_of(const std::string& kind) const {
  const auto found = parts_.performers.find(kind.substr(0, kind.find('/')));
  return found == parts_.performers.end() ? nullptr : found->second;
}

asio::awaitable<void> OutboxWorker::claim_when_due() {
  core::Duration pause = pause_after_failure;
  while (!stopped_) {
    auto sleep = parts_.longest_sleep;
    begin_overdue();
    co_await keep_leases();
    const auto now = parts_.clock.now();
    auto claimed = co_await parts_.pool.run([this, now]() -> core::Result<std::vector<journal::OutboxRow>> {
      return parts_.journal.claim(now, now + (PENSTOCK_PLANTED(9) ? Claims::least_left * 2 : claim_lease),
                                  claim_at_once);
    });
    if (!claimed) {
      claim_problem_ = claimed.error();
      runtime::log_warning("outbox.claim_failed", {{"problem", core::to_text(claimed.error())}});
      sleep = pause;
      pause = std::min(pause * 2, longest_pause);
    } else {
      pause = pause_after_failure;
      claim_problem_.reset();
      if (!claimed->empty()) co_await parts_.engine.answered();
      const auto full = claimed->size() == static_cast<std::size_t>(claim_at_once);
      take(std::move(*claimed), std::nullopt);
      if (full) continue;
      auto next = co_await parts_.pool.run([this] { return parts_.journal.next_due(); });
      next_ = next && *next ? *next : std::optional<core::Time>();
      const auto current = parts_.clock.now();
      if (next_) sleep = std::clamp<core::Duration>(*next_ - current, core::Duration(1), sleep);
    }
    if (stopped_) break;
    co_await wake_->sleep(sleep);
  }
}

asio::awaitable<bool> OutboxWorker::is_ours(const journal::OutboxRow& row) {
  if (parts_.claims.alone()) co_return true;
  const auto pause = parts_.alarm(parts_.executor);
  while (!stopped_ && !parts_.claims.in_force()) co_await pause->sleep(pause_while_unsure);
  co_return !stopped_ && parts_.claims.lasts(row);
}

asio::awaitable<void> OutboxWorker::keep_leases() {
  if (parts_.claims.alone() || PENSTOCK_PLANTED(9)) co_return;
  auto rows = parts_.claims.ending_within(claim_lease / 2);
  if (rows.empty()) co_return;
  const auto until = parts_.clock.now() + claim_lease;
  for (auto& row : rows) row.leased_until = until;
  const auto kept = rows;
  const auto renewed = co_await parts_.engine.renew(std::move(rows));
  if (!renewed) {
    runtime::log_warning("outbox.lease_not_renewed", {{"problem", core::to_text(renewed.error())}});
    co_return;
  }
  for (const auto& row : kept) parts_.claims.renewed(row);
}

asio::awaitable<void> OutboxWorker::carry_out(journal::OutboxRow row) {
  const auto kind = row.kind;
  const bool ours = co_await is_ours(row);
  if (!ours) {
    // It is in the journal, and whoever claims it next carries it out.
    under_way_.erase(row.key);
    end(kind);
    co_return;
  }
  if (PENSTOCK_PLANTED(1)) co_await parts_.engine.drop(row.key);
  parts_.claims.begin(row);
  auto performed = co_await perform(row);
  row.leased_until = parts_.claims.end(row.key);
  // Its lease holds until the answer is journalled; what is claimed after that is the next try.
  under_way_.erase(row.key);
  co_await settle(std::move(row), std::move(performed));
  end(kind);
}

asio::awaitable<Performed> OutboxWorker::perform(const journal::OutboxRow& row) {
  const auto command = core::decode_command(row.document);
  if (!command) {
    runtime::log_error("outbox.unreadable", {{"key", row.key}, {"problem", core::to_text(command.error())}});
    co_return TryAgain{parts_.clock.now() + std::chrono::hours(1)};
  }
  if (const auto* timer = std::get_if<core::SetTimer>(&*command))
    co_return core::Event(core::DeadlinePassed{timer->promotion, timer->timer, row.lane});
  if (auto event = event_of_place(*command)) co_return std::move(*event);
  auto* performer = performer_of(row.kind);
  if (performer == nullptr) {
    runtime::log_error("outbox.nobody_performs", {{"key", row.key}, {"kind", row.kind}});
    co_return TryAgain{parts_.clock.now() + std::chrono::hours(1)};
  }
  // One of the two places where exceptions end: a bug in a performer must not take the row with it.
  std::string bug;
  try {
    co_return co_await performer->perform(*command, row);
  } catch (const std::exception& error) {
    bug = error.what();
  }
  runtime::log_error("outbox.performer_failed", {{"key", row.key}, {"error", bug}});
  co_return TryAgain{parts_.clock.now() + std::chrono::seconds(30)};
}

asio::awaitable<void> OutboxWorker::settle(journal::OutboxRow row, Performed performed) {
  core::Duration pause = pause_after_failure;
  const auto retry = parts_.alarm(parts_.executor);
  for (;;) {
    const auto settled = co_await settle_once(row, performed);
    if (settled) co_return;
    runtime::log_error("outbox.not_journalled", {{"key", row.key}, {"problem", core::to_text(settled.error())}});
    // After a stop the row stays where it is, and is carried out again by the next daemon.
    if (stopped_) co_return;
    co_await retry->sleep(pause);
    pause = std::min(pause * 2, longest_pause);
  }
}

asio::awaitable<core::Result<void>> OutboxWorker::settle_once(const journal::OutboxRow& row,
                                                              const Performed& performed) {
  if (const auto* again = std::get_if<TryAgain>(&performed)) {
    // Otherwise somebody else may have it by now: it is theirs to carry out, or to be claimed anew.
    if (parts_.claims.lasts(row)) co_return co_await parts_.engine.postpone(row, again->at);
    co_return core::Result<void>();
  }
  if (const auto* parts = std::get_if<InParts>(&performed))
    co_return co_await parts_.engine.divide(row.key, parts->rows);
  if (std::holds_alternative<NothingToDo>(performed)) co_return co_await parts_.engine.drop(row.key);
  const auto& event = std::get<core::Event>(performed);
  auto outcome = co_await parts_.engine.submit(event, row.key);
  if (outcome) co_return core::Result<void>();
  const auto code = outcome.error().code;
  // The core has refused the answer, or its promotion is gone: the row means nothing any more.
  if (code.rfind("journal", 0) != 0 && !outcome.error().transient) {
    runtime::log_warning("outbox.answer_refused", {{"key", row.key}, {"problem", core::to_text(outcome.error())}});
    co_return co_await parts_.engine.drop(row.key);
  }
  co_return outcome.error();
}

}  // namespace penstock::engine
