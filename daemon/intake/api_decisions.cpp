#include "daemon/intake/api_decisions.hpp"

#include "daemon/intake/api_body.hpp"
#include "daemon/intake/api_promotions.hpp"

namespace penstock::intake {
namespace {

// The digest of If-Match (RFC 9110 §13.1.1): one strong tag. `*` would decide on something unseen.
core::Result<core::Digest> decide_on_of(const Request& request) {
  auto tag = request.header("if-match");
  if (tag.empty())
    return core::Problem{"precondition-required", "the header If-Match is missing", request.path,
                         "send the promotion's `decide_on` in If-Match, so that what is decided on is what was seen",
                         false};
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') tag = tag.substr(1, tag.size() - 2);
  if (auto digest = core::Digest::parse(tag)) return *digest;
  return core::Problem{"stale-decision", "If-Match holds no digest", request.path,
                       "send the promotion's `decide_on`: \"sha256:\" and 64 hex digits", false};
}

// In the promotion's own lane: those of the same candidate elsewhere are not touched.
asio::awaitable<Response> open_anew(const ApiParts& parts, core::Promotion promotion, std::string trigger) {
  auto candidate = co_await parts.engine.candidate(promotion.candidate);
  if (!candidate) co_return problem_response(candidate.error());
  engine::SeenCandidate seen;
  seen.candidate = std::move(*candidate);
  seen.submitter = promotion.submitter;
  seen.trigger = std::move(trigger);
  seen.again = true;
  seen.environment = promotion.lane.environment;
  const auto outcome = co_await parts.engine.see(std::move(seen));
  if (!outcome) co_return problem_response(outcome.error());
  if (!outcome->ignored.empty()) co_return problem_response({"conflict", outcome->ignored, promotion.id, "", false});
  auto opened = co_await parts.engine.promotion(outcome->promotions.front());
  if (!opened) co_return problem_response(opened.error());
  co_return co_await created_response(parts, *opened);
}

}  // namespace

asio::awaitable<core::Result<engine::Outcome>> decide(const ApiParts& parts, PersonalDecision decision) {
  const auto promotion = co_await parts.engine.promotion(decision.promotion);
  if (!promotion) co_return promotion.error();
  auto event = event_of(decision, *promotion);
  if (!event) co_return event.error();
  co_return co_await parts.engine.submit(std::move(*event));
}

asio::awaitable<Response> post_decision(const ApiParts& parts, Request request) {
  const auto decide_on = decide_on_of(request);
  if (!decide_on) co_return problem_response(decide_on.error());
  const auto document = read_object(request.body, {"decision", "note", "reason", "condition", "on_behalf_of"});
  if (!document) co_return problem_response(document.error());
  auto decision = read_decision(*document, *request.caller);
  if (!decision) co_return problem_response(decision.error());
  decision->promotion = request.parameters.at("id");
  decision->decide_on = *decide_on;
  const auto outcome = co_await decide(parts, std::move(*decision));
  if (!outcome) co_return problem_response(outcome.error());
  co_return co_await changed_response(parts, outcome->promotion, outcome->ignored);
}

asio::awaitable<Response> post_retry(const ApiParts& parts, Request request) {
  if (const auto body = read_object(request.body, {}); !body) co_return problem_response(body.error());
  auto promotion = co_await parts.engine.promotion(request.parameters.at("id"));
  if (!promotion) co_return problem_response(promotion.error());
  auto event = retry_event(*request.caller, *promotion, parts.clock.now());
  if (!event) co_return problem_response(event.error());
  if (const auto* anew = std::get_if<core::CandidateSeen>(&*event))
    co_return co_await open_anew(parts, std::move(*promotion), anew->trigger);
  const auto outcome = co_await parts.engine.submit(std::move(*event));
  if (!outcome) co_return problem_response(outcome.error());
  co_return co_await changed_response(parts, outcome->promotion, outcome->ignored);
}

asio::awaitable<Response> post_withdrawal(const ApiParts& parts, Request request) {
  const auto document = read_object(request.body, {"reason"});
  if (!document) co_return problem_response(document.error());
  const auto reason = needed_text(*document, "reason", "say why it is not wanted any more");
  if (!reason) co_return problem_response(reason.error());
  const auto promotion = co_await parts.engine.promotion(request.parameters.at("id"));
  if (!promotion) co_return problem_response(promotion.error());
  auto event = withdrawal_event(*request.caller, *promotion, *reason);
  if (!event) co_return problem_response(event.error());
  const auto outcome = co_await parts.engine.submit(std::move(*event));
  if (!outcome) co_return problem_response(outcome.error());
  co_return co_await changed_response(parts, outcome->promotion, outcome->ignored);
}

}  // namespace penstock::intake
