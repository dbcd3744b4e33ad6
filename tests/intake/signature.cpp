#include "daemon/intake/signature.hpp"

#include "daemon/runtime/digest.hpp"
#include "tests/catch.hpp"

namespace penstock::intake {
namespace {

using namespace std::chrono_literals;

// The vectors of real senders: MLflow 3.x, GitLab's signing token, GitHub and Gitea.
const std::string message_id = "11111111-2222-4333-8444-555555555555";
const std::string sent = "1795219200";
const std::string signed_body =
    R"({"entity": "model_version", "action": "created", "timestamp": "2026-11-21T00:00:00+00:00", "data": {"name": "fraud", "version": "1"}})";
const std::string mlflow_signature = "v1,sww/JC/eIp5JFx+/84DruXFvAnu1B3+wxJnawLh0S0U=";
const std::string standard_signature = "v1,168r0FhZ3j7PmYePS/TR57w0aja8ZFyMLVQuQz7kEAE=";
const std::string github_digest = "1d9f8be373b476074f89b54be5633fd1f69f0789ed3ca5fd2673ec956a8fd09e";
const std::vector<std::string> mlflow_keys{"s3cr3t"};
const core::Time sent_at = core::Time(1795219200s);
constexpr core::Duration tolerance = 5min;

std::vector<std::string> standard_keys() {
  return {signing_key(Scheme::standard_webhooks, "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").value()};
}

Request timed(const std::string& prefix, const std::string& signature) {
  Request request;
  request.body = signed_body;
  const bool is_mlflow = prefix == "x-mlflow-";
  request.headers = {{prefix + (is_mlflow ? "delivery-id" : "id"), message_id},
                     {prefix + "timestamp", sent},
                     {prefix + "signature", signature}};
  return request;
}
Request standard(const std::string& signature = standard_signature) { return timed("webhook-", signature); }
Request mlflow(const std::string& signature = mlflow_signature) { return timed("x-mlflow-", signature); }
Request github(const std::string& signature = "sha256=" + github_digest) {
  Request request;
  request.body = signed_body;
  request.headers = {{"x-github-delivery", "d-1"}, {"x-hub-signature-256", signature}};
  return request;
}

std::string refusal_code(const core::Result<Signed>& result) { return result ? "" : result.error().code; }
std::string standard_code(const Request& request, core::Time now = sent_at) {
  const auto keys = standard_keys();
  return refusal_code(verify(Scheme::standard_webhooks, keys, request, now, tolerance));
}
std::string github_code(const Request& request) {
  return refusal_code(verify(Scheme::github, mlflow_keys, request, sent_at, tolerance));
}

}  // namespace

TEST_CASE("the published vectors of MLflow, GitLab and GitHub verify") {
  REQUIRE(signed_body.size() == 133);
  const auto keys = standard_keys();
  const auto by_standard = verify(Scheme::standard_webhooks, keys, standard(), sent_at, tolerance);
  REQUIRE(by_standard);
  CHECK(by_standard->id == message_id);
  CHECK(by_standard->id_is_signed);
  const auto by_mlflow = verify(Scheme::mlflow, mlflow_keys, mlflow(), sent_at, tolerance);
  REQUIRE(by_mlflow);
  CHECK(by_mlflow->id == message_id);
  const auto by_github = verify(Scheme::github, mlflow_keys, github(), sent_at, tolerance);
  REQUIRE(by_github);
  CHECK(by_github->id == "d-1");
  CHECK_FALSE(by_github->id_is_signed);
}

TEST_CASE("a changed body, id, time or key is a bad signature") {
  auto other_body = standard();
  other_body.body.back() = ' ';
  CHECK(standard_code(other_body) == "bad-signature");
  auto other_id = standard();
  other_id.headers[0].second.back() = '6';
  CHECK(standard_code(other_id) == "bad-signature");
  auto other_time = standard();
  other_time.headers[1].second = "1795219201";
  CHECK(standard_code(other_time) == "bad-signature");
  const std::vector<std::string> other_keys{std::string(32, 'x')};
  CHECK(refusal_code(verify(Scheme::standard_webhooks, other_keys, standard(), sent_at, tolerance)) == "bad-signature");
  CHECK(refusal_code(verify(Scheme::mlflow, other_keys, mlflow(), sent_at, tolerance)) == "bad-signature");
  CHECK(refusal_code(verify(Scheme::github, other_keys, github(), sent_at, tolerance)) == "bad-signature");
}

TEST_CASE("the boundary between id and time cannot be moved by a dot") {
  auto request = standard();
  request.headers[0].second = message_id + ".1795219200";
  CHECK(standard_code(request) == "bad-signature");
  const std::vector<std::string> keys{std::string(32, 'k')};
  // Signed correctly over "a.b" as id, and still refused.
  request.headers[0].second = "a.b";
  request.headers[2].second = "v1," + runtime::base64(runtime::hmac_sha256(keys[0], "a.b." + sent + "." + signed_body));
  CHECK(refusal_code(verify(Scheme::standard_webhooks, keys, request, sent_at, tolerance)) == "bad-signature");
}

TEST_CASE("any of several signatures and any of several keys may fit") {
  const std::string wrong = "v1," + runtime::base64(std::string(32, 'x'));
  CHECK(standard_code(standard(wrong + " " + standard_signature)).empty());
  CHECK(standard_code(standard("v1a,AAAA v2,BBBB " + standard_signature)).empty());
  CHECK(standard_code(standard(wrong)) == "bad-signature");
  auto keys = standard_keys();
  keys.insert(keys.begin(), std::string(32, 'n'));
  CHECK(verify(Scheme::standard_webhooks, keys, standard(), sent_at, tolerance));
}

TEST_CASE("a flood of signatures is cut short") {
  std::string flood;
  for (int i = 0; i < 100; ++i) flood += "v1," + runtime::base64(std::string(32, 'x')) + " ";
  CHECK(standard_code(standard(flood + standard_signature)) == "bad-signature");
}

TEST_CASE("a time stamp further than five minutes off is stale, either way") {
  CHECK(standard_code(standard(), sent_at + 5min).empty());
  CHECK(standard_code(standard(), sent_at - 5min).empty());
  CHECK(standard_code(standard(), sent_at + 5min + 1s) == "stale-timestamp");
  CHECK(standard_code(standard(), sent_at - 5min - 1s) == "stale-timestamp");
}

TEST_CASE("that a time stamp is stale is told to those who can sign only") {
  auto request = standard("v1," + runtime::base64(std::string(32, 'x')));
  CHECK(standard_code(request, sent_at + 1h) == "bad-signature");
}

TEST_CASE("headers that are missing or malformed are a bad signature") {
  for (std::size_t i = 0; i < 3; ++i) {
    auto request = standard();
    request.headers.erase(request.headers.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(standard_code(request) == "bad-signature");
  }
  for (const auto* time : {"", "-1795219200", "1795219200.0", " 1795219200", "0x6b00", "99999999999999999999"}) {
    auto request = standard();
    request.headers[1].second = time;
    CHECK(standard_code(request) == "bad-signature");
  }
  for (const auto* signature : {"", "v1,", "v1", "168r0FhZ3j7PmYePS/TR57w0aja8ZFyMLVQuQz7kEAE=", "v1,AAAA", "v1,****"})
    CHECK(standard_code(standard(signature)) == "bad-signature");
}

TEST_CASE("an empty or short GitHub signature is never good") {
  // Gitea sends `sha256=` when it has no secret.
  CHECK(github_code(github("sha256=")) == "bad-signature");
  CHECK(github_code(github("")) == "bad-signature");
  CHECK(github_code(github(github_digest)) == "bad-signature");
  CHECK(github_code(github("sha1=" + github_digest)) == "bad-signature");
  CHECK(github_code(github("sha256=" + github_digest.substr(0, 62))) == "bad-signature");
  CHECK(github_code(github("sha256=" + github_digest + "00")) == "bad-signature");
  auto without = github();
  without.headers.clear();
  CHECK(github_code(without) == "bad-signature");
}

TEST_CASE("no key at all, or an empty one, fits nothing") {
  CHECK(refusal_code(verify(Scheme::github, {}, github(), sent_at, tolerance)) == "bad-signature");
  const std::vector<std::string> empty_key{""};
  auto request = github("sha256=" + runtime::hex(runtime::hmac_sha256("", signed_body)));
  CHECK(refusal_code(verify(Scheme::github, empty_key, request, sent_at, tolerance)) == "bad-signature");
}

TEST_CASE("a secret is decoded as its scheme wants it") {
  const auto decoded = signing_key(Scheme::standard_webhooks, "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
  REQUIRE(decoded);
  CHECK(*decoded == std::string(32, '\7'));
  const std::string plain = "a secret that is written as it is";
  CHECK(signing_key(Scheme::standard_webhooks, plain).value() == plain);
  // MLflow takes the bytes, whatever they look like.
  const std::string looks_encoded = "whsec_BwcHBwcHBwcHBwcHBwcHBw==";
  CHECK(signing_key(Scheme::mlflow, looks_encoded).value() == looks_encoded);
}

TEST_CASE("a secret that is too short or no base64 is refused with what to do, and never shown") {
  for (const auto* secret : {"whsec_!!!notbase64", "whsec_c2hvcnQ=", "s3cr3t", ""}) {
    const auto key = signing_key(Scheme::standard_webhooks, secret);
    REQUIRE_FALSE(key);
    CHECK(key.error().code == "weak-secret");
    CHECK(key.error().hint.find("openssl rand") != std::string::npos);
    if (*secret != '\0') CHECK(core::to_text(key.error()).find(secret) == std::string::npos);
  }
}

}  // namespace penstock::intake
