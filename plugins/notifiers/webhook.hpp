// The notifier kind `webhook`: tells an endpoint by a POST signed by the Standard Webhooks scheme.
#pragma once

#include "plugins/sdk/kinds.hpp"

namespace penstock::notifiers {

// The body: {"type": "notice.<kind>", "timestamp", "data": {key, kind, model, environment, promotion, to, text, href}},
// where `text` has at most 2000 bytes (and says so where it was cut), `promotion` is null and `href` is left out when
// it is about the lane.
sdk::NotifierKind webhook_kind();

}  // namespace penstock::notifiers
