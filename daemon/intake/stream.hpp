// GET /v1/stream: what is journalled, as server-sent events (WHATWG HTML, "Server-sent events"), id = seq.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

// From after `Last-Event-ID` (the journal first, then the feed), or from now on. `?model=` leaves out other models. A
// comment every `heartbeat` shows that the connection lives, and carries the id on, so that a client of a quiet model
// does not read everything again after a reconnect.
asio::awaitable<Response> get_stream(const ApiParts& parts, Request request);

// "id: 7\nevent: approval_given\ndata: {…}\n\n"
std::string stream_text(const journal::EventRow& row);

}  // namespace penstock::intake
