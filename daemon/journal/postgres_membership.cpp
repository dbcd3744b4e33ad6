#include "daemon/journal/postgres_membership.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "daemon/journal/postgres_epochs.hpp"
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
  const auto epoch = begin_epoch(connection, parts.name, parts.lease);
  if (!epoch) return epoch.error();
  std::unique_ptr<PostgresMembership> member(new PostgresMembership(std::move(parts), *epoch));
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
      ahead_ms_(wall_ms() - awake_or_not_ms()),
      silence_(parts_.lease),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

PostgresMembership::~PostgresMembership() {
  stopping_ = true;
  static_cast<void>(eventfd_write(wake_, 1));
  if (thread_.joinable()) thread_.join();
  leave();
  ::close(wake_);
}

std::string PostgresMembership::session_name() const { return session_of(parts_.address, epoch_); }

core::Duration PostgresMembership::clock_ahead() const {
  return core::Duration(ahead_ms_.load() + awake_or_not_ms() - wall_ms());
}

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
  if (since_shown > parts_.lease / 2) silence_.forget();
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
          "SELECT epoch, name, (extract(epoch FROM alive_until) * 1000000)::bigint, alive_until < clock_timestamp() "
          "FROM daemons WHERE ended_at IS NULL AND epoch <> $1",
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
  const auto arrived_at = awake_or_not_ms();
  judge_lateness(milliseconds(arrived_at - shown_at_ms_.load()));
  shown_at_ms_ = sent_at;
  // The answer was made somewhere between the two. Within that, time does not jump to and fro.
  const auto ahead = (*results)[0].integer(0, 0) - (sent_at + arrived_at) / 2;
  if (std::abs(ahead - ahead_ms_) > arrived_at - sent_at + unmoved_ms) ahead_ms_ = ahead;

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

  std::vector<PostgresSign> signs;
  for (int row = 0; row < others.rows(); ++row)
    signs.push_back({others.integer(row, 0), others.text(row, 1), others.integer(row, 2), others.integer(row, 3) != 0});
  for (const auto& silent : silence_.among(signs, milliseconds(sent_at), milliseconds(arrived_at)))
    if (const auto done = end(silent); !done) return done;
  return {};
}

core::Result<void> PostgresMembership::end(const PostgresSign& silent) {
  const auto epoch = std::to_string(silent.epoch);
  // A transaction that stands still, with the daemon that began it, ends here and not when its connection is found
  // dead, or has idled for a lease.
  const auto refused = end_sessions(*connection_, silent.epoch);
  if (!refused) return refused.error();
  if (!refused->empty() && told_of_.insert(silent.epoch).second)
    runtime::log_warning("journal.sessions_not_ended",
                         {{"daemon", silent.name},
                          {"epoch", epoch},
                          {"problem", core::to_text(may_not_end_sessions(*refused, parts_.address))}});
  const auto freed = end_epoch(*connection_, silent, epoch_);
  if (!freed) return freed.error();
  if (*freed)
    runtime::log_warning("journal.declared_dead", {{"daemon", silent.name},
                                                   {"epoch", epoch},
                                                   {"claims_freed", std::to_string((*freed)->claims)},
                                                   {"sources_freed", std::to_string((*freed)->sources)}});
  return {};
}

void PostgresMembership::leave() {
  if (ended_ || !connect()) return;
  // The others would find out by themselves.
  static_cast<void>(leave_epoch(*connection_, epoch_));
}

}  // namespace penstock::journal
