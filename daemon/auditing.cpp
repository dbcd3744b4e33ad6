#include "daemon/auditing.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/runtime/digest.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock {
namespace {

constexpr std::chrono::seconds between_tellings(1);

// One digest for all policies in force, whatever their order.
core::Digest digest_of(const Policies& policies) {
  std::vector<std::string> lines;
  for (const auto& policy : policies.all()) lines.push_back(policy->digest.text() + "\n");
  std::sort(lines.begin(), lines.end());
  runtime::Sha256 all;
  for (const auto& line : lines) all.update(line);
  return all.finish();
}

}  // namespace

Auditing::Auditing(Parts parts) : parts_(std::move(parts)), timer_(parts_.executor) {
  if (parts_.log == nullptr) return;
  parts_.engine.on_audited([log = parts_.log] { log->publisher().wake(); });
}

asio::awaitable<core::Result<void>> Auditing::keep(audit::Entry entry) {
  auto noted = co_await parts_.engine.note(std::move(entry));
  if (!noted) runtime::log_error("audit.not_noted", {{"problem", core::to_text(noted.error())}});
  co_return noted;
}

asio::awaitable<core::Result<void>> Auditing::note(std::string what) {
  return note(std::move(what), parts_.policies.in_force());
}

asio::awaitable<core::Result<void>> Auditing::note(std::string what, InForce of) {
  audit::Entry entry;
  entry.kind = audit::EntryKind::configuration;
  entry.what = std::move(what);
  entry.definitions = digest_of(*of.policies);
  entry.settings = of.settings;
  entry.version = PENSTOCK_VERSION;
  return keep(std::move(entry));
}

asio::awaitable<void> Auditing::journal_reload(Reloaded& reloaded) {
  if (!reloaded.next) {
    co_await note("reload_refused");
    co_return;
  }
  std::string what = "reloaded";
  auto next = *reloaded.next;
  const auto kept = co_await note(std::move(what), std::move(next));
  if (kept) co_return;
  reloaded.problems.push_back("it could not be journalled that other definitions come into force: " +
                              core::to_text(kept.error()));
  reloaded.next.reset();
  reloaded.policies = parts_.policies.size();
  reloaded.changes = reloaded.gate_changes = reloaded.framework_changes = {};
}

asio::awaitable<void> Auditing::note_stop() {
  if (auto last = failed_.last(parts_.clock.up())) co_await keep(std::move(*last));
  co_await note("stopped");
}

intake::AuditApi Auditing::api(journal::Journal& journal, runtime::BlockingPool& pool) const {
  if (parts_.log == nullptr) return {journal, pool, std::nullopt, std::nullopt};
  auto& publisher = parts_.log->publisher();
  return {journal, pool, publisher.folder(), publisher.verifier(), &parts_.log->attester()};
}

void Auditing::refused(const intake::Request& request, const core::Problem& problem) {
  if (request.header("authorization").empty() && request.header("cookie").empty()) return;
  refused_hook(request, problem);
}

void Auditing::refused_hook(const intake::Request& request, const core::Problem& problem) {
  journal(failed_.failed(request.remote, problem.code, parts_.clock.up()));
}

void Auditing::journal(std::optional<audit::Entry> entry) {
  if (!entry) return;
  asio::co_spawn(parts_.executor, keep(std::move(*entry)), asio::detached);
}

void Auditing::tell_metrics() {
  if (parts_.log == nullptr) return;
  const auto state = parts_.log->publisher().state();
  parts_.metrics.set("penstock_audit_published", {}, static_cast<double>(state.published));
  parts_.metrics.set("penstock_audit_problem", {}, state.problem.code.empty() ? 0 : state.refused ? 2 : 1);
  for (const auto& one : parts_.log->states()) {
    const auto behind = one.entries < state.published ? state.published - one.entries : 0;
    parts_.metrics.set("penstock_audit_acknowledged", {{"by", one.name}}, static_cast<double>(one.entries));
    parts_.metrics.set("penstock_audit_behind", {{"by", one.name}}, static_cast<double>(behind));
    parts_.metrics.set("penstock_audit_acknowledger_problem", {{"by", one.name}}, one.problem.code.empty() ? 0 : 1);
  }
}

asio::awaitable<void> Auditing::serve() {
  for (boost::system::error_code failed; !failed;) {
    tell_metrics();
    journal(failed_.rest(parts_.clock.up()));
    timer_.expires_after(between_tellings);
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, failed));
  }
}

}  // namespace penstock
