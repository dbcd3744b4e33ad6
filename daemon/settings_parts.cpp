// The checks of people, sources, endpoints and hooks.
#include <algorithm>

#include "daemon/settings_checks.hpp"

namespace penstock {
namespace {

void check_caller(const std::string& path, const CallerSettings& caller, SettingsFaults& faults) {
  for (std::size_t i = 0; i < caller.groups.size(); ++i)
    faults.name(path + ".groups[" + std::to_string(i) + "]", caller.groups[i]);
  for (std::size_t i = 0; i < caller.tokens.size(); ++i) {
    const auto& token = caller.tokens[i];
    const auto at = path + ".tokens[" + std::to_string(i) + "]";
    // Not repeated: it may be the token itself.
    if (faults.sound(at + ".sha256") && !core::Digest::parse("sha256:" + token.sha256))
      faults.add(at + ".sha256",
                 "needs the 64 lower-case hex digits of the token's SHA-256, not the token: "
                 "`printf %s \"$TOKEN\" | sha256sum`");
    if (!token.expires.empty() && !core::parse_time(token.expires))
      faults.add(at + ".expires", "is not a time such as 2027-01-31T00:00:00Z");
  }
}

void check_url(const EndpointEntry& entry, const std::string& path, SettingsFaults& faults) {
  const auto begin = entry.url.find("://");
  const auto scheme = entry.url.substr(0, begin == std::string::npos ? 0 : begin);
  if (scheme != "http" && scheme != "https" && !(entry.kind == EndpointSort::git && scheme == "git"))
    return faults.add(path, entry.kind == EndpointSort::git ? "the address must begin with https://, http:// or git://"
                                                            : "the address must begin with https:// or http://");
  const auto authority = entry.url.substr(begin + 3, entry.url.find_first_of("/?#", begin + 3) - begin - 3);
  // Not repeated: it holds a password.
  if (authority.find('@') != std::string::npos)
    faults.add(path, "the address holds credentials; write them as `basic_auth` or `token`");
  else if (authority.empty() || authority.front() == ':')
    faults.add(path, core::declared::quote(entry.url) + " names no host");
}

void check_endpoint(const EndpointEntry& entry, const std::string& path, SettingsFaults& faults) {
  if (faults.sound(path + ".url")) check_url(entry, path + ".url", faults);
  const auto only_for = [&](const char* key, EndpointSort kind) {
    faults.senseless(path + "." + key, entry.kind != kind && faults.is_written(path + "." + key),
                     "only an endpoint of the kind " + std::string(core::name_of(kind)) + " has it");
  };
  only_for("secret", EndpointSort::webhook);
  only_for("receipt", EndpointSort::webhook);
  only_for("workspace", EndpointSort::mlflow);
  faults.senseless(path + ".token", entry.basic_auth && !entry.token.empty(),
                   "`basic_auth` is there already, and a request has one Authorization");
  if (entry.basic_auth && entry.basic_auth->user.find(':') != std::string::npos)
    faults.add(path + ".basic_auth.user", "a colon ends the user's name on its way (RFC 7617)");
}

sdk::Endpoint resolve(const EndpointEntry& entry, const std::string& path, SecretReader& secrets,
                      SettingsFaults& faults) {
  sdk::Endpoint resolved;
  resolved.name = entry.name;
  resolved.kind = std::string(core::name_of(entry.kind));
  resolved.url = entry.url;
  while (resolved.url.ends_with('/')) resolved.url.pop_back();
  resolved.allow_private = entry.allow_private;
  if (entry.kind == EndpointSort::webhook) {
    resolved.secret = faults.signing_secret(entry.secret, path + ".secret", true, secrets);
    resolved.options["receipt"] = std::string(core::name_of(entry.receipt));
  }
  if (entry.basic_auth)
    resolved.basic_auth = entry.basic_auth->user + ":" +
                          faults.secret(entry.basic_auth->password, path + ".basic_auth.password", secrets);
  resolved.bearer_token = faults.secret(entry.token, path + ".token", secrets);
  if (!entry.workspace.empty()) resolved.options["workspace"] = entry.workspace;
  return resolved;
}

std::vector<std::string> webhooks_of(const Settings& settings) {
  std::vector<std::string> webhooks;
  for (const auto& endpoint : settings.endpoints)
    if (endpoint.kind == EndpointSort::webhook) webhooks.push_back(endpoint.name);
  return webhooks;
}

// Which key says what the hook is for, and what it may name.
struct Purpose {
  const char* key;
  const std::string HookEntry::*member;
  const char* what;
  std::vector<std::string> known;
};

Purpose purpose_of(HookSort kind, const Settings& settings) {
  switch (kind) {
    case HookSort::post_receive:
    case HookSort::github:
    case HookSort::mlflow:
      return {"source", &HookEntry::source, "source", names_of(settings.sources)};
    case HookSort::approvals:
      return {"approver", &HookEntry::approver, "person", names_of(settings.people)};
    case HookSort::receipts:
      break;
  }
  return {"receiver", &HookEntry::receiver, "webhook endpoint", webhooks_of(settings)};
}

// A receiver that reports by a callback has a hook to call; without one each delivery would wait out its deadline.
void check_callbacks(const Settings& settings, SettingsFaults& faults) {
  for (std::size_t i = 0; i < settings.endpoints.size(); ++i) {
    const auto& endpoint = settings.endpoints[i];
    if (endpoint.kind != EndpointSort::webhook || endpoint.receipt != ReceiptSort::callback) continue;
    const bool has_hook = std::any_of(settings.hooks.begin(), settings.hooks.end(), [&endpoint](const HookEntry& hook) {
      return hook.kind == HookSort::receipts && hook.receiver == endpoint.name;
    });
    if (!has_hook)
      faults.add(
          "endpoints[" + std::to_string(i) + "].receipt",
          "its callbacks have nowhere to go: add a hook of the kind receipts with `receiver: " + endpoint.name + "`");
  }
}

}  // namespace

void check_callers(const Settings& settings, SettingsFaults& faults) {
  std::set<std::string> seen;
  check_unique("people", settings.people, seen, faults);
  check_unique("services", settings.services, seen, faults);
  for (std::size_t i = 0; i < settings.people.size(); ++i)
    check_caller("people[" + std::to_string(i) + "]", settings.people[i], faults);
  for (std::size_t i = 0; i < settings.services.size(); ++i)
    check_caller("services[" + std::to_string(i) + "]", settings.services[i], faults);
}

void check_sources(Settings& settings, SettingsFaults& faults) {
  std::set<std::string> seen;
  check_unique("sources", settings.sources, seen, faults);
  for (std::size_t i = 0; i < settings.sources.size(); ++i) {
    const auto path = "sources[" + std::to_string(i) + "]";
    faults.name(path + ".name", settings.sources[i].name);
    settings.sources[i].kind_mark = faults.mark(path + ".kind");
    settings.sources[i].written_with = {core::declared::Mapping{}, faults.mark(path)};
    if (const auto* with = faults.find(path + ".with")) settings.sources[i].written_with = *with;
  }
}

void resolve_endpoints(Settings& settings, SecretReader& secrets, SettingsFaults& faults) {
  std::set<std::string> seen;
  check_unique("endpoints", settings.endpoints, seen, faults);
  for (std::size_t i = 0; i < settings.endpoints.size(); ++i) {
    const auto path = "endpoints[" + std::to_string(i) + "]";
    faults.name(path + ".name", settings.endpoints[i].name);
    if (!faults.sound(path + ".kind")) continue;
    check_endpoint(settings.endpoints[i], path, faults);
    if (faults.sound(path))
      settings.resolved_endpoints.push_back(resolve(settings.endpoints[i], path, secrets, faults));
  }
}

void check_notices(const Settings& settings, SettingsFaults& faults) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < settings.notices.size(); ++i) {
    const auto path = "notices[" + std::to_string(i) + "]";
    if (!faults.sound(path)) continue;
    faults.refers(path, settings.notices[i], webhooks_of(settings), "webhook endpoint");
    if (!seen.insert(settings.notices[i]).second) faults.add(path, "is there already; remove it");
  }
}

void check_semaphores(const Settings& settings, SettingsFaults& faults) {
  for (const auto& [name, limit] : settings.semaphores) faults.name("semaphores." + name, name);
}

void resolve_hooks(Settings& settings, SecretReader& secrets, SettingsFaults& faults) {
  std::set<std::string> seen;
  check_unique("hooks", settings.hooks, seen, faults);
  for (std::size_t i = 0; i < settings.hooks.size(); ++i) {
    auto& hook = settings.hooks[i];
    const auto path = "hooks[" + std::to_string(i) + "]";
    faults.name(path + ".name", hook.name);
    if (!faults.sound(path + ".kind") || !faults.sound(path)) continue;
    const bool encoded = hook.kind != HookSort::github && hook.kind != HookSort::mlflow;
    hook.secrets.push_back(faults.signing_secret(hook.secret, path + ".secret", encoded, secrets));
    if (!hook.former_secret.empty())
      hook.secrets.push_back(faults.signing_secret(hook.former_secret, path + ".former_secret", encoded, secrets));
    const auto purpose = purpose_of(hook.kind, settings);
    faults.refers(path + "." + purpose.key, hook.*purpose.member, purpose.known, purpose.what);
    for (const std::string key : {"source", "approver", "receiver"})
      faults.senseless(path + "." + key, key != purpose.key && faults.is_written(path + "." + key),
                       "a hook of the kind " + std::string(core::name_of(hook.kind)) + " has none");
  }
  check_callbacks(settings, faults);
}

}  // namespace penstock
