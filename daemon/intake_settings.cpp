#include "daemon/intake_settings.hpp"

#include <algorithm>
#include <cctype>

namespace penstock {
namespace {

// Sources tell addresses in lower case, however they are written there: so a person is known by theirs in lower case
// as well.
intake::Caller caller(const CallerSettings& entry, bool person) {
  auto aliases = entry.also_known_as;
  aliases.push_back(entry.name);
  for (std::size_t i = 0, written = aliases.size(); i < written; ++i) {
    auto lower = aliases[i];
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (std::find(aliases.begin(), aliases.end(), lower) == aliases.end()) aliases.push_back(std::move(lower));
  }
  std::erase(aliases, entry.name);
  return {entry.name, person, entry.groups, std::move(aliases)};
}

intake::HookKind kind_of(HookSort sort) {
  switch (sort) {
    case HookSort::post_receive:
      return intake::HookKind::post_receive;
    case HookSort::github:
      return intake::HookKind::github;
    case HookSort::mlflow:
      return intake::HookKind::mlflow;
    case HookSort::approvals:
      return intake::HookKind::approvals;
    case HookSort::receipts:
      return intake::HookKind::receipts;
  }
  return intake::HookKind::approvals;
}

void add_tokens(std::vector<intake::Token>& tokens, const CallerSettings& entry, bool person) {
  for (const auto& token : entry.tokens)
    tokens.push_back({token.sha256, caller(entry, person), core::parse_time(token.expires)});
}

}  // namespace

std::vector<intake::HookSettings> hook_settings(const Settings& settings) {
  std::vector<intake::HookSettings> hooks;
  for (const auto& entry : settings.hooks) {
    intake::HookSettings hook;
    hook.name = entry.name;
    hook.kind = kind_of(entry.kind);
    hook.secrets = entry.secrets;
    hook.source = entry.source;
    hook.receiver = entry.receiver;
    for (const auto& person : settings.people)
      if (person.name == entry.approver) hook.approver = caller(person, true);
    hooks.push_back(std::move(hook));
  }
  return hooks;
}

std::vector<intake::Token> tokens(const Settings& settings) {
  std::vector<intake::Token> all;
  for (const auto& person : settings.people) add_tokens(all, person, true);
  for (const auto& service : settings.services) add_tokens(all, service, false);
  return all;
}

intake::Limits http_limits(const Settings& settings) {
  intake::Limits limits;
  limits.connections = static_cast<std::size_t>(settings.limits.connections);
  limits.connections_per_address = static_cast<std::size_t>(settings.limits.connections_per_address);
  return limits;
}

std::shared_ptr<const core::People> people_of(const Settings& settings) {
  auto people = std::make_shared<core::People>();
  for (const auto& person : settings.people) people->emplace(person.name, person.groups);
  return people;
}

}  // namespace penstock
