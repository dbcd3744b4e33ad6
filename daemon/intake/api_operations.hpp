// For operators and their machines: is it alive, is it getting on, what does it count. And documents of evidence.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

asio::awaitable<Response> get_livez(const ApiParts& parts, Request request);
// 503 when due work is not taken up, or the journal fails or does not answer in time. Open to anybody, so it names
// sources and codes of problems, never messages.
asio::awaitable<Response> get_readyz(const ApiParts& parts, Request request);
asio::awaitable<Response> get_metrics(const ApiParts& parts, Request request);
asio::awaitable<Response> get_version(const ApiParts& parts, Request request);

// 201 with {"id", "folder", "events", "files", "bytes"} when it is whole; 409 while another one is made. For services
// too: a nightly job need not hold the token of a person who can approve.
asio::awaitable<Response> post_backup(const ApiParts& parts, Request request);

// The bytes of one document, as a download: a browser never shows it as a page of ours.
asio::awaitable<Response> get_evidence(const ApiParts& parts, Request request);

}  // namespace penstock::intake
