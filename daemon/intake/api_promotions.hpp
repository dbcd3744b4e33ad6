// Promotions: finding them, reading one, waiting for one.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

asio::awaitable<Response> list_promotions(const ApiParts& parts, Request request);
// With what the caller `can` do to it now. With `wait` the answer comes when the promotion has ended, is live, held or
// awaiting approval, or when the time is over; with `past` as well, not while it is still in that phase.
asio::awaitable<Response> get_promotion(const ApiParts& parts, Request request);
// JSON, or with `Accept: text/plain` the readable paragraph alone.
asio::awaitable<Response> get_explanation(const ApiParts& parts, Request request);
asio::awaitable<Response> list_events(const ApiParts& parts, Request request);

// What explain() says of a promotion now. Problems: "unknown-promotion", those of the journal.
asio::awaitable<core::Result<nlohmann::json>> explanation_of(const ApiParts& parts, core::PromotionId id);

// core::to_json with `decide_on` and links.
nlohmann::json promotion_json(const core::Promotion& promotion);
// What it waits for in its lane, who can end that, and until when; null for nothing.
nlohmann::json wait_json(const core::Lane& lane, const core::Promotion& promotion);
// 200; its ETag is `decide_on` of the document, to be sent back in If-Match.
Response promotion_response(const nlohmann::json& document);
// 200 after somebody has done something to it, or why that changed nothing.
asio::awaitable<Response> changed_response(const ApiParts& parts, core::Promotion promotion, std::string ignored);
// 201, with the place of a promotion that was opened.
asio::awaitable<Response> created_response(const ApiParts& parts, core::Promotion promotion);
// One row of the event log or the stream.
nlohmann::json event_json(const journal::EventRow& row);

}  // namespace penstock::intake
