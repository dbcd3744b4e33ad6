#include "daemon/intake/api_promotions.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "daemon/core/codec.hpp"
#include "daemon/intake/api_page.hpp"
#include "daemon/intake/api_semaphores.hpp"
#include "daemon/intake/can.hpp"
#include "daemon/intake/delivery_window.hpp"
#include "daemon/intake/explanation.hpp"
#include "daemon/intake/kept_policy.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;
using std::chrono::steady_clock;

constexpr core::Duration longest_wait = std::chrono::seconds(60);
constexpr int events_at_once = 1000;
constexpr std::array phases = {
    "queued",   "checking", "awaiting_approval", "awaiting_window", "delivering",  "watching",  "live",    "held",
    "rejected", "expired",  "superseded",        "vetoed",          "rolled_back", "withdrawn", "replaced"};

core::Problem invalid_query(std::string message) { return {"invalid-request", std::move(message), "", "", false}; }

core::Result<std::string> phase_value(const Request& request, const std::string& key) {
  const auto value = query_value(request, key);
  if (value.empty() || std::find(phases.begin(), phases.end(), value) != phases.end()) return value;
  std::string known;
  for (const auto* phase : phases) known += (known.empty() ? "" : ", ") + std::string(phase);
  return invalid_query(key + " is `" + value.substr(0, 40) + "`, needed one of " + known);
}

core::Result<journal::PromotionQuery> read_query(const Request& request, const Page& page) {
  journal::PromotionQuery query;
  query.model = query_value(request, "model");
  query.environment = query_value(request, "environment");
  query.version = query_value(request, "version");
  auto phase = phase_value(request, "phase");
  if (!phase) return phase.error();
  query.phase = std::move(*phase);
  if (const auto text = query_value(request, "candidate"); !text.empty()) {
    query.candidate = core::Digest::parse(text);
    if (!query.candidate) return invalid_query("candidate is not \"sha256:\" and 64 lower-case hex digits");
  }
  if (const auto text = query_value(request, "ended"); !text.empty()) {
    if (text != "true" && text != "false")
      return invalid_query("ended is `" + text.substr(0, 40) + "`, needed `true` or `false`");
    query.ended = text == "true";
  }
  query.after = page.after;
  query.limit = page.limit + 1;
  return query;
}

json row_json(const journal::PromotionRow& row) {
  return {{"id", row.id},
          {"model", row.lane.model},
          {"environment", row.lane.environment},
          {"candidate", row.candidate.text()},
          {"version", row.version},
          {"phase", row.phase},
          {"ended", row.ended},
          {"opened_at", core::to_text(row.opened_at)},
          {"changed_at", core::to_text(row.changed_at)},
          {"href", "/v1/promotions/" + row.id}};
}

// Nothing that Penstock does by itself comes next.
bool is_settled(const core::Phase& phase) {
  return core::is_end(phase) || core::is_live(phase) || std::holds_alternative<core::Held>(phase) ||
         std::holds_alternative<core::AwaitingApproval>(phase);
}

// When it may be delivered; null for one that has ended, which waits for no window any more.
asio::awaitable<core::Result<json>> window_of_row(const ApiParts& parts, const journal::PromotionRow& row) {
  if (row.ended) co_return json();
  const auto lane = co_await parts.engine.lane(row.lane);
  if (!lane) co_return lane.error();
  const auto* promotion = core::find(**lane, row.id);
  if (promotion == nullptr) co_return json();  // it has ended since the row was read
  const auto world = co_await parts.engine.world(row.lane);
  if (!world) co_return world.error();
  co_return window_json(opening_of(*world, **lane, *promotion, parts.clock.now()), row.lane);
}

struct LongPoll {
  core::Duration wait{};
  std::string past;
};

core::Result<LongPoll> read_long_poll(const Request& request) {
  LongPoll poll;
  if (const auto text = query_value(request, "wait"); !text.empty()) {
    const auto wait = core::parse_duration(text);
    if (!wait || *wait > longest_wait)
      return invalid_query("wait is `" + text.substr(0, 40) + "`, needed a duration of at most " +
                           core::to_text(longest_wait));
    poll.wait = *wait;
  }
  auto past = phase_value(request, "past");
  if (!past) return past.error();
  poll.past = std::move(*past);
  return poll;
}

// The promotion once it is what the caller waits for, or as it stands at the deadline.
asio::awaitable<core::Result<core::Promotion>> settled_promotion(const ApiParts& parts, core::PromotionId id,
                                                                 LongPoll poll) {
  const auto deadline = steady_clock::now() + poll.wait;
  auto& feed = parts.engine.feed();
  for (;;) {
    // Taken before the promotion is read: what is journalled in between wakes the wait at once.
    const auto seq = feed.newest();
    auto promotion = co_await parts.engine.promotion(id);
    if (!promotion) co_return promotion.error();
    if (is_settled(promotion->phase) && core::phase_name(promotion->phase) != poll.past) co_return promotion;
    if (feed.stopped() || steady_clock::now() >= deadline) co_return promotion;
    co_await feed.wait_for(id, seq, deadline);
  }
}

}  // namespace

json promotion_json(const core::Promotion& promotion) {
  auto document = core::to_json(promotion);
  document["decide_on"] = engine::Engine::decision_digest(promotion).text();
  document["href"] = "/v1/promotions/" + promotion.id;
  return document;
}

Response promotion_response(const json& document) {
  auto response = json_response(200, document);
  response.headers.emplace_back("ETag", "\"" + document.at("decide_on").get<std::string>() + "\"");
  // The tag names what is decided on, which stays the same while the promotion moves: nobody may keep this answer.
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

asio::awaitable<Response> changed_response(const ApiParts& parts, core::Promotion promotion, std::string ignored) {
  const auto lane = co_await parts.engine.lane(promotion.lane);
  if (!lane) co_return problem_response(lane.error());
  const auto world = co_await parts.engine.world(promotion.lane);
  if (!world) co_return problem_response(world.error());
  auto document = promotion_json(promotion);
  if (auto wait = wait_json(**lane, promotion); !wait.is_null()) document["wait"] = std::move(wait);
  document["policy"] = kept_policy_json(promotion, *world);
  document["window"] = window_json(opening_of(*world, **lane, promotion, parts.clock.now()), promotion.lane);
  if (!ignored.empty()) document["ignored"] = ignored;
  co_return promotion_response(document);
}

asio::awaitable<Response> created_response(const ApiParts& parts, core::Promotion promotion) {
  auto response = co_await changed_response(parts, promotion, "");
  if (response.status != 200) co_return response;
  response.status = 201;
  response.headers.emplace_back("Location", "/v1/promotions/" + promotion.id);
  co_return response;
}

json wait_json(const core::Lane& lane, const core::Promotion& promotion) {
  const auto wait = core::wait_in(lane, promotion);
  if (!wait) return nullptr;
  return {{"what", wait->what}, {"who", wait->who}, {"until", core::to_text(wait->until)}};
}

json event_json(const journal::EventRow& row) {
  return {{"seq", row.seq},
          {"at", core::to_text(row.at)},
          {"model", row.lane.model},
          {"environment", row.lane.environment},
          {"promotion", row.promotion},
          {"event", row.name},
          {"data", json::parse(row.document, nullptr, false)}};
}

asio::awaitable<Response> list_promotions(const ApiParts& parts, Request request) {
  const auto page = read_page(request, "promotions");
  if (!page) co_return problem_response(page.error());
  const auto query = read_query(request, *page);
  if (!query) co_return problem_response(query.error());
  auto* journal = &parts.journal;
  auto read = [journal, asked = *query] { return journal->promotions(asked); };
  const auto rows = co_await parts.pool.run(std::move(read));
  if (!rows) co_return problem_response(rows.error());
  const auto limit = static_cast<std::size_t>(page->limit);
  json document{{"promotions", json::array()}};
  for (std::size_t i = 0; i < std::min(rows->size(), limit); ++i) {
    auto one = row_json((*rows)[i]);
    auto window = co_await window_of_row(parts, (*rows)[i]);
    if (!window) co_return problem_response(window.error());
    one["window"] = std::move(*window);
    document["promotions"].push_back(std::move(one));
  }
  Response linked;
  if (rows->size() > limit) add_next(linked, document, request, "promotions", (*rows)[limit - 1].id);
  auto response = json_response(200, document);
  response.headers = std::move(linked.headers);
  co_return response;
}

asio::awaitable<Response> get_promotion(const ApiParts& parts, Request request) {
  auto poll = read_long_poll(request);
  if (!poll) co_return problem_response(poll.error());
  const auto promotion = co_await settled_promotion(parts, request.parameters.at("id"), std::move(*poll));
  if (!promotion) co_return problem_response(promotion.error());
  const auto lane = co_await parts.engine.lane(promotion->lane);
  if (!lane) co_return problem_response(lane.error());
  // It may have moved on meanwhile: what is shown is what may be done to it.
  const auto* found = core::find(**lane, promotion->id);
  const auto& shown = found == nullptr ? *promotion : *found;
  const auto world = co_await parts.engine.world((*lane)->key);
  if (!world) co_return problem_response(world.error());
  auto document = promotion_json(shown);
  document["can"] = can({*request.caller, *world, parts.clock.now()}, shown, **lane);
  if (auto wait = wait_json(**lane, shown); !wait.is_null()) document["wait"] = std::move(wait);
  document["policy"] = kept_policy_json(shown, *world);
  document["window"] = window_json(opening_of(*world, **lane, shown, parts.clock.now()), (*lane)->key);
  co_await tell_places(parts, shown, document);
  co_return promotion_response(document);
}

asio::awaitable<core::Result<json>> explanation_of(const ApiParts& parts, core::PromotionId id) {
  const auto promotion = co_await parts.engine.promotion(std::move(id));
  if (!promotion) co_return promotion.error();
  const auto lane = co_await parts.engine.lane(promotion->lane);
  if (!lane) co_return lane.error();
  const auto* found = core::find(**lane, promotion->id);
  const auto& shown = found == nullptr ? *promotion : *found;
  const auto candidate = co_await parts.engine.candidate(shown.candidate);
  std::optional<core::CandidateId> content;
  if (candidate) content = runtime::sha256(core::canonical_bytes(*candidate));
  const auto world = co_await parts.engine.world((*lane)->key);
  if (!world) co_return world.error();
  Explained explained{shown, **lane, *world, parts.clock.now(), content};
  if (parts.acknowledgers) explained.acknowledgers = parts.acknowledgers();
  co_return explain(explained);
}

asio::awaitable<Response> get_explanation(const ApiParts& parts, Request request) {
  const auto explanation = co_await explanation_of(parts, request.parameters.at("id"));
  if (!explanation) co_return problem_response(explanation.error());
  if (request.header("accept").find("text/plain") == std::string::npos) co_return json_response(200, *explanation);
  Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = explanation->at("paragraph").get<std::string>() + "\n";
  co_return response;
}

asio::awaitable<Response> list_events(const ApiParts& parts, Request request) {
  const auto id = request.parameters.at("id");
  const auto page = read_page(request, "events");
  if (!page) co_return problem_response(page.error());
  std::int64_t after = 0;
  std::from_chars(page->after.data(), page->after.data() + page->after.size(), after);
  auto* journal = &parts.journal;
  auto read = [journal, id, after] { return journal->events_of(id, events_at_once + 1, after); };
  const auto rows = co_await parts.pool.run(std::move(read));
  if (!rows) co_return problem_response(rows.error());
  if (rows->empty() && after == 0)
    co_return problem_response(404, {"unknown-promotion", "there is no promotion `" + id.substr(0, 60) + "`", "",
                                     "list them with GET /v1/promotions", false});
  json document{{"events", json::array()}};
  const auto count = std::min<std::size_t>(rows->size(), events_at_once);
  for (std::size_t i = 0; i < count; ++i) document["events"].push_back(event_json((*rows)[i]));
  Response linked;
  if (rows->size() > count) add_next(linked, document, request, "events", std::to_string((*rows)[count - 1].seq));
  auto response = json_response(200, document);
  response.headers = std::move(linked.headers);
  co_return response;
}

}  // namespace penstock::intake
