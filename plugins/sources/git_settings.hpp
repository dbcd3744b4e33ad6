// What a git source is configured to look at.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/declared.hpp"

namespace penstock::sources {

struct GitSettings {
  std::string url;
  std::vector<std::string> branches{"HEAD"};
  std::vector<std::string> tags;
  std::string candidates = "**/candidate.yaml";
  bool gto = false;
  core::declared::EndpointName credentials;
  bool allow_private = false;
  bool allow_local = false;
  std::int64_t max_fetch = std::int64_t{4} << 30;
  static const core::declared::Shape<GitSettings>& shape();
};

// Whether the url is one of the schemes that are allowed, without credentials in it.
core::Result<void> check_git_url(const GitSettings& settings, const std::string& source);

// `*` stands for any characters, slashes too; a leading "**/" for any folder, the root as well.
bool path_matches(const std::string& pattern, const std::string& path);

}  // namespace penstock::sources
