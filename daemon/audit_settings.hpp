// What penstock.yaml says of the audit log: its key, its files, and who keeps it elsewhere.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/declared.hpp"

namespace penstock {

struct BasicAuth {
  static constexpr bool is_secret = true;  // "user:password" is easily written in its place
  std::string user;
  core::declared::SecretRef password;
  static const core::declared::Shape<BasicAuth>& shape();
};

struct WitnessEntry {
  std::string name;
  std::string key;  // audit::Verifier::parse_witness
  std::string url;
  bool allow_private = false;
  static const core::declared::Shape<WitnessEntry>& shape();
};

enum class SinkSort { file, git };

struct SinkEntry {
  std::string name;
  SinkSort kind{};
  std::string folder;      // of a file sink
  std::string repository;  // of a git sink: a path or an address
  std::string branch = "audit";
  std::optional<BasicAuth> basic_auth;
  bool allow_private = false;
  std::string password;  // resolved
  static const core::declared::Shape<SinkEntry>& shape();
};

// The audit log's files; without it, entries are journalled and not published.
struct AuditEntries {
  core::declared::SecretRef key;  // what `penstock audit keygen` made
  std::string folder;             // empty: "audit" in the data folder
  std::vector<WitnessEntry> witnesses;
  std::vector<SinkEntry> sinks;
  std::string key_text;  // resolved
  static const core::declared::Shape<AuditEntries>& shape();
};

// The sinks and witnesses that policies may name.
std::vector<std::string> acknowledgers_of(const std::optional<AuditEntries>& audit);

}  // namespace penstock

template <>
struct penstock::core::EnumNames<penstock::SinkSort> {
  static constexpr std::array<std::pair<SinkSort, const char*>, 2> names{
      {{SinkSort::file, "file"}, {SinkSort::git, "git"}}};
};
