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
  parts_.engine.on_audited([log = parts_.log] {
    log->publisher().wake();
    log->attester().wake();
  });
}

asio::awaitable<core::Result<void>> Auditing::note(std::string what) {
  audit::Entry entry;
  entry.kind = audit::EntryKind::configuration;
  entry.what = std::move(what);
  entry.definitions = digest_of(*parts_.policies.current());
  entry.settings = parts_.settings.digest;
  entry.version = PENSTOCK_VERSION;
  auto noted = co_await parts_.engine.note(std::move(entry));
  if (!noted) runtime::log_error("audit.not_noted", {{"problem", core::to_text(noted.error())}});
  co_return noted;
}

intake::AuditApi Auditing::api(journal::Journal& journal, runtime::BlockingPool& pool) const {
  if (parts_.log == nullptr) return {journal, pool, std::nullopt, std::nullopt};
  auto& publisher = parts_.log->publisher();
  return {journal, pool, publisher.folder(), publisher.verifier(), &parts_.log->attester()};
}

void Auditing::refused(const intake::Request& request, const core::Problem& problem) {
  if (request.header("authorization").empty() && request.header("cookie").empty()) return;
  journal(failed_.failed(request.remote, problem.code, parts_.clock.up()));
}

void Auditing::journal(std::optional<audit::Entry> entry) {
  if (!entry) return;
  const auto work = [](engine::Engine& engine, audit::Entry told) -> asio::awaitable<void> {
    const auto noted = co_await engine.note(std::move(told));
    if (!noted) runtime::log_error("audit.not_noted", {{"problem", core::to_text(noted.error())}});
  };
  asio::co_spawn(parts_.executor, work(parts_.engine, std::move(*entry)), asio::detached);
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
