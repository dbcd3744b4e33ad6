// penstock.yaml: what an operator tells the daemon. Read once at start; every problem in it at once.
//
// Secrets alone are read from the process environment: the file names them, by {env: NAME} or {file: PATH}.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/audit_settings.hpp"
#include "daemon/core/declared.hpp"
#include "daemon/core/place.hpp"
#include "daemon/journal_settings.hpp"
#include "plugins/sdk/tools.hpp"

namespace penstock {

struct TokenSettings {
  static constexpr bool is_secret = true;  // the token itself is easily written in its place
  std::string sha256;                      // of the token, 64 hex digits
  std::string expires;                     // RFC 3339; empty: never
  static const core::declared::Shape<TokenSettings>& shape();
};

// A person or a service.
struct CallerSettings {
  std::string name;
  std::vector<std::string> groups;
  std::vector<std::string> also_known_as;  // as commits and registries name them
  std::vector<TokenSettings> tokens;
  static const core::declared::Shape<CallerSettings>& shape();
};

enum class HookSort { post_receive, github, mlflow, approvals, receipts };

struct HookEntry {
  std::string name;
  HookSort kind{};
  core::declared::SecretRef secret;
  core::declared::SecretRef former_secret;  // still accepted while it is being replaced
  std::string source;
  std::string approver;
  std::string receiver;
  std::vector<std::string> secrets;  // resolved; any of them may have signed
  static const core::declared::Shape<HookEntry>& shape();
};

enum class EndpointSort { webhook, mlflow, git, http };
enum class ReceiptSort { response, callback };

struct EndpointEntry {
  std::string name;
  EndpointSort kind{};
  std::string url;
  core::declared::SecretRef secret;
  std::optional<BasicAuth> basic_auth;
  core::declared::SecretRef token;
  bool allow_private = false;
  std::string workspace;
  ReceiptSort receipt = ReceiptSort::response;
  static const core::declared::Shape<EndpointEntry>& shape();
};

struct SourceEntry {
  std::string name;
  std::string kind;
  core::Duration every = std::chrono::seconds(60);
  nlohmann::json with = nlohmann::json::object();
  core::declared::Mark kind_mark;      // where the kind stands
  core::declared::Value written_with;  // `with` and its places, for the check by the source's kind
  static const core::declared::Shape<SourceEntry>& shape();
};

struct LimitEntries {
  int connections = 1024;
  int connections_per_address = 128;
  std::int64_t artifact_mb = 16 * 1024;
  std::int64_t journal_mb = 0;
  int gates_at_once = 32;
  static const core::declared::Shape<LimitEntries>& shape();
};

struct Settings {
  std::string listen = "127.0.0.1:8087";
  std::string data;
  std::optional<JournalEntry> journal;  // nothing: a file below `data`
  std::string definitions;
  std::string workers;  // empty: beside penstockd
  std::vector<CallerSettings> people;
  std::vector<CallerSettings> services;
  std::vector<HookEntry> hooks;
  std::vector<EndpointEntry> endpoints;
  std::vector<SourceEntry> sources;
  std::vector<std::string> notices;  // the webhook endpoints that are told what happens, each once
  std::map<std::string, std::string> data_roots;
  core::Semaphores semaphores;
  LimitEntries limits;
  std::optional<AuditEntries> audit;
  // Of the file's bytes; empty where there was no file.
  core::Digest digest;

  std::string file;  // where it was read, with its whole path; empty when it came from elsewhere

  // With resolved secrets, for lending.
  std::vector<sdk::Endpoint> resolved_endpoints;
  // Every secret value, so that the log never shows one.
  std::vector<std::string> secret_values;

  std::string listen_address() const;
  std::uint16_t listen_port() const;
  static const core::declared::Shape<Settings>& shape();
};

// Reads the file. `faults` gets every problem; the result is only to be used when there is none.
Settings read_settings(const std::string& file, core::declared::Faults& faults);
// The same from a document that was read already; relative paths are taken from `folder`.
Settings read_settings(const core::declared::Value& document, const std::string& folder,
                       core::declared::Faults& faults);

// Only what may change while the daemon runs, from a file that read_settings() took before; `digest` is that of the
// file's bytes now.
core::Semaphores read_semaphores(const std::string& file, core::declared::Faults& faults, core::Digest& digest);

}  // namespace penstock

template <>
struct penstock::core::EnumNames<penstock::HookSort> {
  static constexpr std::array<std::pair<HookSort, const char*>, 5> names{{{HookSort::post_receive, "post-receive"},
                                                                          {HookSort::github, "github"},
                                                                          {HookSort::mlflow, "mlflow"},
                                                                          {HookSort::approvals, "approvals"},
                                                                          {HookSort::receipts, "receipts"}}};
};
template <>
struct penstock::core::EnumNames<penstock::EndpointSort> {
  static constexpr std::array<std::pair<EndpointSort, const char*>, 4> names{{{EndpointSort::webhook, "webhook"},
                                                                              {EndpointSort::mlflow, "mlflow"},
                                                                              {EndpointSort::git, "git"},
                                                                              {EndpointSort::http, "http"}}};
};
template <>
struct penstock::core::EnumNames<penstock::ReceiptSort> {
  static constexpr std::array<std::pair<ReceiptSort, const char*>, 2> names{
      {{ReceiptSort::response, "response"}, {ReceiptSort::callback, "callback"}}};
};
