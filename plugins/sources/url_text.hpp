// URLs as text that is kept and shown.
#pragma once

#include <string>

namespace penstock::sources {

// The URL without "user:password@", which people leave in remotes and must not be kept.
inline std::string without_credentials(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const auto from = scheme + 3;
  const auto end = url.find_first_of("/?#", from);
  const auto at = url.substr(0, end).rfind('@');
  if (at == std::string::npos || at < from) return url;
  return url.substr(0, from) + url.substr(at + 1);
}

}  // namespace penstock::sources
