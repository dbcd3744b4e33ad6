#include "daemon/definitions/difference.hpp"

#include <set>

#include "daemon/core/json_writing.hpp"

namespace penstock::definitions {
namespace {

using nlohmann::json;

constexpr std::size_t longest_value = 200;

std::string in_words(const json& value) {
  auto text = value.is_string() ? value.get<std::string>() : core::json_text(value);
  if (value.is_string() && text.empty()) text = "\"\"";
  if (text.size() <= longest_value) return text;
  auto cut = longest_value;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;  // between two characters
  return text.substr(0, cut) + "…";
}

// What tells the elements of a list apart: their names, the groups of approvals, the ids of clauses. Nothing when that
// is not so in this list: elements are then compared by their place.
std::vector<std::string> keys_of_elements(const json& list) {
  for (const auto* key : {"name", "group", "id"}) {
    std::vector<std::string> keys;
    std::set<std::string> unique;
    for (const auto& element : list) {
      if (!element.is_object() || !element.contains(key) || !element[key].is_string()) break;
      keys.push_back(element[key].get<std::string>());
      unique.insert(keys.back());
    }
    if (keys.size() == list.size() && unique.size() == list.size()) return keys;
  }
  return {};
}

class Comparison {
 public:
  explicit Comparison(std::vector<Change>& changes) : changes_(changes) {}

  void compare(const json& before, const json& after, const std::string& path) {
    if (before == after) return;
    if (before.is_object() && after.is_object()) return objects(before, after, path);
    if (before.is_array() && after.is_array()) return lists(before, after, path);
    changes_.push_back({path, in_words(before), in_words(after)});
  }

 private:
  void objects(const json& before, const json& after, const std::string& path) {
    const auto inside = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
    for (const auto& [key, value] : before.items()) {
      const auto found = after.find(key);
      if (found == after.end())
        changes_.push_back({inside(key), in_words(value), ""});
      else
        compare(value, *found, inside(key));
    }
    for (const auto& [key, value] : after.items())
      if (!before.contains(key)) changes_.push_back({inside(key), "", in_words(value)});
  }

  void lists(const json& before, const json& after, const std::string& path) {
    const auto old_keys = keys_of_elements(before);
    const auto new_keys = keys_of_elements(after);
    if (old_keys.size() != before.size() || new_keys.size() != after.size()) return by_place(before, after, path);
    std::map<std::string, const json*> old_elements;
    for (std::size_t i = 0; i < before.size(); ++i) old_elements[old_keys[i]] = &before[i];
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < after.size(); ++i) {
      const auto place = path + "[" + new_keys[i] + "]";
      const auto found = old_elements.find(new_keys[i]);
      if (found == old_elements.end()) {
        changes_.push_back({place, "", in_words(after[i])});
        continue;
      }
      kept.push_back(new_keys[i]);
      compare(*found->second, after[i], place);
    }
    const std::set<std::string> now(new_keys.begin(), new_keys.end());
    std::vector<std::string> former;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (now.contains(old_keys[i]))
        former.push_back(old_keys[i]);
      else
        changes_.push_back({path + "[" + old_keys[i] + "]", in_words(before[i]), ""});
    }
    // Their order is part of the policy: stages and deliveries come one after another.
    if (former != kept) changes_.push_back({path + " (order)", joined(former), joined(kept)});
  }

  void by_place(const json& before, const json& after, const std::string& path) {
    const bool plain = (before.empty() || !before[0].is_structured()) && (after.empty() || !after[0].is_structured());
    if (plain) return changes_.push_back({path, in_words(before), in_words(after)});
    for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
      const auto place = path + "[" + std::to_string(i + 1) + "]";
      if (i >= after.size())
        changes_.push_back({place, in_words(before[i]), ""});
      else if (i >= before.size())
        changes_.push_back({place, "", in_words(after[i])});
      else
        compare(before[i], after[i], place);
    }
  }

  static std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

  std::vector<Change>& changes_;
};

json clauses_json(const std::vector<Clause>& clauses) {
  auto list = json::array();
  for (const auto& clause : clauses) {
    auto evidence = json::array();
    for (const auto& one : clause.evidence) {
      json shown{{"shows", one.shows}};
      if (one.fact)
        shown["fact"] = core::name_of(*one.fact);
      else
        shown["gates"] = one.gates;
      if (!one.named.empty()) shown["named"] = one.named;
      evidence.push_back(std::move(shown));
    }
    list.push_back({{"id", clause.id}, {"title", clause.title}, {"evidence", std::move(evidence)}});
  }
  return list;
}

}  // namespace

DocumentsByName documents_of(const std::vector<std::shared_ptr<const core::Policy>>& policies) {
  DocumentsByName documents;
  for (const auto& policy : policies) documents[policy->name] = core::to_json(*policy);
  return documents;
}

DocumentsByName documents_of(const std::vector<GateDefinition>& gates) {
  DocumentsByName documents;
  for (const auto& gate : gates) {
    auto& document = documents[gate.name] = core::to_json(gate.gate);
    if (!gate.description.empty()) document["description"] = gate.description;
  }
  return documents;
}

DocumentsByName documents_of(const std::vector<Framework>& frameworks) {
  DocumentsByName documents;
  for (const auto& framework : frameworks)
    documents[framework.name + " " + framework.version] = {{"title", framework.title},
                                                           {"owner", framework.owner},
                                                           {"source", framework.source},
                                                           {"read", framework.read},
                                                           {"effective", framework.effective},
                                                           {"note", framework.note},
                                                           {"clauses", clauses_json(framework.clauses)}};
  return documents;
}

Difference difference(const DocumentsByName& before, const DocumentsByName& after) {
  Difference found;
  for (const auto& [name, document] : after) {
    const auto former = before.find(name);
    if (former == before.end()) {
      found.added.push_back(name);
    } else if (former->second != document) {
      Changed changed{name, {}};
      Comparison(changed.fields).compare(former->second, document, "");
      found.changed.push_back(std::move(changed));
    }
  }
  for (const auto& [name, document] : before)
    if (!after.contains(name)) found.removed.push_back(name);
  return found;
}

std::string to_text(const Change& change) {
  if (change.before.empty()) return change.field + ": " + change.after + ", was not said";
  if (change.after.empty()) return change.field + ": no longer said, was " + change.before;
  return change.field + ": " + change.before + " -> " + change.after;
}

std::vector<std::string> names_of(const std::vector<Changed>& changed) {
  std::vector<std::string> names;
  for (const auto& one : changed) names.push_back(one.name);
  return names;
}

}  // namespace penstock::definitions
