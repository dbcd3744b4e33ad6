#include "daemon/journal/postgres_membership.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "daemon/runtime/log.hpp"

namespace penstock::journal {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_rest(500);
constexpr auto nudge_note = "nudge";
constexpr std::int64_t unmoved_ms = 10;
constexpr std::chrono::seconds between_tellings(60);

// steady_clock stops while the machine sleeps; the others' patience does not.
std::int64_t awake_or_not_ms() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

std::int64_t wall_ms() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

core::Result<std::unique_ptr<PostgresMembership>> PostgresMembership::join(PostgresConnection& connection,
                                                                           Parts parts) {
  // An epoch that ended long ago means nothing to anybody.
  const auto tidied =
      connection.run(statement("DELETE FROM daemons WHERE ended_at < clock_timestamp() - interval '30 days'"));
  if (!tidied) return tidied.error();
  const auto epoch = connection.first(
      statement(
          "WITH joined AS (INSERT INTO daemons (name, alive_until) VALUES ($1, clock_timestamp() + $2 * interval '1 "
          "millisecond') RETURNING epoch) INSERT INTO last_transactions (epoch, number) SELECT epoch, 0 FROM joined "
          "RETURNING epoch",
          parts.name, std::int64_t{parts.lease.count()}),
      [](const PostgresRow& row) { return row.integer(0); });
  if (!epoch) return epoch.error();
  std::unique_ptr<PostgresMembership> member(new PostgresMembership(std::move(parts), **epoch));
  // Once before anything is claimed, so that the clock is known.
  if (const auto connected = member->connect(); !connected) return connected.error();
  if (const auto shown = member->show(); !shown) return shown.error();
  member->thread_ = std::thread([raw = member.get()] { raw->serve(); });
  pthread_setname_np(member->thread_.native_handle(), "epoch");
  return member;
}

PostgresMembership::PostgresMembership(Parts parts, std::int64_t epoch)
    : parts_(std::move(parts)),
      epoch_(epoch),
      kept_(parts_.address, epoch),
      shown_at_ms_(awake_or_not_ms()),
      well_since_(std::chrono::steady_clock::now()),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

PostgresMembership::~PostgresMembership() {
  stopping_ = true;
  static_cast<void>(eventfd_write(wake_, 1));
  if (thread_.joinable()) thread_.join();
  leave();
  ::close(wake_);
}

std::string PostgresMembership::session_of(std::int64_t epoch) const {
  return "penstock/" + parts_.address.schema() + "/" + std::to_string(epoch);
}
std::string PostgresMembership::session_name() const { return session_of(epoch_); }

bool PostgresMembership::in_force() const {
  return !ended_ && awake_or_not_ms() - shown_at_ms_.load() < parts_.lease.count();
}

void PostgresMembership::listen(SharedSignals signals) {
  const std::lock_guard lock(mutex_);
  signals_ = std::make_shared<SharedSignals>(std::move(signals));
}

core::Result<void> PostgresMembership::connect() {
  if (connection_ && !connection_->lost()) return {};
  connection_.reset();
  PostgresConnection::Session session;
  session.name = session_name();
  session.idle_in_transaction = parts_.lease;
  session.patience = parts_.lease;
  // A sign of life need not outlive the server.
  session.durable = false;
  auto opened = PostgresConnection::open(parts_.address, session);
  if (!opened) return opened.error();
  if (const auto listening = (*opened)->script("LISTEN penstock_" + parts_.address.schema()); !listening)
    return listening;
  connection_ = std::move(*opened);
  return {};
}

void PostgresMembership::serve() {
  while (!stopping_ && !ended_) {
    auto shown = connect();
    if (shown) shown = show();
    if (!shown) tell(shown.error());
    if (shown) told_at_.reset();
    if (!ended_ && !stopping_) rest();
  }
}

// Once, and now and then while it lasts.
void PostgresMembership::tell(const core::Problem& problem) {
  const auto now = std::chrono::steady_clock::now();
  if (told_at_ && now - *told_at_ < between_tellings) return;
  told_at_ = now;
  runtime::log_warning("journal.not_shown", {{"problem", core::to_text(problem)}});
}

std::shared_ptr<SharedSignals> PostgresMembership::signals() {
  const std::lock_guard lock(mutex_);
  return signals_;
}

void PostgresMembership::rest() {
  const auto until = std::chrono::steady_clock::now() + std::min(parts_.lease / 6, longest_rest);
  while (!stopping_) {
    const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now()).count();
    if (left <= 0) return;
    const bool hears = connection_ && !connection_->lost();
    pollfd watched[2] = {{wake_, POLLIN, 0}, {hears ? connection_->socket() : -1, POLLIN, 0}};
    if (::poll(watched, 2, static_cast<int>(left)) <= 0 || !hears || watched[1].revents == 0) continue;
    bool events = false;
    for (const auto& note : connection_->notes()) {
      if (note == nudge_note) return;
      events = true;
    }
    const auto told = signals();
    if (events && told->events) parts_.post([told] { told->events(); });
  }
}

void PostgresMembership::judge_lateness(milliseconds since_shown) {
  const auto now = std::chrono::steady_clock::now();
  if (since_shown > parts_.lease / 2) well_since_ = now;
}

std::optional<core::Problem> PostgresMembership::why_to_end(const std::vector<PostgresResult>& shown,
                                                            std::int64_t kept) const {
  if (const auto judged = kept_.judge(shown[4], kept); !judged) return judged.error();
  if (shown[0].rows() == 0) return epoch_ended(epoch_, parts_.address);
  if (const auto seq = shown[3].integer(0, 0); seq < newest_seq_)
    return kept_.lost("events up to " + std::to_string(newest_seq_), "them up to " + std::to_string(seq));
  return std::nullopt;
}

core::Result<void> PostgresMembership::show() {
  const auto kept = kept_.number();
  const auto sent_at = awake_or_not_ms();
  const auto sent_wall = wall_ms();
  auto results = connection_->pipeline({
      statement(
          "UPDATE daemons SET alive_until = clock_timestamp() + $2 * interval '1 millisecond' WHERE epoch = $1 AND "
          "ended_at IS NULL RETURNING (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
          epoch_, std::int64_t{parts_.lease.count()}),
      statement(
          "WITH nudged AS (SELECT name, nudged_by FROM sources WHERE owner = $1 AND nudged_by IS NOT NULL FOR UPDATE "
          "SKIP LOCKED) UPDATE sources SET nudged_by = NULL FROM nudged WHERE sources.name = nudged.name RETURNING "
          "nudged.name, nudged.nudged_by",
          epoch_),
      statement(
          "SELECT epoch, name, alive_until < clock_timestamp() FROM daemons WHERE ended_at IS NULL AND epoch <> $1",
          epoch_),
      statement("SELECT newest_seq FROM counters"),
      kept_.question(),
  });
  if (!results) return results.error();
  for (const auto& result : *results)
    if (!result.good()) return connection_->problem(result);
  if (const auto why = why_to_end(*results, kept)) {
    ended_ = true;
    if (!stopping_) parts_.fenced(*why);
    return {};
  }
  const auto arrived_wall = wall_ms();
  judge_lateness(milliseconds(awake_or_not_ms() - shown_at_ms_.load()));
  shown_at_ms_ = sent_at;
  // The answer was made somewhere between the two. Within that, time does not jump to and fro.
  const auto ahead = (*results)[0].integer(0, 0) - (sent_wall + arrived_wall) / 2;
  if (std::abs(ahead - ahead_ms_) > arrived_wall - sent_wall + unmoved_ms) ahead_ms_ = ahead;

  std::vector<std::pair<std::string, std::string>> nudges;
  for (int row = 0; row < (*results)[1].rows(); ++row)
    nudges.emplace_back((*results)[1].text(row, 0), (*results)[1].text(row, 1));
  const auto& others = (*results)[2];
  others_ = others.rows();
  const auto seq = (*results)[3].integer(0, 0);
  untold_ = untold_ || seq != newest_seq_;
  newest_seq_ = seq;
  const auto told = signals();
  if (told->nudged && !nudges.empty())
    parts_.post([told, nudges] {
      for (const auto& [source, hook] : nudges) told->nudged(source, hook);
    });
  if (told->events && std::exchange(untold_, false)) parts_.post([told] { told->events(); });

  if (std::chrono::steady_clock::now() - well_since_ < parts_.lease) return {};
  for (int row = 0; row < others.rows(); ++row)
    if (others.integer(row, 2) != 0)
      if (const auto done = end(others.integer(row, 0), others.text(row, 1)); !done) return done;
  return {};
}

core::Result<void> PostgresMembership::end(std::int64_t epoch, const std::string& name) {
  // A transaction that stands still, with the daemon that began it, ends here and not when its connection is found
  // dead.
  const auto ended_sessions = connection_->run(
      statement("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND "
                "application_name = $1 AND pid <> pg_backend_pid()",
                session_of(epoch)));
  if (!ended_sessions) return ended_sessions.error();
  // The lock makes sure that no transaction of that epoch is under way, so that the statements after it see all that
  // it has ever written. Whoever shows itself at the last moment is spared.
  const auto still_silent = "epoch = $1 AND ended_at IS NULL AND alive_until < clock_timestamp()";
  const auto has_ended = "EXISTS (SELECT FROM daemons WHERE epoch = $1 AND ended_by = $2)";
  auto results = connection_->pipeline({
      statement("BEGIN"),
      statement("SET LOCAL synchronous_commit TO on"),
      statement(std::string("SELECT 1 FROM daemons WHERE ") + still_silent + " FOR UPDATE NOWAIT", epoch),
      statement(std::string("UPDATE daemons SET ended_at = clock_timestamp(), ended_by = $2 WHERE ") + still_silent,
                epoch, epoch_),
      statement(std::string("UPDATE outbox SET leased_until = NULL, owner = NULL WHERE owner = $1 AND ") + has_ended,
                epoch, epoch_),
      statement(std::string("UPDATE sources SET owner = NULL WHERE owner = $1 AND ") + has_ended, epoch, epoch_),
      statement("COMMIT"),
  });
  if (!results) return results.error();
  for (const auto& result : *results) {
    if (result.good()) continue;
    // Its last transaction is still on its way out: the next time.
    static_cast<void>(connection_->script("ROLLBACK"));
    return is_worth_repeating(result.code()) ? core::Result<void>() : connection_->problem(result);
  }
  if ((*results)[3].affected() == 1)
    runtime::log_warning("journal.declared_dead", {{"daemon", name},
                                                   {"epoch", std::to_string(epoch)},
                                                   {"claims_freed", std::to_string((*results)[4].affected())},
                                                   {"sources_freed", std::to_string((*results)[5].affected())}});
  return {};
}

void PostgresMembership::leave() {
  if (ended_ || !connect()) return;
  // The others would find out by themselves.
  static_cast<void>(connection_->pipeline({
      statement("BEGIN"),
      statement("SET LOCAL synchronous_commit TO on"),
      statement("SELECT 1 FROM daemons WHERE epoch = $1 AND ended_at IS NULL FOR UPDATE", epoch_),
      statement("UPDATE daemons SET ended_at = clock_timestamp(), ended_by = $1 WHERE epoch = $1 AND ended_at IS NULL",
                epoch_),
      statement("UPDATE outbox SET leased_until = NULL, owner = NULL WHERE owner = $1", epoch_),
      statement("UPDATE sources SET owner = NULL WHERE owner = $1", epoch_),
      statement("COMMIT"),
  }));
}

}  // namespace penstock::journal
