#include "daemon/cli/explanation_text.hpp"

#include "daemon/cli/print.hpp"

namespace penstock::cli {
namespace {

using nlohmann::json;

// Deeper than any policy: a daemon of another version may answer anything.
constexpr int deepest = 20;

std::string mark_of(const json& node) {
  const auto met = node.find("met");
  const bool known = met != node.end() && met->is_boolean();
  const auto* mark = !known ? "?" : met->get<bool>() ? "x" : " ";
  return node.value("counts", true) ? std::string("[") + mark + "] " : std::string("(") + mark + ") ";
}

bool is_met(const json& node) { return node.contains("met") && node["met"] == true; }

std::string to_do(const json& node, const std::string& indent) {
  std::string who;
  for (const auto& one : list_of(node, "who"))
    if (one.is_string()) who += (who.empty() ? "" : ", ") + one.get<std::string>();
  std::string text;
  if (const auto needed = text_of(node, "needed"); !needed.empty()) text += indent + "needed: " + needed + "\n";
  if (!who.empty()) text += indent + "by " + who;
  if (const auto until = text_of(node, "until"); !who.empty() && !until.empty()) text += " until " + until;
  if (!who.empty()) text += "\n";
  if (const auto how = text_of(node, "how"); !how.empty()) text += indent + "how: " + how + "\n";
  return text;
}

std::string node_text(const json& node, int depth) {
  if (!node.is_object() || depth > deepest) return {};
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  auto text = indent + mark_of(node) + text_of(node, "title");
  if (const auto observed = text_of(node, "observed"); !observed.empty()) text += ": " + observed;
  text += "\n";
  const auto children = list_of(node, "children");
  // What is made of others is changed through them.
  if (!is_met(node) && text_of(node, "by") == "itself") text += to_do(node, indent + "    ");
  for (const auto& child : children) text += node_text(child, depth + 1);
  return text;
}

}  // namespace

std::string tree_text(const json& explanation) {
  const auto tree = explanation.find("tree");
  return tree == explanation.end() ? std::string() : node_text(*tree, 0);
}

}  // namespace penstock::cli
