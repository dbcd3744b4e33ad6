// Which URLs outbound HTTP accepts.
#include "daemon/runtime/http_exchange.hpp"

namespace penstock::runtime {
namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

// Empty when the URL has no such part.
std::string part(const Url& url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, 0) != CURLUE_OK) return {};
  std::string result(text);
  curl_free(text);
  return result;
}

// The URL itself is not shown: what cannot be read may be a secret anywhere.
core::Problem bad_url(const std::string& reason) {
  return {"bad-url", "the URL cannot be used: " + reason, {}, "correct it where it is configured"};
}

}  // namespace

core::Result<std::string> origin_of(const std::string& text) {
  if (text.find('\0') != std::string::npos) return bad_url("it holds a null byte");
  const Url url(curl_url(), &curl_url_cleanup);
  if (!url) throw std::bad_alloc();
  if (const auto code = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
      code != CURLUE_OK)
    return bad_url(curl_url_strerror(code));
  const auto scheme = part(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https")
    return bad_url("its scheme is \"" + scheme + "\" and must be http or https");
  const auto host = part(url, CURLUPART_HOST);
  if (host.empty()) return bad_url("it names no host");
  for (const auto which : {CURLUPART_USER, CURLUPART_PASSWORD})
    if (!part(url, which).empty()) return bad_url("it holds credentials, which have a place of their own");
  const auto port = part(url, CURLUPART_PORT);
  return scheme + "://" + host + (port.empty() ? "" : ":" + port);
}

}  // namespace penstock::runtime
