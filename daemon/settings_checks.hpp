// What is checked of the settings beyond their shape, a function for each part. Internal to read_settings().
#pragma once

#include <set>
#include <string>
#include <vector>

#include "daemon/secrets.hpp"
#include "daemon/settings.hpp"
#include "daemon/settings_places.hpp"

namespace penstock {

class SettingsFaults {
 public:
  // `all` holds what the shapes found.
  SettingsFaults(const core::declared::Value& document, core::declared::Faults& all) : places_(document), all_(all) {}

  void add(const std::string& path, std::string message) {
    all_.push_back({places_.mark(path), path, std::move(message)});
  }
  // Whether nothing was found so far at `path` or inside it: what is broken is not checked further.
  bool sound(const std::string& path) const;
  // Names that appear in addresses and definitions.
  void name(const std::string& path, const std::string& name);
  // `name` is one of `known`; `what` is "source", "person", …
  void refers(const std::string& path, const std::string& name, const std::vector<std::string>& known,
              const std::string& what);
  // The key was written although it means nothing there.
  void senseless(const std::string& path, bool is_written, const std::string& why);
  // Reads a secret; "" when it is not named, or cannot be had.
  std::string secret(const core::declared::SecretRef& reference, const std::string& path, SecretReader& secrets);
  // As secret(), of one that signs: it must be there and long enough. `encoded`: Standard Webhooks, where what follows
  // `whsec_` is base64.
  std::string signing_secret(const core::declared::SecretRef& reference, const std::string& path, bool encoded,
                             SecretReader& secrets);
  core::declared::Mark mark(const std::string& path) const { return places_.mark(path); }
  const core::declared::Value* find(const std::string& path) const { return places_.find(path); }
  bool is_written(const std::string& path) const { return find(path) != nullptr; }

 private:
  Places places_;
  core::declared::Faults& all_;
};

template <class Entry>
std::vector<std::string> names_of(const std::vector<Entry>& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.name);
  return names;
}

// Each name once. `seen` may hold names of another list already.
template <class Entry>
void check_unique(const std::string& key, const std::vector<Entry>& entries, std::set<std::string>& seen,
                  SettingsFaults& faults) {
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (!entries[i].name.empty() && !seen.insert(entries[i].name).second)
      faults.add(key + "[" + std::to_string(i) + "].name",
                 "the name " + core::declared::quote(entries[i].name) + " is taken already");
}

void check_callers(const Settings& settings, SettingsFaults& faults);
void check_sources(Settings& settings, SettingsFaults& faults);
void resolve_endpoints(Settings& settings, SecretReader& secrets, SettingsFaults& faults);
// Relative paths are taken from `folder`.
void resolve_audit(Settings& settings, const std::string& folder, SecretReader& secrets, SettingsFaults& faults);
void resolve_journal(Settings& settings, SecretReader& secrets, SettingsFaults& faults);
void check_notices(const Settings& settings, SettingsFaults& faults);
void check_semaphores(const Settings& settings, SettingsFaults& faults);
void resolve_hooks(Settings& settings, SecretReader& secrets, SettingsFaults& faults);

}  // namespace penstock
