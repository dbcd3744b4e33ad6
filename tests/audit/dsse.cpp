// Envelopes: what is signed, and that nothing but the very bytes that were sealed is taken.
#include "daemon/audit/dsse.hpp"

#include <nlohmann/json.hpp>

#include "tests/audit/log.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;
using nlohmann::json;

namespace {

const std::string payload = R"({"_type":"https://in-toto.io/Statement/v1"})";

std::string refusal(const std::string& envelope, const Verifier& verifier = signer().verifier()) {
  const auto opened = unseal(envelope, in_toto_type, verifier);
  return opened ? "" : opened.error().message;
}

// The envelope with one member changed, written as Penstock writes it.
std::string with(const std::function<void(json&)>& change) {
  auto document = json::parse(seal(signer(), in_toto_type, payload));
  change(document);
  return document.dump() + "\n";
}

}  // namespace

TEST_CASE("what is signed is the specification's pre-authentication encoding") {
  CHECK(pae("http://example.com/HelloWorld", "hello world") ==
        "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  CHECK(pae("", "") == "DSSEv1 0  0 ");
  CHECK(pae("t", std::string("\0\n", 2)) == "DSSEv1 1 t 2 " + std::string("\0\n", 2));
}

TEST_CASE("an envelope gives back what was sealed, names its key, and is the same every time") {
  const auto envelope = seal(signer(), in_toto_type, payload);
  CHECK(unseal(envelope, in_toto_type, signer().verifier()).value() == payload);
  CHECK(envelope == seal(signer(), in_toto_type, payload));
  const auto document = json::parse(envelope);
  CHECK(document.size() == 3);
  CHECK(document.at("payloadType") == "application/vnd.in-toto+json");
  REQUIRE(document.at("signatures").size() == 1);
  CHECK(signer().verifier().text().starts_with(document.at("signatures")[0].at("keyid").get<std::string>() + "+"));
}

TEST_CASE("every flipped bit of an envelope is found") {
  const auto envelope = seal(signer(), in_toto_type, payload);
  for (std::size_t i = 0; i < envelope.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = envelope;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      INFO("byte " << i << ", bit " << bit);
      CHECK_FALSE(unseal(changed, in_toto_type, signer().verifier()).has_value());
    }
}

TEST_CASE("an envelope that says the same in other bytes is refused") {
  const auto envelope = seal(signer(), in_toto_type, payload);
  CHECK(refusal(json::parse(envelope).dump(2)).find("beside what is signed") != std::string::npos);
  CHECK(refusal(envelope + "\n").find("beside what is signed") != std::string::npos);
  CHECK(refusal(with([](json& one) { one["more"] = 1; })).find("beside what is signed") != std::string::npos);
}

TEST_CASE("what is no envelope of this key and type is refused, and why") {
  CHECK(refusal("").find("is no envelope") != std::string::npos);
  CHECK(refusal("[]").find("payloadType") != std::string::npos);
  CHECK(refusal(R"({"payload":"","payload":""})").find("stands twice") != std::string::npos);
  CHECK(refusal(with([](json& one) { one["payloadType"] = "text/plain"; })).find("`text/plain`") != std::string::npos);
  CHECK(refusal(with([](json& one) { one["signatures"] = json::array(); })).find("one signature") != std::string::npos);
  CHECK(refusal(with([](json& one) { one["signatures"].push_back(one["signatures"][0]); })).find("one signature") !=
        std::string::npos);
  CHECK(refusal(with([](json& one) { one["signatures"][0] = 7; })).find("signed by ``") != std::string::npos);
  CHECK(refusal(with([](json& one) { one["payload"] = "*"; })).find("base64") != std::string::npos);
  CHECK(refusal(with([](json& one) { one["payload"] = runtime::base64("other"); })).find("does not fit") !=
        std::string::npos);
  const auto other = Signer::generate("example.com/audit").value();
  CHECK(refusal(seal(other, in_toto_type, payload)).find("needed example.com/audit+") != std::string::npos);
  // The same key, for something else: the type is signed too.
  CHECK(refusal(with([](json& one) {
          one["signatures"] = json::parse(seal(signer(), "text/plain", payload)).at("signatures");
        })).find("does not fit") != std::string::npos);
}

TEST_CASE("a checkpoint's signature is no envelope's, and an envelope's is no checkpoint's") {
  const auto note = signer().sign(text_of(Checkpoint{"example.com/audit", 0, empty_root()}));
  const auto line = note.substr(note.rfind(' ') + 1);
  const auto bytes = runtime::from_base64(line.substr(0, line.size() - 1)).value();
  CHECK_FALSE(
      refusal(with([&](json& one) { one["signatures"][0]["sig"] = runtime::base64(bytes.substr(4)); })).empty());
  const auto text = pae(in_toto_type, payload) + "\n";
  CHECK_FALSE(open_checkpoint(signer().sign(text), signer().verifier()).has_value());
}
