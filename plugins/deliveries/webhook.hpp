// The delivery kind `webhook`: tells a receiver to serve the candidate, signed by the Standard Webhooks scheme.
#pragma once

#include "plugins/sdk/kinds.hpp"
#include "plugins/sdk/signed_webhook.hpp"

namespace penstock::deliveries {

sdk::DeliveryKind webhook_kind();

using sdk::parse_retry_after;

}  // namespace penstock::deliveries
