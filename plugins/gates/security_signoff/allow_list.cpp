#include "plugins/gates/security_signoff/allow_list.hpp"

namespace penstock::gates::security {
namespace {

std::string key_of(std::string_view module, std::string_view name) {
  std::string key(module);
  key += '\0';
  key += name;
  return key;
}

std::vector<std::span<const AllowedGroup>> profiles() { return {allowed_basics(), allowed_sklearn(), allowed_torch()}; }

template <class Each>
void for_names(std::string_view names, Each each) {
  while (!names.empty()) {
    const auto end = std::min(names.find(' '), names.size());
    each(std::string(names.substr(0, end)));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
}

}  // namespace

// Raised with every change of the tables; the digest in the report tells lists apart for sure.
std::string_view AllowList::version() { return "2026.11.1"; }

AllowList::AllowList() {
  for (const auto& profile : profiles())
    for (const auto& group : profile) add(group);
}

void AllowList::add(const AllowedGroup& group) {
  for_names(group.names, [&](std::string name) {
    add(Allowed{group.module, std::move(name), group.uses, group.arguments});
  });
}

void AllowList::add(Allowed entry) {
  const auto [found, is_new] = index_.emplace(key_of(entry.module, entry.name), static_cast<int>(entries_.size()));
  if (is_new) {
    entries_.push_back(std::move(entry));
  } else {
    entries_[static_cast<std::size_t>(found->second)].uses |= entry.uses;
  }
}

void AllowList::allow(const std::string& module, const std::string& name) {
  add(Allowed{module, name, use_call | use_make | use_build | use_type, Arguments::any});
}

int AllowList::find(std::string_view module, std::string_view name) const {
  const auto found = index_.find(key_of(module, name));
  return found == index_.end() ? -1 : found->second;
}

std::string AllowList::text() {
  std::string text;
  for (const auto& profile : profiles())
    for (const auto& group : profile)
      for_names(group.names, [&](const std::string& name) {
        text += std::string(group.module) + " " + name + " " + std::to_string(group.uses) + " " +
                std::to_string(static_cast<int>(group.arguments)) + "\n";
      });
  return text;
}

}  // namespace penstock::gates::security
