// How the tests of explanations look into one.
#pragma once

#include "tests/intake/api_story.hpp"

namespace penstock::intake {

inline json explained(ApiStory& story, const std::string& id) {
  const auto response = story.get("/v1/promotions/" + id + "/explanation");
  CAPTURE(response.body);
  REQUIRE(response.status == 200);
  return json::parse(response.body);
}
inline std::string told(ApiStory& story, const std::string& id) { return explained(story, id)["paragraph"]; }

// The node of an id, "live/stages/data/contract"; null when there is none.
inline json node_of(const json& node, const std::string& id) {
  if (node.contains("tree")) return node_of(node["tree"], id);
  if (node["id"] == id) return node;
  for (const auto& child : node["children"])
    if (auto found = node_of(child, id); !found.is_null()) return found;
  return nullptr;
}
inline bool says(const json& explanation, const std::string& part) {
  const auto text = explanation["paragraph"].get<std::string>();
  CAPTURE(text, part);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}

}  // namespace penstock::intake
