// What the API tells of the definitions in force, and how it reads others beside them.
#include "daemon/served_definitions.hpp"

#include "daemon/runtime/digest.hpp"
#include "tests/daemon/loading_story.hpp"

using namespace penstock;
using nlohmann::json;

namespace {

class ServedStory : public LoadedFolder {
 public:
  ServedStory() : loaded_(load((path / "penstock.yaml").string(), plugins::catalog())) {
    REQUIRE(loaded_.good);
    in_force.emplace(PoliciesInForce::Parts{loaded_.settings, plugins::catalog(), lending_, clock_}, loaded_.policies);
    port = serve_definitions(*in_force);
  }

  std::optional<PoliciesInForce> in_force;
  intake::DefinitionsPort port;

 private:
  LoadedAll loaded_;
  runtime::SystemClock clock_;
  runtime::ContentStore store_ = runtime::ContentStore::open(path / "store").value();
  Sources sources_;
  Lending lending_{lending_parts(loaded_.settings, clock_, store_, sources_, plugins::catalog())};
};

std::string policy_text(const std::string& name, const std::string& model, const std::string& gate) {
  return "apiVersion: penstock/v1\nkind: Policy\nmetadata: {name: " + name + "}\nspec:\n  model: " + model +
         "\n  environment: production\n  stages: [{name: all, gates: [{use: " + gate + "}]}]\n";
}

}  // namespace

TEST_CASE("what is loaded is served with digests, and documents that make them") {
  ServedStory story;
  const auto loaded = story.port.loaded();
  REQUIRE(loaded["policies"].size() == 1);
  const auto& policy = loaded["policies"][0];
  CHECK(policy["name"] == "fraud");
  CHECK(runtime::sha256(policy["document"].dump()).text() == policy["digest"].get<std::string>());
  REQUIRE(loaded["gates"].size() == 1);
  CHECK(loaded["gates"][0]["name"] == "smoke");
  CHECK(loaded["frameworks"] == json::array());
}

TEST_CASE("a policy that is sent is read with the gates that are loaded, and does not come into force") {
  ServedStory story;
  const auto read = story.port.read({{"new.yaml", policy_text("fraud", "fraud", "smoke")}});
  CHECK(read.good);
  REQUIRE(read.policies.size() == 1);
  CHECK(read.policies[0]->stages.at(0).gates.at(0).kind == "smoke-test");
  CHECK(story.in_force->size() == 1);
  CHECK(story.in_force->covering("fraud").at(0)->digest != read.policies[0]->digest);

  const auto wrong = story.port.read({{"new.yaml", policy_text("fraud", "fraud", "smoek")}});
  CHECK_FALSE(wrong.good);
  CHECK(wrong.policies.empty());
  REQUIRE(wrong.problems.size() == 1);
  CHECK(wrong.problems[0]["line"] == 7);
  CHECK(wrong.problems[0]["column"] == 38);
  CHECK(wrong.problems[0]["message"].get<std::string>().find("did you mean `smoke`?") != std::string::npos);
}

TEST_CASE("hostile files are problems and nothing else") {
  ServedStory story;
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [*" + before + ", *" + before + ", *" + before + ", *" + before + "]\n";
  }
  for (const auto& text : {bomb, std::string("\xff\xfe\x00", 3), std::string(2'000'000, '['), std::string("- &a *a"),
                           std::string("{a: {a: "), std::string("kind: Policy")}) {
    const auto read = story.port.read({{"new.yaml", text}});
    CHECK_FALSE(read.good);
    CHECK_FALSE(read.problems.empty());
    CHECK(read.policies.empty());
  }
}

TEST_CASE("a policy that is tried stands in the place of the loaded one, and gives way to one that is more specific") {
  ServedStory story;
  const auto covers = [&](const std::string& name, const std::string& model) {
    return story.port.covering_with(story.port.read({{"n.yaml", policy_text(name, model, "smoke")}}).policies.at(0));
  };
  CHECK(covers("fraud", "'*'")("fraud"));
  CHECK_FALSE(covers("wide", "'*'")("fraud"));
  CHECK(covers("wide", "'*'")("spam"));
  CHECK_FALSE(covers("fraud", "fraud-*")("spam"));
}
