#include "plugins/sources/git_settings.hpp"

#include "daemon/core/address.hpp"

namespace penstock::sources {

const core::declared::Shape<GitSettings>& GitSettings::shape() {
  using S = GitSettings;
  static const auto shape =
      core::declared::Shape<S>("GitSource", "Candidate files and GTO tags of a git repository.")
          .required("url", &S::url, "https://, http:// or git:// address of the repository, without credentials.",
                    {.min_length = 8, .max_length = 2000})
          .optional("branches", &S::branches,
                    "Branches to look at, as globs; `HEAD` is the repository's default branch.", {.max_length = 100})
          .optional("tags", &S::tags, "Tags to look for candidate files at, as globs.", {.max_length = 100})
          .optional("candidates", &S::candidates,
                    "Which files of a commit describe candidates; `*` stands for any characters, slashes too.",
                    {.min_length = 1, .max_length = 500})
          .optional("gto", &S::gto, "Report the registrations that GTO writes as tags, `name@v1.2.3`.")
          .optional("credentials", &S::credentials, "Name of the endpoint that holds user and password (or token).",
                    {.endpoint_kinds = {"git", "http"}})
          .optional("allow_private", &S::allow_private,
                    "Allow loopback and private addresses, and credentials over unencrypted http:// to them.")
          .optional("allow_local", &S::allow_local, "Allow file:// addresses: a repository on this machine.")
          .optional("max_fetch", &S::max_fetch, "Bytes received in one poll or fetch at most.", {.minimum = 1'000'000});
  return shape;
}

core::Result<void> check_git_url(const GitSettings& settings, const std::string& source) {
  const auto invalid = [&](const std::string& message, const std::string& hint) {
    return core::Problem{"invalid-document", message, "source " + source, hint, false};
  };
  const auto& url = settings.url;
  for (const char c : url)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\')
      return invalid("`url` holds a space, a backslash or a control character", "percent-encode it");
  // Not shown: it may hold the password.
  if (core::without_credentials(url) != url)
    return invalid("`url` holds a user, a password or a token",
                   "put them into an endpoint and name it under `credentials`");
  if (url.starts_with("file:///")) {
    if (!settings.allow_local)
      return invalid("`url` is " + url + ", a repository on this machine",
                     "set `allow_local: true` when that is meant");
    if (!settings.credentials.empty())
      return invalid("`credentials` are given for a file:// address", "leave them out");
    return {};
  }
  const bool https = url.starts_with("https://");
  const bool http = url.starts_with("http://");
  if (!https && !http && !url.starts_with("git://"))
    return invalid("`url` is " + url + "; needed is https://, http:// or git://", "ssh is not supported: use https");
  if (!settings.credentials.empty() && !https && !(http && settings.allow_private))
    return invalid("`credentials` would cross the network unencrypted", "use https://");
  return {};
}

bool path_matches(const std::string& pattern, const std::string& path) {
  return core::glob_match(pattern, path) || (pattern.starts_with("**/") && core::glob_match(pattern.substr(3), path));
}

}  // namespace penstock::sources
