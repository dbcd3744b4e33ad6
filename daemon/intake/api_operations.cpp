#include "daemon/intake/api_operations.hpp"

#include <cmath>

#include "daemon/engine/progress.hpp"
#include "daemon/intake/api_body.hpp"
#include "daemon/intake/api_candidates.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

// How late the oldest due work is that nobody has taken up.
asio::awaitable<core::Result<core::Duration>> lateness(const ApiParts& parts) {
  return engine::lateness(parts.journal, parts.pool, parts.clock, parts.answer_within);
}

double seconds(core::Duration duration) { return std::chrono::duration<double>(duration).count(); }

Response not_ready(core::Problem problem) {
  problem.transient = true;
  return problem_response(503, problem);
}

}  // namespace

asio::awaitable<Response> get_livez(const ApiParts&, Request) { co_return json_response(200, {{"alive", true}}); }

asio::awaitable<Response> get_readyz(const ApiParts& parts, Request) {
  const auto late = co_await lateness(parts);
  // The journal's own words may name files of this machine.
  if (!late) co_return not_ready({late.error().code, "the journal cannot be read", "", "see the daemon's log", true});
  if (*late > parts.late_after)
    co_return not_ready({"work-is-late",
                         "the oldest due work has waited " + core::to_text(*late) + "; needed at most " +
                             core::to_text(parts.late_after),
                         "", "see the daemon's log: are the gates' threads all busy, or is the journal slow?", true});
  json document{{"ready", true}, {"late_seconds", seconds(*late)}, {"sources", json::array()}};
  // Not 0: what is in force is older than the files. What is wrong with them is in the log alone.
  document["definitions"] = {{"problems", static_cast<int>(parts.metrics.value("penstock_definitions_problems", {}))}};
  if (parts.sources) {
    for (const auto& source : parts.sources()) {
      json item{{"name", source.name}, {"failures", source.failures}};
      if (!source.problem_code.empty()) item["problem"] = source.problem_code;
      if (source.last_success) item["last_success"] = core::to_text(*source.last_success);
      document["sources"].push_back(std::move(item));
    }
  }
  // A sink or witness that is away holds up those promotions alone whose policies name it.
  if (parts.acknowledgers)
    for (const auto& one : parts.acknowledgers()) {
      json item{{"name", one.name}, {"kind", one.kind}, {"entries", one.entries}};
      if (one.at) item["acknowledged_at"] = core::to_text(*one.at);
      if (!one.problem.code.empty()) item["problem"] = one.problem.code;
      if (one.failing_since) item["failing_since"] = core::to_text(*one.failing_since);
      document["acknowledgers"].push_back(std::move(item));
    }
  co_return json_response(200, document);
}

asio::awaitable<Response> get_metrics(const ApiParts& parts, Request) {
  const auto late = co_await lateness(parts);
  parts.metrics.set("penstock_journal_problem", {}, late ? 0 : 1);
  parts.metrics.set("penstock_outbox_late_seconds", {}, late ? seconds(*late) : std::nan(""));
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = parts.metrics.text();
  co_return response;
}

asio::awaitable<Response> get_version(const ApiParts&, Request) {
  co_return json_response(200, {{"name", "penstock"}, {"version", PENSTOCK_VERSION}, {"api", "v1"}});
}

asio::awaitable<Response> post_backup(const ApiParts& parts, Request request) {
  if (const auto body = read_object(request.body, {}); !body) co_return problem_response(body.error());
  if (!parts.back_up)
    co_return problem_response(501, {"not-supported", "this daemon makes no backups", request.path, "", false});
  auto work = [&parts] { return parts.back_up(); };
  const auto made = co_await parts.pool.run(std::move(work));
  if (!made) co_return problem_response(made.error());
  co_return json_response(201, *made);
}

asio::awaitable<Response> get_evidence(const ApiParts& parts, Request request) {
  const auto digest = digest_in_path(request, "digest");
  if (!digest) co_return problem_response(digest.error());
  auto read = [&parts, wanted = *digest] { return parts.evidence(wanted); };
  auto bytes = co_await parts.pool.run(std::move(read));
  if (!bytes && bytes.error().code == "not-found")
    co_return problem_response(404, {"unknown-evidence", "no evidence " + digest->text() + " is kept", "",
                                     "take the digest from a finding", false});
  if (!bytes) co_return problem_response(bytes.error());
  Response response;
  response.content_type = "application/octet-stream";
  response.headers = {{"Content-Disposition", "attachment; filename=\"" + digest->hex() + "\""},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Cache-Control", "private, immutable, max-age=31536000"}};
  response.body = std::move(*bytes);
  co_return response;
}

}  // namespace penstock::intake
