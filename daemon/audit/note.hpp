// Signed notes, and checkpoints as their text (https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/audit/merkle.hpp"
#include "daemon/core/result.hpp"
#include "daemon/runtime/ed25519.hpp"

namespace penstock::audit {

// What a key signs: the byte that stands for it in the key's text and id.
enum class KeyKind : char {
  log = 1,      // notes
  witness = 4,  // that it has seen a checkpoint, and when (cosignature.hpp)
};

// A name and an Ed25519 public key. Written as "<name>+<key id in hex>+<base64(kind || key)>".
struct Verifier {
  std::string name;  // the log's origin, or the witness: not empty, no white space, no plus
  std::string key;   // 32 bytes
  KeyKind kind = KeyKind::log;
  // SHA-256(name || 0x0A || kind || key), the first 4 bytes.
  std::string id() const;
  std::string text() const;
  // The key of a log. Problem "bad-key".
  static core::Result<Verifier> parse(std::string_view text);
  // The key of a witness, which some write as that of a log (kind 1). Problem "bad-key".
  static core::Result<Verifier> parse_witness(std::string_view text);
};

// What signs. Written as "PRIVATE+KEY+<name>+<key id in hex>+<base64(0x01 || private key)>": a secret.
class Signer {
 public:
  // Problem "bad-key", for a name that cannot be one.
  static core::Result<Signer> generate(std::string name);
  // Problem "bad-key", which never repeats the text.
  static core::Result<Signer> parse(std::string_view text);
  const Verifier& verifier() const { return verifier_; }
  std::string text() const;
  // The whole note. `text` ends with a newline.
  std::string sign(const std::string& text) const;
  // The 64 bytes of an Ed25519 signature over just these bytes. What is signed elsewhere can never be taken for a note:
  // see dsse.hpp.
  std::string signature_of(std::string_view bytes) const;

 private:
  Signer(Verifier verifier, std::string key) : verifier_(std::move(verifier)), key_(std::move(key)), signing_(key_) {}
  Verifier verifier_;
  std::string key_;
  runtime::Ed25519Signer signing_;
};

// One line below a note's text.
struct Signature {
  std::string name;
  std::string id;     // 4 bytes
  std::string bytes;  // what follows the id
  std::string line;   // with its newline
};
struct SignedText {
  std::string text;  // ends with a newline
  std::vector<Signature> signatures;
};
// Takes a note apart and verifies nothing. At most 16 signatures; Problem "bad-note".
core::Result<SignedText> read_note(const std::string& note);
// Lines of signatures alone: at most 16. Problem "bad-note".
core::Result<std::vector<Signature>> read_signatures(std::string_view lines);

// The text of a note that `verifier` has signed. Other signatures are passed over; at most 16 are. Problem "bad-note".
core::Result<std::string> open_note(const std::string& note, const Verifier& verifier);

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
  bool operator==(const Checkpoint&) const = default;
};
std::string text_of(const Checkpoint& checkpoint);
// Reads a signed checkpoint of the verifier's log. Lines behind the root are passed over. Problem "bad-note".
core::Result<Checkpoint> open_checkpoint(const std::string& note, const Verifier& verifier);

}  // namespace penstock::audit
