// What one leaf of the audit log says: canonical JSON (no white space, names ascending), short, without secrets.
//
// Texts that people wrote are in the entry as the digest of the event that holds them, never themselves. See
// daemon/audit/README.md for the members.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/words.hpp"

namespace penstock::audit {

// When, and by whose clocks. The wall clock may be put back; `up` never goes back for one daemon.
struct Stamp {
  core::Time at{};       // wall clock
  core::Duration up{};   // since this daemon started, by a clock that nobody sets
  std::string daemon{};  // tells the starts of daemons apart: 16 hex digits
};

// "decision": the core decided. "override": a person set a rule aside or took the wheel. "configuration": what is in
// force changed. "login": somebody was not let in.
enum class EntryKind { decision, override_, configuration, login };

// Builds one entry; members must be added in ascending order of their names.
class EntryBuilder {
 public:
  // Longer texts are replaced by their digest: names and versions come from elsewhere.
  static constexpr std::size_t longest_text = 256;
  static constexpr std::size_t most_digests = 32;

  // Left out when empty.
  void text(std::string_view name, std::string_view value);
  void digest(std::string_view name, const core::Digest& value);
  void number(std::string_view name, std::int64_t value);
  // Left out when empty; the first `most_digests`, and "<name>_count" when there are more.
  void digests(std::string_view name, const std::vector<core::Digest>& values);
  std::string take() &&;

 private:
  void begin(std::string_view name);
  std::string json_ = "{";
};

// What an entry about a promotion, a lane or the daemon says. Empty members are left out.
struct Entry {
  EntryKind kind{};
  std::string what{};  // "check_reported", "reloaded", …
  core::LaneKey lane{};
  core::PromotionId promotion{};
  std::string version{};
  core::Digest candidate{};
  core::Digest policy{};
  core::Digest findings{};  // of core::findings_text: what approvals are given for
  core::Digest event{};     // SHA-256 of the journalled event's document
  std::string phase{};      // after it
  std::string gate{};
  std::string verdict{};
  std::string who{};
  std::vector<core::Digest> evidence{};
  core::Digest definitions{};  // of all policies in force
  core::Digest settings{};     // of the settings' file
  std::string from{};          // an address
  std::string reason{};        // a code, never a person's words
  std::int64_t count = 0;
};
std::string text_of(const Entry& entry, const Stamp& stamp);

}  // namespace penstock::audit

template <>
struct penstock::core::EnumNames<penstock::audit::EntryKind> {
  static constexpr std::array<std::pair<penstock::audit::EntryKind, const char*>, 4> names{
      {{penstock::audit::EntryKind::decision, "decision"},
       {penstock::audit::EntryKind::override_, "override"},
       {penstock::audit::EntryKind::configuration, "configuration"},
       {penstock::audit::EntryKind::login, "login"}}};
};
