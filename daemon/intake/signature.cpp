#include "daemon/intake/signature.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "daemon/runtime/digest.hpp"

namespace penstock::intake {
namespace {

constexpr std::size_t mac_bytes = 32;
// Rotation needs two; more than this is somebody making us work.
constexpr std::size_t most_signatures = 8;

struct HeaderNames {
  const char* id;
  const char* timestamp;
  const char* signature;
};
constexpr HeaderNames standard_names{"webhook-id", "webhook-timestamp", "webhook-signature"};
constexpr HeaderNames mlflow_names{"x-mlflow-delivery-id", "x-mlflow-timestamp", "x-mlflow-signature"};

core::Problem bad_signature(std::string message) {
  return {"bad-signature", std::move(message), "",
          "check that both sides hold the same secret and that nothing rewrites the body", false};
}

bool is_delivery_id(std::string_view id) {
  // A dot would let the boundary between id and timestamp move (Standard Webhooks, "Signature scheme").
  return !id.empty() && id.size() <= 200 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '.'; });
}

std::optional<core::Time> unix_seconds(std::string_view text) {
  std::int64_t seconds = 0;
  if (text.empty() || text.size() > 12) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return core::Time(std::chrono::seconds(seconds));
}

// The MACs of "v1,<base64> v1,<base64> …"; what is of another version or malformed is left out.
std::vector<std::string> macs_of(std::string_view header) {
  std::vector<std::string> macs;
  while (!header.empty() && macs.size() < most_signatures) {
    const auto end = std::min(header.find(' '), header.size());
    const auto one = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    if (!one.starts_with("v1,")) continue;
    auto mac = runtime::from_base64(one.substr(3));
    if (mac && mac->size() == mac_bytes) macs.push_back(std::move(*mac));
  }
  return macs;
}

// Every key against every MAC, without an early way out.
bool any_fits(std::span<const std::string> keys, std::span<const std::string> macs, std::string_view content) {
  bool fits = false;
  for (const auto& key : keys) {
    if (key.empty()) continue;
    const auto expected = runtime::hmac_sha256(key, content);
    for (const auto& mac : macs) fits |= runtime::equal_constant_time(expected, mac);
  }
  return fits;
}

core::Result<Signed> verify_timed(const HeaderNames& names, std::span<const std::string> keys, const Request& request,
                                  core::Time now, core::Duration tolerance) {
  const auto id = request.header(names.id);
  const auto timestamp = request.header(names.timestamp);
  const auto macs = macs_of(request.header(names.signature));
  if (!is_delivery_id(id))
    return bad_signature(std::string("the header ") + names.id + " is missing, too long, or holds a dot or a space");
  const auto sent_at = unix_seconds(timestamp);
  if (!sent_at)
    return bad_signature(std::string("the header ") + names.timestamp + " is missing or not seconds since 1970");
  if (macs.empty())
    return bad_signature(std::string("the header ") + names.signature + " holds no `v1,<base64>` signature");
  if (!any_fits(keys, macs, id + "." + timestamp + "." + request.body))
    return bad_signature("no signature fits the id, the time and the body");
  const auto off = now > *sent_at ? now - *sent_at : *sent_at - now;
  if (off > tolerance)
    return core::Problem{"stale-timestamp",
                         "it was signed at " + core::to_text(*sent_at) + ", " + core::to_text(off) +
                             " from now; needed within " + core::to_text(tolerance),
                         "", "compare the clocks of both machines, and sign again for every try", false};
  return Signed{id, true};
}

core::Result<Signed> verify_github(std::span<const std::string> keys, const Request& request) {
  // The prefix names the algorithm: Bitbucket sends SHA-256 under GitHub's old header, Gitea sends an empty value
  // when it has no secret. Neither may pass.
  const auto header = request.header("x-hub-signature-256");
  const std::string_view prefix = "sha256=";
  std::vector<std::string> macs;
  if (header.starts_with(prefix))
    if (auto mac = runtime::from_hex(std::string_view(header).substr(prefix.size())); mac && mac->size() == mac_bytes)
      macs.push_back(std::move(*mac));
  if (macs.empty()) return bad_signature("the header x-hub-signature-256 does not hold `sha256=` and 64 hex digits");
  if (!any_fits(keys, macs, request.body)) return bad_signature("the signature does not fit the body");
  auto id = request.header("x-github-delivery");
  if (!is_delivery_id(id)) id.clear();
  return Signed{std::move(id), false};
}

}  // namespace

core::Result<std::string> signing_key(Scheme scheme, const std::string& secret) {
  constexpr std::size_t fewest = 24;
  const std::string_view prefix = "whsec_";
  std::string key = secret;
  if (scheme == Scheme::standard_webhooks && secret.starts_with(prefix)) {
    auto decoded = runtime::from_base64(std::string_view(secret).substr(prefix.size()));
    if (!decoded)
      return core::Problem{"weak-secret", "what follows `whsec_` in the secret is not base64", "",
                           "make one with: echo whsec_$(openssl rand -base64 32)", false};
    key = std::move(*decoded);
  }
  if (key.size() < fewest)
    return core::Problem{
        "weak-secret",
        "the signing key has " + std::to_string(key.size()) + " bytes, needed " + std::to_string(fewest) + " or more",
        "", "make one with: openssl rand -hex 32", false};
  return key;
}

core::Result<Signed> verify(Scheme scheme, std::span<const std::string> keys, const Request& request, core::Time now,
                            core::Duration tolerance) {
  switch (scheme) {
    case Scheme::standard_webhooks:
      return verify_timed(standard_names, keys, request, now, tolerance);
    case Scheme::mlflow:
      return verify_timed(mlflow_names, keys, request, now, tolerance);
    case Scheme::github:
      return verify_github(keys, request);
  }
  return bad_signature("unknown signature scheme");
}

}  // namespace penstock::intake
