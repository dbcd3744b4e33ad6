// Explanations of what random histories make: whatever waits names somebody who can end that and how, what is live
// lacks nothing, and every parent follows from its children.
#include <set>

#include "daemon/intake/explanation.hpp"
#include "tests/catch.hpp"
#include "tests/property/invent.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

constexpr std::uint64_t cases = 400;

json follows(const json& node) {
  const bool decides = node["by"] == "any";
  bool all_known = true;
  for (const auto& child : node["children"]) {
    if (child["counts"] == false) continue;
    if (child["met"] == decides) return decides;
    all_known = all_known && !child["met"].is_null();
  }
  return all_known ? json(!decides) : json();
}

struct Seen {
  std::set<std::string> ids;
  bool has_way_out = false;  // a condition that decides, is not met, and names who and how
  std::string wrong;
};

void look(const json& node, bool counts, Seen& seen) {
  for (const auto* key : {"id", "kind", "name", "title", "by", "observed", "needed", "how"})
    if (!node[key].is_string()) seen.wrong = std::string(key) + " is missing";
  if (!seen.ids.insert(node["id"]).second) seen.wrong = "two nodes are " + node["id"].get<std::string>();
  if (node["title"] == "") seen.wrong = "no title";
  if (node["by"] != "itself" && node["met"] != follows(node)) seen.wrong = "met does not follow from the children";
  const bool decides = counts && node["counts"].get<bool>();
  if (decides && node["met"] != true && !node["who"].empty() && node["how"] != "") seen.has_way_out = true;
  if (!seen.wrong.empty() && seen.wrong.find(" in ") == std::string::npos) seen.wrong += " in " + node.dump();
  for (const auto& child : node["children"]) look(child, decides, seen);
}

std::string wrong_with(const json& document, const core::Promotion& promotion) {
  Seen seen;
  look(document["tree"], true, seen);
  if (!seen.wrong.empty()) return seen.wrong;
  const auto& met = document["tree"]["met"];
  if (core::is_live(promotion.phase)) return met == true ? "" : "it is live, and not proved: " + document.dump();
  if (met == true) return "it is not live, and every condition is met: " + document.dump();
  if (core::is_end(promotion.phase)) return met == false ? "" : "it has ended, and nobody knows";
  return seen.has_way_out ? "" : "it waits, and nobody can do anything: " + document.dump();
}

// Why an explanation of any promotion of the lane is wrong; empty when none is.
std::string wrong_in(const property::Play& play) {
  for (const auto& promotion : play.lane().promotions) {
    const Explained explained{promotion, play.lane(), play.world(), play.now(), promotion.candidate};
    if (auto wrong = wrong_with(explain(explained), promotion); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace

TEST_CASE("whatever happened, an explanation proves what is live and names who can end every wait, and how") {
  std::uint64_t explained = 0;
  for (std::uint64_t seed = 1; seed <= cases; ++seed) {
    property::Chance chance(seed);
    auto invented = property::invented_setting(seed, chance);
    property::Play play(invented);
    property::Inventor inventor(invented, play, chance);
    invented.steps.reserve(30);
    for (int left = chance.between(5, 28); left > 0; --left) {
      invented.steps.push_back(inventor.next());
      if (play.happens(invented.steps.back())) break;
      CAPTURE(seed);
      REQUIRE(wrong_in(play) == "");
      explained += play.lane().promotions.size();
    }
  }
  CHECK(explained > cases);
}

}  // namespace penstock::intake
