// What a signed hook can do beyond a nudge: a configured approver's decision, a configured receiver's receipt.
#include <charconv>

#include "daemon/intake/api_body.hpp"
#include "daemon/intake/api_decisions.hpp"
#include "daemon/intake/hooks.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

// The `data` object of {"type": …, "data": {…}}; further members beside them (a time stamp) are the sender's own.
struct Message {
  std::string type;
  json data;
};

core::Result<Message> read_message(const std::string& body) {
  auto document = read_json(body);
  if (!document) return document.error();
  if (!document->is_object() || !document->contains("data") || !(*document)["data"].is_object())
    return invalid("the body is not {\"type\": …, \"data\": {…}}");
  auto type = text_member(*document, "type");
  if (!type) return type.error();
  return Message{std::move(*type), std::move((*document)["data"])};
}

core::Result<std::string> needed_data(const json& data, const std::string& key) {
  auto text = text_member(data, key);
  if (text && text->empty()) return invalid("`data." + key + "` is missing");
  return text;
}

core::Result<PersonalDecision> read_message_decision(const std::string& body, const Caller& approver) {
  const auto message = read_message(body);
  if (!message) return message.error();
  if (message->type != "promotion.decision")
    return invalid("the type is `" + message->type.substr(0, 60) + "`, needed `promotion.decision`");
  const auto promotion = needed_data(message->data, "promotion");
  if (!promotion) return promotion.error();
  if (const auto word = needed_data(message->data, "decision"); !word) return word.error();
  auto decision = read_decision(message->data, approver);
  if (!decision) return decision.error();
  const auto text = needed_data(message->data, "decide_on");
  if (!text) return text.error();
  const auto decide_on = core::Digest::parse(*text);
  if (!decide_on)
    return invalid("`decide_on` is not \"sha256:\" and 64 lower-case hex digits", "send the promotion's `decide_on`");
  decision->promotion = *promotion;
  decision->decide_on = *decide_on;
  return decision;
}

struct DeliveryKey {
  core::PromotionId promotion;
  std::string delivery;
  int round = 0;
};

// "deliver/<promotion>/<delivery>/<round>" (core::key_of); a delivery's name may hold slashes, the other parts may not.
std::optional<DeliveryKey> parse_key(std::string_view key) {
  constexpr std::string_view prefix = "deliver/";
  if (!key.starts_with(prefix)) return std::nullopt;
  key.remove_prefix(prefix.size());
  const auto first = key.find('/');
  const auto last = key.rfind('/');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  DeliveryKey parsed{std::string(key.substr(0, first)), std::string(key.substr(first + 1, last - first - 1)), 0};
  const auto number = key.substr(last + 1);
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), parsed.round);
  if (error != std::errc() || end != number.data() + number.size() || parsed.round < 1) return std::nullopt;
  return parsed;
}

// A receiver speaks for what was sent to it, and for nothing else.
bool goes_to(const core::Promotion& promotion, const std::string& delivery, const std::string& receiver) {
  for (const auto& spec : promotion.policy->deliveries) {
    if (spec.name != delivery || !spec.with.is_object()) continue;
    const auto named = spec.with.find("receiver");
    return named != spec.with.end() && named->is_string() && *named == receiver;
  }
  return false;
}

}  // namespace

asio::awaitable<Response> Hooks::decide_by_hook(const Delivery& delivery) {
  auto decision = read_message_decision(delivery.request.body, delivery.hook.settings.approver);
  if (!decision) co_return problem_response(decision.error());
  const auto outcome = co_await decide(*parts_, std::move(*decision));
  if (!outcome) co_return problem_response(outcome.error());
  json document{{"promotion", outcome->promotion.id}, {"phase", core::phase_name(outcome->promotion.phase)}};
  if (!outcome->ignored.empty()) document["ignored"] = outcome->ignored;
  co_return json_response(202, document);
}

asio::awaitable<Response> Hooks::confirm_by_hook(const Delivery& delivery) {
  const auto message = read_message(delivery.request.body);
  if (!message) co_return problem_response(message.error());
  const bool confirmed = message->type == "delivery.confirmed";
  if (!confirmed && message->type != "delivery.refused")
    co_return problem_response(invalid("the type is `" + message->type.substr(0, 60) +
                                       "`, needed `delivery.confirmed` or `delivery.refused`"));
  const auto text = needed_data(message->data, "key");
  if (!text) co_return problem_response(text.error());
  const auto note = text_member(message->data, "note");
  if (!note) co_return problem_response(note.error());
  const auto key = parse_key(*text);
  if (!key)
    co_return problem_response(invalid("`data.key` is not deliver/<promotion>/<delivery>/<round>",
                                       "send back the key that came with the delivery"));

  const auto promotion = co_await parts_->engine.promotion(key->promotion);
  if (!promotion) co_return problem_response(promotion.error());
  const auto& receiver = delivery.hook.settings.receiver;
  if (!goes_to(*promotion, key->delivery, receiver))
    co_return problem_response(
        {"not-allowed", "the delivery " + key->delivery + " of " + key->promotion + " did not go to " + receiver, "",
         "a receiver can only confirm or refuse what was sent to it", false});
  core::Event event;
  if (confirmed)
    event = core::DeliveryConfirmed{key->promotion, key->delivery, key->round,
                                    receiver + " confirmed it" + (note->empty() ? "" : ": " + *note)};
  else
    event = core::DeliveryRefused{key->promotion, key->delivery, key->round,
                                  receiver + " refused it" + (note->empty() ? "" : ": " + *note),
                                  "find out from " + receiver + " why, then retry or reject"};
  // A receipt may be here before the send was journalled: then there is nothing left to send either.
  auto done_key = core::key_of(core::Deliver{key->promotion, key->delivery, key->round, {}});
  const auto outcome = co_await parts_->engine.submit(std::move(event), std::move(done_key));
  if (!outcome) co_return problem_response(outcome.error());
  json document{{"promotion", outcome->promotion.id}, {"phase", core::phase_name(outcome->promotion.phase)}};
  if (!outcome->ignored.empty()) document["ignored"] = outcome->ignored;
  co_return json_response(202, document);
}

}  // namespace penstock::intake
