// Keys, signed notes and checkpoints.
#include "daemon/audit/note.hpp"

#include "daemon/runtime/ed25519.hpp"
#include "tests/catch.hpp"

using namespace penstock;
using namespace penstock::audit;

namespace {

std::string bytes(const char* hex) { return runtime::from_hex(hex).value(); }

const Checkpoint example{"example.com/log", 42, leaf_hash("root")};

}  // namespace

TEST_CASE("Ed25519 signs as RFC 8032 does in its first and third test") {
  const auto key = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  CHECK(runtime::hex(runtime::ed25519_public_key(key)) ==
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  CHECK(
      runtime::hex(runtime::Ed25519Signer(key).sign("")) ==
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
      "655141438e7a100b");
  const auto other = bytes("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
  const auto message = bytes("af82");
  CHECK(
      runtime::hex(runtime::Ed25519Signer(other).sign(message)) ==
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
      "c027beceea1ec40a");
  const auto signature = runtime::Ed25519Signer(key).sign(message);
  CHECK(runtime::ed25519_verify(runtime::ed25519_public_key(key), message, signature));
  CHECK_FALSE(runtime::ed25519_verify(runtime::ed25519_public_key(other), message, signature));
  CHECK_FALSE(runtime::ed25519_verify(runtime::ed25519_public_key(key), message + "x", signature));
  CHECK_FALSE(runtime::ed25519_verify("short", message, signature));
  CHECK_FALSE(runtime::ed25519_verify(runtime::ed25519_public_key(key), message, signature + "x"));
  CHECK(runtime::Ed25519Signer("short").sign(message).empty());
}

TEST_CASE("a note that others have signed in Go's form is opened by its public key") {
  // The note and the key of the package golang.org/x/mod/sumdb/note: its documentation has both.
  const auto verifier = Verifier::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").value();
  const std::string text =
      "If you think cryptography is the answer to your problem,\n"
      "then you don't know what your problem is.\n";
  const auto note = text +
                    "\n\u2014 PeterNeumann "
                    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
  CHECK(open_note(note, verifier).value() == text);
  CHECK(verifier.text() == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
}

TEST_CASE("keys are read back as they were written, and a key is never taken for the other one") {
  const auto signer = Signer::generate("example.com/log").value();
  CHECK(Signer::parse(signer.text() + "\n").value().text() == signer.text());
  const auto verifier = Verifier::parse(signer.verifier().text() + "\r\n").value();
  CHECK(verifier.key == signer.verifier().key);
  CHECK(Signer::generate("example.com/log").value().text() != signer.text());
  CHECK(Verifier::parse(signer.text()).error().message.find("private") != std::string::npos);
  CHECK(Signer::parse(verifier.text()).error().code == "bad-key");
  for (const std::string name : {"", "a b", "a+b", "a\nb", "\u00fc"}) CHECK(Signer::generate(name).has_error());
  for (const std::string bad : {"", "x", "PRIVATE+KEY+", "PRIVATE+KEY+a+00000000+AA==", "a+b+c", "a+00000000+AQ=="}) {
    CHECK(Signer::parse(bad).has_error());
    CHECK(Verifier::parse(bad).has_error());
  }
  // A renamed key is no key, and no message shows a private one.
  auto renamed = signer.text();
  renamed.replace(renamed.find("example"), 7, "instead");
  const auto problem = Signer::parse(renamed).error();
  CHECK(core::to_text(problem).find(signer.text().substr(40)) == std::string::npos);
}

TEST_CASE("a checkpoint is opened by the key that signed it, and by no other one") {
  const auto signer = Signer::generate("example.com/log").value();
  const auto note = signer.sign(text_of(example));
  CHECK(open_checkpoint(note, signer.verifier()).value() == example);
  CHECK(note.starts_with("example.com/log\n42\n"));
  const auto same_name = Signer::generate("example.com/log").value();
  CHECK_THAT(open_checkpoint(note, same_name.verifier()).error().message, Catch::Contains("not signed by"));
  CHECK(open_checkpoint(note, Signer::generate("other").value().verifier()).has_error());

  // Signatures of others do no harm, up to 16; a broken one of this key does.
  const auto signature = note.substr(note.find("\u2014"));
  const auto cosigned = note + same_name.sign(text_of(example)).substr(text_of(example).size() + 1);
  CHECK(open_checkpoint(cosigned, signer.verifier()).value() == example);
  auto crowded = note;
  for (int i = 0; i < 15; ++i) crowded += "\u2014 someone" + std::to_string(i) + " AAAAAAA=\n";
  CHECK(open_checkpoint(crowded, signer.verifier()).value() == example);
  CHECK(open_checkpoint(crowded + "\u2014 one-more AAAAAAA=\n", signer.verifier()).has_error());
  auto broken = signer.sign(text_of({example.origin, 43, example.root}));
  broken.erase(0, broken.find("\u2014"));
  CHECK_THAT(open_checkpoint(note + broken, signer.verifier()).error().message, Catch::Contains("changed after"));
}

TEST_CASE("no bit of a signed checkpoint can be changed") {
  const auto signer = Signer::generate("example.com/log").value();
  const auto note = signer.sign(text_of(example));
  for (std::size_t i = 0; i < note.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = note;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      if (open_checkpoint(changed, signer.verifier()).has_value()) FAIL("byte " << i << " bit " << bit);
    }
  for (std::size_t size = 0; size < note.size(); ++size)
    CHECK(open_checkpoint(note.substr(0, size), signer.verifier()).has_error());
}

TEST_CASE("a signed text that is no checkpoint is none") {
  const auto signer = Signer::generate("example.com/log").value();
  const auto root = text_of(example).substr(text_of(example).find("42\n") + 3);
  const std::vector<std::string> texts{
      "example.com/log\n42\n",        "example.com/log\n042\n" + root,
      "example.com/log\n-1\n" + root, "example.com/log\n42\nAAAA\n",
      "other\n42\n" + root,           "example.com/log\n99999999999999999999\n" + root};
  for (const auto& text : texts) CHECK(open_checkpoint(signer.sign(text), signer.verifier()).has_error());
  // Extension lines are for others.
  CHECK(open_checkpoint(signer.sign(text_of(example) + "more\n"), signer.verifier()).has_value());
}
