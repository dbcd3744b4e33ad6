#include "plugins/deliveries/webhook.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/plugins/deliveries/delivery_world.hpp"

namespace penstock::deliveries::test {
namespace {

std::unique_ptr<sdk::Delivery> webhook() { return webhook_kind().make({{"receiver", "peer"}}).value(); }

std::string header(const sdk::HttpRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.headers)
    if (key == name) return value;
  return {};
}

}  // namespace

TEST_CASE("a webhook is signed by the Standard Webhooks scheme and confirmed by a 2xx") {
  World world;
  world.peer.answer(204);
  const auto outcome = world.deliver(*webhook());
  REQUIRE(std::holds_alternative<sdk::Confirmed>(outcome));
  CHECK(std::get<sdk::Confirmed>(outcome).receipt == "204 from peer");
  REQUIRE(world.peer.requests.size() == 1);
  const auto& sent = world.peer.requests[0];
  const auto id = header(sent, "webhook-id");
  CHECK(id.find('.') == std::string::npos);
  CHECK(header(sent, "webhook-timestamp") == "1795219200");
  const auto signed_text = id + ".1795219200." + sent.body;
  CHECK(header(sent, "webhook-signature") ==
        "v1," + runtime::base64(runtime::hmac_sha256(world.endpoint.secret, signed_text)));
  const auto body = nlohmann::json::parse(sent.body);
  CHECK(body["data"]["key"] == "deliver/prm_1/serving/1");
  CHECK(body["data"]["candidate"]["version"] == "7");
}

TEST_CASE("a secret that begins with whsec_ is base64 after it") {
  World world;
  world.endpoint.secret = "whsec_" + runtime::base64("the key itself");
  world.peer.answer(200);
  world.deliver(*webhook());
  const auto& sent = world.peer.requests.at(0);
  CHECK(header(sent, "webhook-signature") ==
        "v1," + runtime::base64(
                    runtime::hmac_sha256("the key itself", header(sent, "webhook-id") + ".1795219200." + sent.body)));
}

TEST_CASE("every try of one round has the same id and the same content, another round another id") {
  World world;
  for (int i = 0; i < 3; ++i) world.peer.answer(500);
  world.deliver(*webhook());
  world.time += 5s;
  world.deliver(*webhook());
  world.request.key = "deliver/prm_1/serving/2";
  world.deliver(*webhook());
  const auto& sent = world.peer.requests;
  CHECK(header(sent[0], "webhook-id") == header(sent[1], "webhook-id"));
  CHECK(sent[0].body == sent[1].body);
  CHECK(header(sent[0], "webhook-timestamp") != header(sent[1], "webhook-timestamp"));
  CHECK(header(sent[0], "webhook-id") != header(sent[2], "webhook-id"));
}

TEST_CASE("what the receiver's status means") {
  const auto outcome_of = [](int status, sdk::Headers headers = {}) {
    World world;
    world.peer.answer(status, "", std::move(headers));
    return world.deliver(*webhook());
  };
  for (const auto status : {500, 502, 503, 408, 425, 429})
    CHECK(std::holds_alternative<sdk::TryLater>(outcome_of(status)));
  for (const auto status : {400, 401, 404, 410, 301, 302, 307})
    CHECK(std::holds_alternative<sdk::Refused>(outcome_of(status)));
  CHECK(std::get<sdk::Refused>(outcome_of(302)).problem.message ==
        "the receiver answered 302: redirects are not followed");
  CHECK(std::get<sdk::TryLater>(outcome_of(503, {{"retry-after", "120"}})).after == core::Duration(2min));
}

TEST_CASE("a receiver that confirms by a callback is waited for") {
  World world;
  world.endpoint.options["receipt"] = "callback";
  world.peer.answer(202);
  CHECK(std::holds_alternative<sdk::Sent>(world.deliver(*webhook())));
}

TEST_CASE("a receiver that is away is tried later, one without a secret is refused unheard") {
  World world;
  CHECK(std::holds_alternative<sdk::TryLater>(world.deliver(*webhook())));
  world.endpoint.secret.clear();
  CHECK(std::holds_alternative<sdk::Refused>(world.deliver(*webhook())));
  CHECK(world.peer.requests.size() == 1);
}

TEST_CASE("Retry-After is seconds or an HTTP date, and never more than a day") {
  const core::Time now{1'795'219'200'000ms};  // Sat, 21 Nov 2026 00:00:00 GMT
  CHECK(parse_retry_after("30", now) == core::Duration(30s));
  CHECK(parse_retry_after("Sat, 21 Nov 2026 00:01:00 GMT", now) == core::Duration(1min));
  CHECK(parse_retry_after("Fri, 20 Nov 2026 00:01:00 GMT", now) == core::Duration(0));
  CHECK(parse_retry_after("99999999999999999999", now) == core::Duration(24h));
  CHECK_FALSE(parse_retry_after("soon", now));
  CHECK_FALSE(parse_retry_after("", now));
}

}  // namespace penstock::deliveries::test
