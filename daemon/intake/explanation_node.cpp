#include "daemon/intake/explanation_node.hpp"

#include <algorithm>
#include <map>

namespace penstock::intake {
namespace {

using nlohmann::json;

// Kleene's logic of three values.
std::optional<bool> from_children(const Node& node) {
  const bool decides = node.by == MetBy::any;  // the value that one child alone decides by
  bool all_known = true;
  for (const auto& child : node.children) {
    if (!child.counts) continue;
    if (child.met == decides) return decides;
    all_known = all_known && child.met.has_value();
  }
  return all_known ? std::optional(!decides) : std::nullopt;
}

json printed(const Node& node, const std::string& id) {
  json document{{"id", id},
                {"kind", node.kind},
                {"name", node.name},
                {"title", node.title},
                {"by", core::name_of(node.by)},
                {"met", nullptr},
                {"counts", node.counts},
                {"observed", node.observed},
                {"needed", node.needed},
                {"who", node.who},
                {"how", node.how},
                {"children", json::array()}};
  if (node.met) document["met"] = *node.met;
  if (!node.state.empty()) document["state"] = node.state;
  if (node.since) document["since"] = core::to_text(*node.since);
  if (node.until) document["until"] = core::to_text(*node.until);
  for (const auto& [key, value] : node.more.items()) document[key] = value;
  std::map<std::string, int> seen;
  for (const auto& child : node.children) {
    const auto number = ++seen[child.name];
    const auto name = number == 1 ? child.name : child.name + "#" + std::to_string(number);
    document["children"].push_back(printed(child, id + "/" + name));
  }
  return document;
}

}  // namespace

void judge(Node& node) {
  for (auto& child : node.children) judge(child);
  if (node.by == MetBy::itself) return;
  node.met = from_children(node);
  if (node.needed.empty()) node.needed = node.by == MetBy::all ? "all that it is made of" : "one that it is made of";
  if (!node.observed.empty()) return;
  const auto counted =
      std::count_if(node.children.begin(), node.children.end(), [](const Node& one) { return one.counts; });
  const auto met = std::count_if(node.children.begin(), node.children.end(),
                                 [](const Node& one) { return one.counts && one.met == true; });
  node.observed = std::to_string(met) + " of " + std::to_string(counted) + " met";
}

json to_json(const Node& root) { return printed(root, root.name); }

Count count_of(const Node& root) {
  Count count;
  for (const auto& branch : root.children) {
    if (!branch.counts) continue;
    for (const auto& condition : branch.children) {
      if (!condition.counts || !condition.more.value("blocking", true)) continue;
      ++count.all;
      if (condition.met == true) ++count.met;
    }
  }
  return count;
}

}  // namespace penstock::intake
