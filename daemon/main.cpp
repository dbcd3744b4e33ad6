// penstockd: builds the parts in order, runs until told to stop, drains.
#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>

#include "daemon/auditing.hpp"
#include "daemon/backup.hpp"
#include "daemon/delivery/delivery_performer.hpp"
#include "daemon/engine/acknowledge_performer.hpp"
#include "daemon/engine/follow_performer.hpp"
#include "daemon/engine/outbox_worker.hpp"
#include "daemon/gating/check_performer.hpp"
#include "daemon/intake/api_dossier.hpp"
#include "daemon/intake/openapi.hpp"
#include "daemon/intake/routes.hpp"
#include "daemon/intake/server.hpp"
#include "daemon/intake/watcher.hpp"
#include "daemon/intake_settings.hpp"
#include "daemon/lending.hpp"
#include "daemon/loading.hpp"
#include "daemon/notice/notice_performer.hpp"
#include "daemon/policies_in_force.hpp"
#include "daemon/reload_report.hpp"
#include "daemon/runtime/log.hpp"
#include "daemon/runtime/time_zones.hpp"
#include "daemon/served_definitions.hpp"
#include "daemon/settings.hpp"
#include "daemon/shared_journal.hpp"
#include "daemon/supervision.hpp"
#include "daemon/telling_lanes.hpp"
#include "plugins/catalog.hpp"

namespace penstock {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

// What is under way when the daemon is told to stop gets this long; it goes on after a restart otherwise.
constexpr std::chrono::milliseconds grace = std::chrono::seconds(10);
// And what waits for another system (a git server that hangs) this long beyond it: nobody can interrupt it.
constexpr std::chrono::seconds last_grace(2);
constexpr std::size_t reading_threads = 4;

int fail(const core::Problem& problem) {
  std::cerr << "penstockd: " << core::to_text(problem) << "\n";
  return EXIT_FAILURE;
}

std::vector<notice::Listener> listeners(const Settings& settings) {
  std::vector<notice::Listener> all;
  for (const auto& name : settings.notices)
    for (const auto& endpoint : settings.resolved_endpoints)
      if (endpoint.name == name) all.push_back({name, endpoint.kind});
  return all;
}

core::Result<std::vector<intake::WatchedSource>> watched(const Settings& settings, const Sources& sources,
                                                         Lending& lending) {
  std::vector<intake::WatchedSource> all;
  for (const auto& entry : settings.sources) {
    auto tools = lending.for_source(entry.name);
    if (!tools) return tools.error();
    intake::WatchedSource one;
    one.name = entry.name;
    one.interval = entry.every;
    one.max_artifact_bytes = static_cast<std::uint64_t>(settings.limits.artifact_mb) << 20;
    one.source = std::make_unique<SharedSource>(sources.at(entry.name));
    one.tools = std::make_unique<sdk::SourceTools>(*tools);
    all.push_back(std::move(one));
  }
  return all;
}

int run(Settings settings, Policies loaded) {
  asio::io_context context(1);
  const auto executor = context.get_executor();
  asio::signal_set hangups(executor, SIGHUP);  // one that comes before it is waited for is kept
  AgreedClock clock;
  runtime::BlockingPool reading(reading_threads);
  runtime::BlockingPool reloading(1);
  runtime::BlockingPool working(static_cast<std::size_t>(settings.limits.gates_at_once) + settings.sources.size());

  if (const auto whole = must_be_restored(settings.data); !whole) return fail(whole.error());
  auto store = runtime::ContentStore::open(fs::path(settings.data) / "store");
  if (!store) return fail(store.error());
  std::function<void(const core::Problem&)> end_closed;  // set before the executor runs
  auto opened = open_journal(
      settings, [executor](std::function<void()> done) { asio::post(executor, std::move(done)); }, end_fenced,
      [executor, &end_closed](const core::Problem& why) {
        asio::post(executor, [&end_closed, why] { end_closed(why); });
      });
  if (!opened) return fail(opened.error());
  auto& journal = **opened;
  auto* shared = journal.shared();
  clock.agree(shared);
  if (shared != nullptr) share_evidence(*store, *shared);

  auto sources = make_sources(settings, plugins::catalog());
  if (!sources) return fail(sources.error());
  Lending lending(lending_parts(settings, clock, *store, *sources, plugins::catalog()));
  PoliciesInForce policies({settings, plugins::catalog(), lending, clock}, std::move(loaded));
  const auto problems = policies.verify();
  for (const auto& problem : problems) fail(problem);
  if (!problems.empty()) return EXIT_FAILURE;

  const runtime::TimeZones zones;
  if (const auto& problem = zones.problem())
    runtime::log_warning("zones.problem", {{"problem", core::to_text(*problem)}});
  const auto audit_log = AuditLog::open(settings, journal, clock);
  if (!audit_log) return fail(audit_log.error());
  engine::Engine engine({executor, journal, reading, clock,
                         [&](const std::string& model) { return policies.covering(model); }, people_of(settings),
                         &zones, runtime::hex(runtime::random_bytes(8)), [&] { return policies.semaphores(); }});
  const auto newest = journal.newest_seq();
  if (!newest) return fail(newest.error());
  if (*newest == 0)
    runtime::log_warning("journal.empty",
                         {{"next", "none on a new machine; else stop: is this the right disk, or database?"}});
  engine.feed().start_at(*newest);
  engine::Claims claims(shared, clock);
  gating::CheckPerformer gating({engine, working, clock, claims, *store, lending, plugins::catalog().gates});
  delivery::DeliveryPerformer delivery({engine, clock, claims, lending, plugins::catalog().deliveries});
  notice::NoticePerformer notices({clock, claims, lending, plugins::catalog().notifiers, listeners(settings)});
  engine::FollowPerformer follow(engine, clock);
  const auto acknowledgers = states_of(audit_log->get());
  engine::AcknowledgePerformer acknowledge({engine, journal, reading, clock, acknowledgers});
  std::map<std::string, engine::Performer*> performers{{"check", &gating}, {"deliver", &delivery}};
  performers.insert({{"notify", &notices}, {"follow", &follow}, {"acknowledge", &acknowledge}});
  engine::OutboxWorker worker({executor, engine, journal, reading, clock, claims, performers,
                               static_cast<std::size_t>(settings.limits.gates_at_once)});

  intake::Metrics metrics;
  Auditing auditing({executor, engine, clock, metrics, settings, policies, audit_log->get()});
  auto to_watch = watched(settings, *sources, lending);
  if (!to_watch) return fail(to_watch.error());
  intake::Watcher watcher(
      {executor, engine, journal, working, clock, *store, metrics,
       [&](const std::string& model) { return !policies.covering(model).empty(); },
       [](const std::string& source, const core::Problem& problem) {
         runtime::log_warning("source.problem", {{"source", source}, {"problem", core::to_text(problem)}});
       }},
      std::move(*to_watch));
  intake::Replay replay(engine, journal, reading, clock);
  intake::ApiParts api{engine,
                       journal,
                       reading,
                       clock,
                       metrics,
                       replay,
                       [&](const core::Digest& digest) { return store->get(digest); },
                       [&] { return watcher.states(); }};
  api.acknowledgers = acknowledgers;
  api.definitions = serve_definitions(policies);
  Backups backups(settings.data, journal, clock);
  api.back_up = [&backups] { return told(backups.make()); };
  auto hooks = intake::Hooks::make(
      hook_settings(settings), api,
      [&](const std::string& source, const std::string& hook) { return watcher.nudge(source, hook); },
      [&](const intake::Request& request, const core::Problem& problem) { auditing.refused_hook(request, problem); });
  if (!hooks) return fail(hooks.error());
  auto identity = intake::Identity::make(tokens(settings), clock);
  if (!identity) return fail(identity.error());
  auto routes = intake::make_routes(api, *hooks);
  const auto audit_api = auditing.api(journal, reading);
  for (auto& route : intake::log_routes(api, audit_api)) routes.push_back(std::move(route));
  routes.push_back(intake::openapi_route(routes, PENSTOCK_VERSION));
  intake::Server server({executor, std::move(routes),
                         [&](const intake::Request& request) {
                           auto caller = identity->authenticate(request);
                           if (!caller) auditing.refused(request, caller.error());
                           return caller;
                         },
                         http_limits(settings),
                         [](const intake::Fault& fault) {
                           runtime::log_error(
                               "http.fault",
                               {{"request", fault.request_id}, {"operation", fault.operation}, {"error", fault.what}});
                         },
                         [&](const intake::Answered& answered) {
                           intake::count_answer(metrics, answered.operation, answered.status, answered.took);
                         }});
  const auto port = server.listen(settings.listen_address(), settings.listen_port());
  if (!port) return fail(port.error());

  const auto supervision = Supervision::make(executor, journal, reading, clock, worker);
  if (!supervision) return fail(supervision.error());

  core::Result<void> outcome;
  asio::signal_set signals(executor, SIGINT, SIGTERM);
  bool is_stopping = false;
  const auto stop = [&]() -> asio::awaitable<void> {
    if (std::exchange(is_stopping, true)) co_return;
    runtime::log_info("daemon.stopping");
    (*supervision)->stopping();
    co_await server.stop(grace);
    watcher.stop();
    co_await worker.stop(grace);
    co_await auditing.note_stop();
    auditing.stop();
    engine.feed().stop();
    signals.cancel();
    hangups.cancel();
    context.stop();
  };
  const auto reload_when_told = [&]() -> asio::awaitable<void> {
    boost::system::error_code failed;
    for (;;) {
      co_await hangups.async_wait(asio::redirect_error(asio::use_awaitable, failed));
      if (failed) co_return;
      auto reloaded = co_await reloading.run([&policies] { return policies.reload(); });
      co_await auditing.journal_reload(reloaded);
      if (reloaded.next) policies.put_in_force(*reloaded.next);
      report_reload(reloaded, metrics);
      co_await tell_of_changes(engine, journal, reading, policies);
    }
  };
  const auto start = [&]() -> asio::awaitable<void> {
    outcome = co_await worker.start();
    if (outcome) outcome = co_await auditing.note("started");
    if (!outcome) co_return co_await stop();
    watcher.start();
    if (shared != nullptr) hear(*shared, engine, watcher);
    report_start(policies.size(), metrics);
    co_await tell_of_changes(engine, journal, reading, policies);
    asio::co_spawn(executor, reload_when_told(), asio::detached);
    asio::co_spawn(executor, auditing.serve(), asio::detached);
    asio::co_spawn(executor, intake::count_feed(metrics, engine.feed()), asio::detached);
    (*supervision)->ready();
    runtime::log_info(
        "daemon.ready",
        {{"version", PENSTOCK_VERSION}, {"listen", settings.listen}, {"policies", std::to_string(policies.size())}});
  };
  // Whoever waits for an answer gets it: that nothing was kept.
  end_closed = [&](const core::Problem& why) {
    if (outcome) outcome = why;
    asio::co_spawn(executor, stop(), asio::detached);
  };
  asio::co_spawn(executor, start(), asio::detached);
  signals.async_wait([&](const boost::system::error_code& failed, int) {
    if (!failed) asio::co_spawn(executor, stop(), asio::detached);
  });
  context.run();
  const auto status = outcome ? EXIT_SUCCESS : fail(outcome.error());
  context.restart();
  context.run_for(last_grace);
  if (!context.stopped()) {
    // Everything acknowledged is on the disk, and what is left is carried out again by the next daemon. The parts are
    // still in use, so they are not taken down.
    runtime::log_warning("daemon.left_work", {{"why", "polls, gates or deliveries outlasted the time to stop"}});
    lending.end_processes();
    std::_Exit(status);
  }
  // Work that outlasted the grace may still hold references to the parts: it ends before they do.
  working.stop();
  delivery.stop();
  notices.stop();
  reloading.stop();
  reading.stop();
  runtime::log_info("daemon.stopped");
  return status;
}

int start(int argc, char** argv) {
  CLI::App app("penstockd decides what goes into production.");
  std::string config = "/etc/penstock/penstock.yaml";
  bool check = false;
  app.add_option("--config", config, "The settings")->capture_default_str();
  app.add_flag("--check", check, "Read the settings and definitions, tell every problem, and end");
  app.set_version_flag("--version", PENSTOCK_VERSION);
  CLI11_PARSE(app, argc, argv);

  auto loaded = load(config, plugins::catalog());
  for (const auto& lint : loaded.lints) std::cerr << definitions::to_text(lint) << "\n";
  if (!loaded.good) return 2;
  if (check) {
    std::cout << config << ": good, " << loaded.policies.size() << " policies\n";
    return EXIT_SUCCESS;
  }
  for (auto& secret : loaded.settings.secret_values) runtime::register_secret(std::move(secret));
  return run(std::move(loaded.settings), std::move(loaded.policies));
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  try {
    return penstock::start(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "penstockd: a bug: " << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
