// Envelopes: bytes, what they are, and one signature over both
// (https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md). Pure.
#pragma once

#include <string>
#include <string_view>

#include "daemon/audit/note.hpp"

namespace penstock::audit {

// The type of what in-toto statements are put in
// (https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md).
constexpr std::string_view in_toto_type = "application/vnd.in-toto+json";

// What is signed: "DSSEv1", the type and the payload, each behind its length in decimal. It begins with a word and a
// blank, and no log's name has a blank: so it can never be read as the text of a checkpoint, nor the other way round.
std::string pae(std::string_view type, std::string_view payload);

// The envelope as Penstock writes it: one line of JSON with ascending names, one signature, standard base64.
std::string seal(const Signer& signer, std::string_view type, std::string_view payload);
// The payload of an envelope that the verifier's key has sealed. Only the very bytes that seal() writes are taken: no
// other spelling of them, no further signature, no other `keyid`. Problem "bad-envelope".
core::Result<std::string> unseal(std::string_view envelope, std::string_view type, const Verifier& verifier);

// What names the key in an envelope: the first two parts of the public key's text, "<name>+<key id in hex>".
std::string key_id(const Verifier& verifier);

// The largest envelope that is read, in bytes.
constexpr std::size_t longest_envelope = std::size_t{8} << 20;

}  // namespace penstock::audit
