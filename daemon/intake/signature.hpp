// Who sent a hook: signatures over the raw body bytes, compared in constant time, before anything is parsed.
//
// standard_webhooks  Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,<base64> …` over
//                    "<id>.<timestamp>.<body>". GitLab's signing token and Penstock's own git hook send the same.
// mlflow             MLflow 3.x: the same content under `X-MLflow-Delivery-Id`, `-Timestamp`, `-Signature`; the
// secret's
//                    UTF-8 bytes are the key, whatever they look like.
// github             `X-Hub-Signature-256: sha256=<hex>` over the body alone: neither time nor delivery id is covered.
#pragma once

#include <span>
#include <string>

#include "daemon/intake/http.hpp"

namespace penstock::intake {

enum class Scheme { standard_webhooks, mlflow, github };

// The bytes that sign: for Standard Webhooks what follows `whsec_` decoded from base64, else the secret as it is
// written. Problem "weak-secret" when that is not base64, or is shorter than 24 bytes (128 bits of a base64 or hex text
// at worst).
core::Result<std::string> signing_key(Scheme scheme, const std::string& secret);

// What a good signature tells.
struct Signed {
  // The sender's id of this delivery. Under `github` anybody who saw the body can change it; it may be empty there.
  std::string id;
  bool id_is_signed = true;
};

// Any of `keys` may have signed (rotation); all are tried, whichever fits. Problems: "bad-signature", "stale-timestamp"
// (further than `tolerance` from `now`, either way; only told once the signature is good). Both are 401.
core::Result<Signed> verify(Scheme scheme, std::span<const std::string> keys, const Request& request, core::Time now,
                            core::Duration tolerance);

}  // namespace penstock::intake
