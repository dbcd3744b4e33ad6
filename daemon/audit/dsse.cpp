#include "daemon/audit/dsse.hpp"

#include "daemon/audit/record.hpp"
#include "daemon/core/json_text.hpp"
#include "daemon/core/json_writing.hpp"
#include "daemon/runtime/ed25519.hpp"

namespace penstock::audit {
namespace {

using nlohmann::json;

core::Problem bad(const std::string& what) { return {"bad-envelope", what, "", "", false}; }

std::string written(std::string_view type, std::string_view payload, const Verifier& by, std::string_view signature) {
  const json signatures = json::array({json{{"keyid", key_id(by)}, {"sig", runtime::base64(signature)}}});
  return core::json_text({{"payload", runtime::base64(payload)}, {"payloadType", type}, {"signatures", signatures}}) +
         "\n";
}

}  // namespace

std::string pae(std::string_view type, std::string_view payload) {
  std::string text = "DSSEv1 " + std::to_string(type.size()) + " ";
  text += type;
  text += " " + std::to_string(payload.size()) + " ";
  text += payload;
  return text;
}

std::string key_id(const Verifier& verifier) { return verifier.name + "+" + runtime::hex(verifier.id()); }

std::string seal(const Signer& signer, std::string_view type, std::string_view payload) {
  return written(type, payload, signer.verifier(), signer.signature_of(pae(type, payload)));
}

core::Result<std::string> unseal(std::string_view envelope, std::string_view type, const Verifier& verifier) {
  if (envelope.size() > longest_envelope) return bad("it has more than " + std::to_string(longest_envelope) + " bytes");
  const auto document = core::read_json(envelope, {4, 100});
  if (!document) return bad("it is no envelope: " + document.error().message);
  const auto found = text_in(*document, "payloadType");
  if (found != type)
    return bad("its payloadType is `" + found.substr(0, 100) + "`, needed `" + std::string(type) + "`");
  const auto signatures = document->find("signatures");
  if (signatures == document->end() || !signatures->is_array() || signatures->size() != 1)
    return bad("it has not exactly one signature");
  const auto key = text_in(signatures->front(), "keyid");
  if (key != key_id(verifier)) return bad("it is signed by `" + key.substr(0, 200) + "`, needed " + key_id(verifier));
  const auto payload = runtime::from_base64(text_in(*document, "payload"));
  const auto signature = runtime::from_base64(text_in(signatures->front(), "sig"));
  if (!payload || !signature) return bad("its payload or signature is no base64");
  if (!runtime::ed25519_verify(verifier.key, pae(type, *payload), *signature))
    return bad("the signature of " + key + " does not fit: it was changed after it was signed");
  if (written(type, *payload, verifier, *signature) != envelope)
    return bad("it is not written as Penstock writes it: it was changed beside what is signed");
  return *payload;
}

}  // namespace penstock::audit
