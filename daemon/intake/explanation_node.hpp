// A node of an explanation's tree: one condition, or several that make one.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/words.hpp"

namespace penstock::intake {

// Where a node's `met` comes from. Of its children only those that count are looked at.
enum class MetBy {
  itself,  // what it observed; children only tell more
  all,     // every child is met; with no child it is met
  any,     // one child is met; with no child it is not
};

struct Node {
  std::string name;   // the last part of its id, unique among its siblings once it is printed
  std::string kind;   // "stage", "gate", "answer", …
  std::string title;  // what must be so, for people
  MetBy by = MetBy::itself;
  std::optional<bool> met{};  // nothing: not known
  bool counts = true;         // false: it is shown, and decides nothing
  std::string state{};        // one word of its kind's own: "under way", "waived"
  std::string observed{};
  std::string needed{};
  std::optional<core::Time> since{};
  std::optional<core::Time> until{};
  std::vector<std::string> who{};  // can change it: "group:x", "person:x", "any person", "penstock", "receiver"
  std::string how{};
  nlohmann::json more = nlohmann::json::object();  // members that only its kind has
  std::vector<Node> children{};
};

// Sets `met` of every node that has it from its children, from the leaves up, and says so where nothing else is said.
void judge(Node& node);

// Ids are paths of names from the root: stable while the policy is the same.
nlohmann::json to_json(const Node& root);

struct Count {
  int met = 0;
  int all = 0;
};
// Of the conditions that decide: what the root's branches are made of.
Count count_of(const Node& root);

}  // namespace penstock::intake

namespace penstock::core {
template <>
struct EnumNames<intake::MetBy> {
  static constexpr std::array<std::pair<intake::MetBy, const char*>, 3> names{
      {{intake::MetBy::itself, "itself"}, {intake::MetBy::all, "all"}, {intake::MetBy::any, "any"}}};
};
}  // namespace penstock::core
