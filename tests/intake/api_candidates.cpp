#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

ApiStory::Extra with_key(const std::string& key, const Caller& caller = ci) {
  return {{{"idempotency-key", key}}, caller};
}

}  // namespace

TEST_CASE("a submitted candidate is journalled and opens a promotion in every lane that covers it") {
  ApiStory story({story_policy("staging"), story_policy("production")});
  const auto response = story.post("/v1/candidates", ApiStory::candidate().dump());
  CHECK(response.status == 201);
  const auto document = json::parse(response.body);
  CHECK(document["created"] == true);
  REQUIRE(document["promotions"].size() == 2);
  CHECK(response.headers ==
        decltype(response.headers){{"Location", "/v1/candidates/" + document["id"].get<std::string>()}});
  const auto promotion = story.get_json(document["promotions"][0]["href"]);
  CHECK(promotion["submitter"] == "ci");
  CHECK(promotion["trigger"] == "api");
  const auto candidate = story.get_json(document["href"]);
  CHECK(candidate["candidate"]["version"] == "7");
  CHECK(candidate["promotions"].size() == 2);
}

TEST_CASE("the same content submitted again is the same candidate, and opens nothing") {
  ApiStory story;
  const auto first = json::parse(story.post("/v1/candidates", R"({"model": "fraud", "version": "7"})").body);
  const auto response = story.post("/v1/candidates", R"({"version":"7","model":"fraud"})", ana);
  CHECK(response.status == 200);
  const auto second = json::parse(response.body);
  CHECK(second["created"] == false);
  CHECK(second["promotions"] == first["promotions"]);
  CHECK(story.get_json("/v1/promotions")["promotions"].size() == 1);
}

TEST_CASE("`again` opens a new promotion once the earlier one has ended, and never doubles an open one") {
  ApiStory story;
  const auto id = story.submit();
  auto body = ApiStory::candidate();
  body["again"] = true;
  CHECK(json::parse(story.post("/v1/candidates", body.dump()).body)["promotions"][0]["id"] == id);
  story.post("/v1/promotions/" + id + "/withdraw", R"({"reason": "wrong data"})");
  const auto response = story.post("/v1/candidates", body.dump());
  CHECK(response.status == 200);
  CHECK(json::parse(response.body)["promotions"][0]["id"] != id);
}

TEST_CASE("an Idempotency-Key repeats the first answer to the same body") {
  ApiStory story;
  const auto body = ApiStory::candidate().dump();
  const auto first = story.call("POST", "/v1/candidates", body, with_key("k1"));
  const auto second = story.call("POST", "/v1/candidates", body, with_key("k1"));
  CHECK(first.status == 201);
  CHECK(second.status == 201);
  CHECK(second.body == first.body);
  CHECK(second.headers == first.headers);
}

TEST_CASE("an Idempotency-Key with another body is refused") {
  ApiStory story;
  story.call("POST", "/v1/candidates", ApiStory::candidate("7").dump(), with_key("k1"));
  const auto response = story.call("POST", "/v1/candidates", ApiStory::candidate("8").dump(), with_key("k1"));
  CHECK(response.status == 422);
  CHECK(code_of(response) == "idempotency-mismatch");
  CHECK(story.get_json("/v1/candidates")["candidates"].size() == 1);
}

TEST_CASE("one caller's Idempotency-Key means nothing to another") {
  ApiStory story;
  story.call("POST", "/v1/candidates", ApiStory::candidate("7").dump(), with_key("k1", ci));
  CHECK(story.call("POST", "/v1/candidates", ApiStory::candidate("8").dump(), with_key("k1", ana)).status == 201);
}

TEST_CASE("a refusal is not kept under its Idempotency-Key") {
  ApiStory story;
  CHECK(story.call("POST", "/v1/candidates", "{", with_key("k1")).status == 400);
  CHECK(story.call("POST", "/v1/candidates", ApiStory::candidate().dump(), with_key("k1")).status == 201);
}

TEST_CASE("two requests with one Idempotency-Key at the same time act once") {
  ApiStory story;
  const auto body = ApiStory::candidate().dump();
  std::vector<int> statuses;
  const auto note = [&](std::exception_ptr, Response response) { statuses.push_back(response.status); };
  asio::co_spawn(story.context, story.start("POST", "/v1/candidates", body, with_key("k1")), note);
  asio::co_spawn(story.context, story.start("POST", "/v1/candidates", body, with_key("k1")), note);
  story.until([&] { return statuses.size() == 2; });
  std::sort(statuses.begin(), statuses.end());
  CHECK(statuses == std::vector<int>{201, 409});
}

TEST_CASE("an Idempotency-Key that is no header value is refused") {
  ApiStory story;
  for (const auto& key : {std::string(201, 'k'), std::string("a\tb"), std::string("ü")})
    CHECK(story.call("POST", "/v1/candidates", ApiStory::candidate().dump(), with_key(key)).status == 400);
}

TEST_CASE("a body that is no candidate is refused with what is wrong") {
  ApiStory story;
  const auto detail = [&](const std::string& body) {
    return json::parse(story.post("/v1/candidates", body).body)["detail"].get<std::string>();
  };
  CHECK(detail(R"({"model": "fraud", "version": "1", "modell": "x"})").find("unknown key `modell`") !=
        std::string::npos);
  CHECK(detail(R"({"model": "fraud"})").find("missing key `version`") != std::string::npos);
  CHECK(detail(R"({"model": "fraud", "version": "1", "again": "yes"})") == "`again` must be true or false");
  CHECK(detail(R"({"model": "fraud", "model": "fraud-2", "version": "1"})").find("stands twice") != std::string::npos);
  CHECK(story.post("/v1/candidates", "").status == 400);
  CHECK(story.post("/v1/candidates", "[]").status == 400);
}

TEST_CASE("a candidate with credentials in an address is refused without repeating them, and is not kept") {
  ApiStory story;
  auto body = ApiStory::candidate();
  body["git"] = {{"repository", "https://ghp_1@github.com/a/b.git"}, {"commit", std::string(40, 'c')}};
  const auto response = story.post("/v1/candidates", body.dump());
  CHECK(response.status == 400);
  CHECK(response.body.find("git.repository") != std::string::npos);
  CHECK(response.body.find("ghp_1") == std::string::npos);
  CHECK(story.get_json("/v1/candidates")["candidates"].empty());
}

TEST_CASE("a model that no policy covers is 422") {
  ApiStory story;
  const auto response = story.post("/v1/candidates", R"({"model": "churn", "version": "1"})");
  CHECK(response.status == 422);
  CHECK(code_of(response) == "no-policy");
}

TEST_CASE("candidates are listed newest first, page by page") {
  ApiStory story;
  for (const auto* version : {"1", "2", "3"}) {
    story.submit(version);
    story.clock.advance(1s);
  }
  const auto response = story.get("/v1/candidates?limit=2&model=fraud");
  const auto page = json::parse(response.body);
  REQUIRE(page["candidates"].size() == 2);
  CHECK(page["candidates"][0]["version"] == "3");
  REQUIRE(response.headers.size() == 1);
  CHECK(response.headers[0].second ==
        "</v1/candidates?limit=2&model=fraud&cursor=" + page["next"].get<std::string>() + ">; rel=\"next\"");
  const auto last = story.get_json("/v1/candidates?limit=2&model=fraud&cursor=" + page["next"].get<std::string>());
  REQUIRE(last["candidates"].size() == 1);
  CHECK(last["candidates"][0]["version"] == "1");
  CHECK_FALSE(last.contains("next"));
  CHECK(story.get_json("/v1/candidates?version=2")["candidates"].size() == 1);
  for (const auto* after : {"candidates:", "candidates:x", "candidates:99"})
    CHECK(story.get("/v1/candidates?cursor=" + runtime::hex(after)).status == (*(after + 11) == '\0' ? 200 : 400));
}

TEST_CASE("a candidate that was never seen is 404, as is an id that is none") {
  ApiStory story;
  CHECK(code_of(story.get("/v1/candidates/" + runtime::sha256("x").text())) == "unknown-candidate");
  CHECK(story.get("/v1/candidates/7").status == 404);
}

}  // namespace penstock::intake
