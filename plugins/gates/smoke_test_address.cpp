#include "plugins/gates/smoke_test_address.hpp"

#include <algorithm>

#include "daemon/core/declared_value.hpp"
#include "plugins/gates/variables.hpp"

namespace penstock::gates {
namespace {

using core::Problem;
using core::Result;

// Stands for a variable; refused in what people write, so that it cannot be mistaken.
constexpr char variable = '\x01';

Problem invalid(std::string message, std::string hint) {
  return {"invalid-document", std::move(message), "smoke-test", std::move(hint)};
}

bool has_unprintable(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c <= 0x20 || c == 0x7f; });
}

bool has_dot_segment(const std::string& path) {
  const auto end = std::min(path.find('?'), path.size());
  for (std::size_t start = 0; start <= end;) {
    const auto slash = std::min(path.find('/', start), end);
    const auto segment = path.substr(start, slash - start);
    if (segment == "." || segment == "..") return true;
    start = slash + 1;
  }
  return false;
}

// "host:port" and "/path" of what follows "://".
struct Parts {
  std::string authority;
  std::string path;
};
Parts parts_of(const std::string& url) {
  const auto start = url.find("://") + 3;
  const auto slash = std::min(url.find('/', start), url.size());
  return {url.substr(start, slash - start), url.substr(slash)};
}

// The candidate would choose whom to ask, and so its own examiner.
bool variable_ends_host(const std::string& authority) {
  const auto last = authority.rfind(variable);
  if (last == std::string::npos) return false;
  const auto rest = authority.substr(last + 1);
  return rest.size() < 2 || rest[0] != '.' || rest[1] == ':';
}

Problem unsafe(const std::string& template_text) {
  return {"unsafe-variable",
          "with the candidate's values, " + core::declared::quote(template_text) +
              " leads to another place than the one that is written there",
          "smoke-test", "reject the candidate, or take the variable out of the gate"};
}

}  // namespace

Result<void> check_target(const std::string& target) {
  if (auto known = check_variables(target); !known) return known.error();
  if (has_unprintable(target)) return invalid("`target` holds spaces or control characters", "percent-encode them");
  const auto url = outline(target, variable);
  if (!url.starts_with("https://") && !url.starts_with("http://"))
    return invalid("`target` must begin with https:// or http://", "write the whole address");
  if (url.find_first_of("?#") != std::string::npos)
    return invalid("`target` holds a query or a fragment", "give the query in the request's `path`");
  const auto parts = parts_of(url);
  if (parts.authority.empty()) return invalid("`target` names no host", "write the whole address");
  // Not shown: a password may stand there.
  if (parts.authority.find('@') != std::string::npos)
    return invalid("`target` holds credentials", "use an endpoint of penstock.yaml, which names its secrets");
  if (variable_ends_host(parts.authority))
    return invalid("the host of `target` ends with a variable, so that the candidate would choose whom to ask",
                   "end it with text, as in ${candidate.model}.staging.example.com");
  if (has_dot_segment(parts.path)) return invalid("`target` holds the segment . or ..", "write where it leads to");
  return {};
}

Result<void> check_path(const std::string& path) {
  if (auto known = check_variables(path); !known) return known.error();
  if (has_unprintable(path)) return invalid("`path` holds spaces or control characters", "percent-encode them");
  const auto written = outline(path, variable);
  if (!written.empty() && written.front() != '/') return invalid("`path` must begin with a slash", "add it");
  if (written.find('#') != std::string::npos)
    return invalid("`path` holds a fragment, which is never sent", "leave it out");
  if (has_dot_segment(written)) return invalid("`path` holds the segment . or ..", "write where it leads to");
  return {};
}

Result<std::string> fill_target(const std::string& target, const sdk::GateRequest& request) {
  auto filled = fill_in(target, request, Escape::url);
  if (!filled) return filled.error();
  const auto parts = parts_of(*filled);
  // What had to be encoded is no part of a host's name, and is decoded again by some clients.
  if (parts.authority.find('%') != std::string::npos || has_dot_segment(parts.path)) return unsafe(target);
  return filled;
}

Result<std::string> fill_path(const std::string& path, const sdk::GateRequest& request) {
  auto filled = fill_in(path, request, Escape::url);
  if (!filled) return filled.error();
  if (has_dot_segment(*filled)) return unsafe(path);
  return filled;
}

std::string join_url(std::string base, const std::string& path) {
  if (path.empty()) return base;
  while (base.ends_with('/')) base.pop_back();
  return base + path;
}

}  // namespace penstock::gates
