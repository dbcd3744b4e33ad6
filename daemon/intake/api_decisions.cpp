#include "daemon/intake/api_decisions.hpp"

#include "daemon/intake/api_body.hpp"
#include "daemon/intake/api_promotions.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

core::Problem not_allowed(std::string message, std::string hint) {
  return {"not-allowed", std::move(message), "", std::move(hint), false};
}

Response outcome_response(const engine::Outcome& outcome) {
  auto document = promotion_json(outcome.promotion);
  if (!outcome.ignored.empty()) document["ignored"] = outcome.ignored;
  return promotion_response(outcome.promotion, document);
}

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

bool can_be_opened_anew(const core::Phase& phase) {
  return core::is_end(phase) && !std::holds_alternative<core::Replaced>(phase);
}

asio::awaitable<Response> open_anew(const ApiParts& parts, core::Promotion promotion, std::string person) {
  auto candidate = co_await parts.engine.candidate(promotion.candidate);
  if (!candidate) co_return problem_response(candidate.error());
  engine::SeenCandidate seen;
  seen.candidate = std::move(*candidate);
  seen.submitter = promotion.submitter;
  seen.trigger = "retry:" + person;
  seen.again = true;
  const auto outcome = co_await parts.engine.see(std::move(seen));
  if (!outcome) co_return problem_response(outcome.error());
  for (const auto& id : outcome->promotions) {
    auto opened = co_await parts.engine.promotion(id);
    if (!opened) co_return problem_response(opened.error());
    if (opened->lane != promotion.lane || core::is_end(opened->phase)) continue;
    auto response = promotion_response(*opened, promotion_json(*opened));
    response.status = 201;
    response.headers.emplace_back("Location", "/v1/promotions/" + id);
    co_return response;
  }
  co_return problem_response(409, {"conflict", "no policy covers " + core::to_text(promotion.lane) + " any more",
                                   promotion.id, "write a policy for it and retry", false});
}

}  // namespace

core::Result<bool> is_approval(const std::string& word) {
  if (word == "approve") return true;
  if (word == "reject") return false;
  return invalid("`decision` is `" + word.substr(0, 40) + "`, needed `approve` or `reject`");
}

asio::awaitable<core::Result<engine::Outcome>> decide(const ApiParts& parts, PersonalDecision decision) {
  if (!decision.by.person)
    co_return not_allowed(decision.by.name + " is a service: only people decide", "decide with a person's token");
  if (!decision.approve && decision.note.empty())
    co_return invalid("a rejection needs a reason", "say in `note` what is wrong and what would change your mind");
  const auto promotion = co_await parts.engine.promotion(decision.promotion);
  if (!promotion) co_return promotion.error();
  const auto policy = promotion->policy->digest;
  const auto current = engine::Engine::decision_digest(*promotion);
  if (decision.decide_on != current)
    co_return core::Problem{"stale-decision",
                            "the decision is about " + decision.decide_on.text() +
                                ", but this promotion is decided on by " + current.text(),
                            promotion->id, "read the promotion again and decide on what it shows", false};
  if (core::is_end(promotion->phase))
    co_return core::Problem{"conflict",
                            promotion->id + " has ended: it is " + std::string(core::phase_name(promotion->phase)), "",
                            "a retry opens a new promotion of the same candidate", false};
  core::Event event;
  if (decision.approve)
    event = core::ApprovalGiven{promotion->id,
                                promotion->candidate,
                                policy,
                                decision.by.name,
                                decision.by.groups,
                                decision.by.aliases,
                                decision.note,
                                "",
                                engine::Engine::findings_digest(*promotion)};
  else
    event = core::RejectionGiven{promotion->id,    promotion->candidate, policy,
                                 decision.by.name, decision.by.groups,   decision.note};
  co_return co_await parts.engine.submit(std::move(event));
}

asio::awaitable<Response> post_decision(const ApiParts& parts, Request request) {
  const auto decide_on = decide_on_of(request);
  if (!decide_on) co_return problem_response(decide_on.error());
  const auto document = read_object(request.body, {"decision", "note", "reason"});
  if (!document) co_return problem_response(document.error());
  const auto word = text_member(*document, "decision");
  if (!word) co_return problem_response(word.error());
  const auto approve = is_approval(*word);
  if (!approve) co_return problem_response(approve.error());
  const auto note = text_member(*document, "note");
  if (!note) co_return problem_response(note.error());
  const auto reason = text_member(*document, "reason");
  if (!reason) co_return problem_response(reason.error());
  PersonalDecision decision{request.parameters.at("id"), *approve, *decide_on, note->empty() ? *reason : *note,
                            *request.caller};
  const auto outcome = co_await decide(parts, std::move(decision));
  if (!outcome) co_return problem_response(outcome.error());
  co_return outcome_response(*outcome);
}

asio::awaitable<Response> post_retry(const ApiParts& parts, Request request) {
  if (!request.caller->person)
    co_return problem_response(
        not_allowed(request.caller->name + " is a service: only people retry", "retry with a person's token"));
  if (const auto body = read_object(request.body, {}); !body) co_return problem_response(body.error());
  auto promotion = co_await parts.engine.promotion(request.parameters.at("id"));
  if (!promotion) co_return problem_response(promotion.error());
  if (can_be_opened_anew(promotion->phase))
    co_return co_await open_anew(parts, std::move(*promotion), request.caller->name);
  if (core::is_end(promotion->phase))
    co_return problem_response({"conflict",
                                promotion->id + " was live and has been replaced: there is nothing to retry", "",
                                "submit the candidate again to promote it once more", false});
  core::Event event = core::RetryAsked{promotion->id, request.caller->name};
  const auto outcome = co_await parts.engine.submit(std::move(event));
  if (!outcome) co_return problem_response(outcome.error());
  co_return outcome_response(*outcome);
}

asio::awaitable<Response> post_withdrawal(const ApiParts& parts, Request request) {
  const auto document = read_object(request.body, {"reason"});
  if (!document) co_return problem_response(document.error());
  const auto reason = text_member(*document, "reason");
  if (!reason) co_return problem_response(reason.error());
  if (reason->empty())
    co_return problem_response(invalid("a withdrawal needs a `reason`", "say why it is not wanted any more"));
  const auto promotion = co_await parts.engine.promotion(request.parameters.at("id"));
  if (!promotion) co_return problem_response(promotion.error());
  const auto& caller = *request.caller;
  if (!caller.person && caller.name != promotion->submitter)
    co_return problem_response(
        not_allowed(caller.name + " is a service and did not submit this candidate",
                    "the submitter (" + promotion->submitter + ") or any person can withdraw it"));
  if (core::is_end(promotion->phase))
    co_return problem_response({"conflict",
                                promotion->id + " has ended: it is " + std::string(core::phase_name(promotion->phase)),
                                "", "", false});
  core::Event event = core::WithdrawalAsked{promotion->id, caller.name, *reason};
  const auto outcome = co_await parts.engine.submit(std::move(event));
  if (!outcome) co_return problem_response(outcome.error());
  co_return outcome_response(*outcome);
}

}  // namespace penstock::intake
