#include "plugins/gates/candidate_paths.hpp"

#include <algorithm>
#include <vector>

#include "daemon/core/declared_value.hpp"

namespace penstock::gates {
namespace {

const std::vector<std::string>& single_paths() {
  static const std::vector<std::string> paths{"model",        "version",       "source",         "artifact.digest",
                                              "artifact.uri", "data_contract", "git.repository", "git.commit"};
  return paths;
}

// Each is followed by a name that the candidate chooses, which may hold dots itself.
const std::vector<std::string>& mappings() {
  static const std::vector<std::string> paths{"registry", "data_sets", "metrics", "labels"};
  return paths;
}

bool is_one_of(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// What was most likely meant; "" when nothing is near.
std::string meant(const std::string& path) {
  const auto dot = path.find('.');
  if (const auto single = core::declared::nearest(path, single_paths()); !single.empty()) return single;
  const auto mapping = core::declared::nearest(path.substr(0, dot), mappings());
  if (mapping.empty()) return {};
  return mapping + (dot == std::string::npos || dot + 1 == path.size() ? ".<name>" : path.substr(dot));
}

}  // namespace

core::Result<void> check_candidate_path(const std::string& path, const std::string& what) {
  const auto dot = path.find('.');
  const bool is_named = dot != std::string::npos && dot + 1 < path.size() && is_one_of(mappings(), path.substr(0, dot));
  if (is_named || is_one_of(single_paths(), path)) return {};
  const auto nearest = is_one_of(mappings(), path) ? path + ".<name>" : meant(path);
  std::string known;
  for (const auto& single : single_paths()) known += single + ", ";
  for (const auto& mapping : mappings()) known += mapping + ".<name>" + (mapping == mappings().back() ? "" : ", ");
  return core::Problem{"unknown-field",
                       "no candidate has the " + what + " " + core::declared::quote(path) +
                           (nearest.empty() ? "" : ", did you mean `" + nearest + "`?"),
                       "", "write one of " + known};
}

}  // namespace penstock::gates
