// The delivery kind `webhook`: tells a receiver to serve the candidate, signed by the Standard Webhooks scheme.
#pragma once

#include "plugins/sdk/kinds.hpp"

namespace penstock::deliveries {

sdk::DeliveryKind webhook_kind();

// Seconds or an HTTP date (RFC 9110 §10.2.3); nothing for anything else. At most a day is waited.
std::optional<core::Duration> parse_retry_after(const std::string& value, core::Time now);

}  // namespace penstock::deliveries
