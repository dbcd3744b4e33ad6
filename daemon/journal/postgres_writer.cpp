#include "daemon/journal/postgres_writer.hpp"

#include <pthread.h>

#include <algorithm>

#include "daemon/runtime/log.hpp"

namespace penstock::journal {
namespace {

// One transaction takes no more units than this: beyond it the round trips are a small part.
constexpr std::size_t heaviest_batch = 256;
constexpr std::chrono::milliseconds between_attempts(50);
constexpr std::chrono::seconds between_tellings(60);

}  // namespace

PostgresWriter::PostgresWriter(std::unique_ptr<PostgresConnection> connection, Parts parts)
    : parts_(std::move(parts)), connection_(std::move(connection)) {
  thread_ = std::thread([this] { serve(); });
  pthread_setname_np(thread_.native_handle(), "journal");
}

PostgresWriter::~PostgresWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  pushed_.notify_one();
  thread_.join();
}

void PostgresWriter::push(std::unique_ptr<PostgresWork> work) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
  }
  pushed_.notify_one();
}

Statistics PostgresWriter::statistics() const {
  Statistics statistics;
  statistics.writes = writes_.load();
  statistics.transactions = transactions_.load();
  return statistics;
}

void PostgresWriter::serve() {
  for (bool stopping = false; !stopping;) {
    const auto batch = take(stopping);
    if (batch.empty()) continue;
    std::vector<PostgresUnit*> units;
    for (const auto& work : batch)
      for (auto& unit : work->units()) units.push_back(&unit);
    const auto lost = transact(units);
    if (lost) tell(*lost);
    for (const auto& work : batch) work->answer(lost ? &*lost : nullptr);
  }
}

PostgresWriter::Batch PostgresWriter::take(bool& stopping) {
  std::unique_lock lock(mutex_);
  pushed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  Batch batch;
  for (std::size_t weight = 0; !waiting_.empty() && weight < heaviest_batch; waiting_.pop_front()) {
    weight += waiting_.front()->units().size();
    batch.push_back(std::move(waiting_.front()));
  }
  stopping = stopping_ && waiting_.empty();
  return batch;
}

std::optional<core::Problem> PostgresWriter::transact(const std::vector<PostgresUnit*>& units) {
  if (fenced_) return fenced_;
  const auto deadline = std::chrono::steady_clock::now() + parts_.patience;
  for (;;) {
    if (const auto connected = connect(deadline); !connected) return connected.error();
    PostgresTransaction transaction(*connection_, parts_.epoch, ++number_);
    transaction.notify(parts_.others());
    auto ended = transaction.run(units);
    using How = PostgresEnded::How;
    if (ended.how == How::unknown) {
      const auto kept = was_kept(number_, std::chrono::steady_clock::now() + 3 * parts_.patience);
      if (!kept) return fence(outcome_unknown(parts_.address));
      ended.how = *kept ? How::kept : How::repeat;
    }
    if (ended.how == How::kept) {
      parts_.kept.acknowledged(number_);
      ++transactions_;
      for (const auto* unit : units) writes_ += !unit->single && !unit->refused ? 1 : 0;
      return std::nullopt;
    }
    if (ended.how == How::fenced) return fence(std::move(ended.problem));
    if (ended.how == How::lost) return ended.problem;
    for (auto* unit : units) unit->judge_anew();
    if (std::chrono::steady_clock::now() + between_attempts > deadline) return ended.problem;
    std::this_thread::sleep_for(between_attempts);
  }
}

core::Result<void> PostgresWriter::connect(Deadline deadline) {
  if (connection_ && !connection_->lost()) return {};
  if (connection_) former_process_ = connection_->process();
  connection_.reset();
  for (;;) {
    auto opened = parts_.kept.connect(parts_.session);
    if (!opened && opened.error().code == "journal-fenced") return fence(opened.error());
    if (opened) {
      connection_ = std::move(*opened);
      // The former session may not have noticed yet, and hold what this one needs.
      if (former_process_ != 0)
        static_cast<void>(connection_->run(statement(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1::int AND application_name = $2 AND "
            "pid <> pg_backend_pid()",
            former_process_, parts_.session.name)));
      former_process_ = 0;
      if (!connection_->lost()) return {};
    } else if (!opened.error().transient || std::chrono::steady_clock::now() + between_attempts > deadline) {
      return opened.error();
    }
    std::this_thread::sleep_for(between_attempts);
  }
}

// The lock waits for a former session that is still at its commit; where there is none, the row is what was kept.
std::optional<bool> PostgresWriter::was_kept(std::int64_t number, Deadline deadline) {
  runtime::log_warning("journal.asks_for_outcome", {{"transaction", std::to_string(number)}});
  while (!fenced_ && std::chrono::steady_clock::now() < deadline) {
    if (connect(deadline)) {
      const auto newest = connection_->first(
          statement("SELECT number FROM last_transactions WHERE epoch = $1 FOR UPDATE", parts_.epoch),
          [](const PostgresRow& row) { return row.integer(0); });
      if (newest) return *newest ? std::optional(**newest == number) : std::nullopt;
    }
    std::this_thread::sleep_for(between_attempts);
  }
  return std::nullopt;
}

// What was found out first is what is told.
core::Problem PostgresWriter::fence(core::Problem why) {
  if (!fenced_) {
    fenced_ = std::move(why);
    parts_.fenced(*fenced_);
  }
  return *fenced_;
}

// Now and then: whoever is refused is told each time anyway.
void PostgresWriter::tell(const core::Problem& lost) {
  const auto now = std::chrono::steady_clock::now();
  if (told_at_ && now - *told_at_ < between_tellings) return;
  told_at_ = now;
  runtime::log_error("journal.refuses", {{"problem", core::to_text(lost)}});
}

}  // namespace penstock::journal
