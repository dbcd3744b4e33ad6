#include "daemon/intake/api_candidates.hpp"

#include <algorithm>

#include "daemon/intake/api_body.hpp"
#include "daemon/intake/api_page.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

json row_json(const journal::CandidateRow& row) {
  return {{"id", row.id.text()},
          {"model", row.model},
          {"version", row.version},
          {"submitter", row.submitter},
          {"trigger", row.trigger},
          {"seen_at", core::to_text(row.seen_at)},
          {"href", "/v1/candidates/" + row.id.text()}};
}

Response seen_response(const engine::SeenOutcome& outcome, bool again) {
  const auto href = "/v1/candidates/" + outcome.id.text();
  auto promotions = json::array();
  for (const auto& id : outcome.promotions) promotions.push_back({{"id", id}, {"href", "/v1/promotions/" + id}});
  json document{
      {"id", outcome.id.text()}, {"href", href}, {"created", outcome.created}, {"promotions", std::move(promotions)}};
  // Whoever wants it promoted again is told where and why it is not.
  if (again && !outcome.ignored.empty()) document["ignored"] = outcome.ignored;
  auto response = json_response(outcome.created ? 201 : 200, document);
  response.headers.emplace_back("Location", href);
  return response;
}

asio::awaitable<Response> submit_candidate(const ApiParts& parts, const Request& request) {
  auto document = read_json(request.body);
  if (!document) co_return problem_response(document.error());
  engine::SeenCandidate seen;
  if (document->is_object() && document->contains("again")) {
    const auto& again = (*document)["again"];
    if (!again.is_boolean()) co_return problem_response(invalid("`again` must be true or false"));
    seen.again = again.get<bool>();
    document->erase("again");
  }
  auto candidate = core::candidate_from_json(*document);
  if (!candidate) co_return problem_response(candidate.error());
  seen.candidate = std::move(*candidate);
  seen.submitter = request.caller->name;
  seen.trigger = "api";
  const auto again = seen.again;
  const auto outcome = co_await parts.engine.see(std::move(seen));
  if (!outcome) co_return problem_response(outcome.error());
  co_return seen_response(*outcome, again);
}

bool is_idempotency_key(const std::string& key) {
  return !key.empty() && key.size() <= 200 &&
         std::all_of(key.begin(), key.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
}

// What is kept under an Idempotency-Key: enough to give the same answer to the same body.
std::string kept_answer(const Response& response, const std::string& body_digest) {
  return json{
      {"request", body_digest}, {"status", response.status}, {"headers", response.headers}, {"body", response.body}}
      .dump();
}

Response answer_again(const std::string& kept, const std::string& body_digest) {
  const auto document = json::parse(kept);
  if (document.at("request") != body_digest)
    return problem_response(422, {"idempotency-mismatch", "this Idempotency-Key was used for another body", "",
                                  "make a new key for a new request; repeat a request with the same bytes", false});
  Response response;
  response.status = document.at("status");
  response.headers = document.at("headers").get<decltype(response.headers)>();
  response.body = document.at("body");
  return response;
}

}  // namespace

core::Result<core::Digest> digest_in_path(const Request& request, const std::string& name) {
  const auto found = request.parameters.find(name);
  const auto text = found == request.parameters.end() ? std::string() : found->second;
  if (auto digest = core::Digest::parse(text)) return *digest;
  return core::Problem{"not-found", "the path does not end in \"sha256:\" and 64 lower-case hex digits", request.path,
                       "take the id from the answer that named it", false};
}

asio::awaitable<Response> post_candidate(const ApiParts& parts, Request request) {
  const auto idempotency_key = request.header("idempotency-key");
  if (idempotency_key.empty()) co_return co_await submit_candidate(parts, request);
  if (!is_idempotency_key(idempotency_key))
    co_return problem_response(
        {"invalid-request", "the Idempotency-Key is longer than 200 bytes or not printable ASCII", "", "", false});

  // One caller's keys are not another's: nobody learns an answer by guessing a key.
  const auto key = "request/" + request.caller->name + "/" + idempotency_key;
  const auto turn = parts.replay.take_turn(key);
  if (!turn)
    co_return problem_response(409, {"conflict", "a request with this Idempotency-Key is being answered", "",
                                     "repeat it a little later", true});
  const auto body_digest = runtime::sha256(request.body).text();
  std::vector<std::string> keys{key};
  const auto kept = co_await parts.replay.find(keys);
  if (!kept) co_return problem_response(kept.error());
  if (*kept) co_return answer_again(**kept, body_digest);

  auto response = co_await submit_candidate(parts, request);
  // A refusal is not kept: once its reason is gone the same key may be used again.
  if (response.status >= 300) co_return response;
  // Seeing a candidate twice opens nothing twice, so a crash before this line does no harm.
  const auto remembered = co_await parts.replay.remember(std::move(keys), kept_answer(response, body_digest));
  if (!remembered) co_return problem_response(remembered.error());
  co_return response;
}

asio::awaitable<Response> list_candidates(const ApiParts& parts, Request request) {
  const auto page = read_page(request, "candidates");
  if (!page) co_return problem_response(page.error());
  journal::CandidateQuery query{query_value(request, "model"), query_value(request, "version"), page->after,
                                page->limit + 1};
  auto* journal = &parts.journal;
  auto read = [journal, query] { return journal->candidates(query); };
  auto rows = co_await parts.pool.run(std::move(read));
  if (!rows && rows.error().code == "bad-cursor") co_return problem_response(400, rows.error());
  if (!rows) co_return problem_response(rows.error());
  const auto limit = static_cast<std::size_t>(page->limit);
  json document{{"candidates", json::array()}};
  for (std::size_t i = 0; i < std::min(rows->size(), limit); ++i)
    document["candidates"].push_back(row_json((*rows)[i]));
  Response response;
  if (rows->size() > limit) {
    const auto& last = (*rows)[limit - 1];
    add_next(response, document, request, "candidates",
             std::to_string(last.seen_at.time_since_epoch().count()) + "/" + last.id.hex());
  }
  auto answer = json_response(200, document);
  answer.headers = std::move(response.headers);
  co_return answer;
}

asio::awaitable<Response> get_candidate(const ApiParts& parts, Request request) {
  const auto id = digest_in_path(request, "id");
  if (!id) co_return problem_response(id.error());
  auto* journal = &parts.journal;
  const core::CandidateId& digest = *id;
  struct Found {
    std::optional<journal::CandidateRow> candidate;
    std::vector<journal::PromotionRow> promotions;
  };
  auto read = [journal, digest]() -> core::Result<Found> {
    auto candidate = journal->candidate(digest);
    if (!candidate) return candidate.error();
    journal::PromotionQuery query;
    query.candidate = digest;
    query.limit = 500;
    auto promotions = journal->promotions(query);
    if (!promotions) return promotions.error();
    return Found{std::move(*candidate), std::move(*promotions)};
  };
  auto found = co_await parts.pool.run(std::move(read));
  if (!found) co_return problem_response(found.error());
  if (!found->candidate)
    co_return problem_response(404, {"unknown-candidate", "no candidate " + digest.text() + " was ever seen", "",
                                     "list them with GET /v1/candidates", false});
  auto document = row_json(*found->candidate);
  document["candidate"] = json::parse(found->candidate->document);
  document["promotions"] = json::array();
  for (const auto& row : found->promotions)
    document["promotions"].push_back({{"id", row.id},
                                      {"environment", row.lane.environment},
                                      {"phase", row.phase},
                                      {"href", "/v1/promotions/" + row.id}});
  co_return json_response(200, document);
}

}  // namespace penstock::intake
