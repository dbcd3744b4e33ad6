// What the settings say of people, as the API knows them.
#include "daemon/intake_settings.hpp"

#include "tests/daemon/settings_story.hpp"

using namespace penstock;
using Texts = std::vector<std::string>;

TEST_CASE("a person is known by an address however it is written") {
  SettingsFolder folder;
  const auto settings = folder.read(
      "people:\n- {name: Ann, also_known_as: [Ann.Lee@Bank.example, alee], tokens: [{sha256: " + std::string(64, 'a') +
      "}]}\n- {name: bob, also_known_as: [bob@bank.example], tokens: [{sha256: " + std::string(64, 'b') + "}]}\n");
  REQUIRE(folder.problems.empty());
  const auto known = tokens(settings);
  REQUIRE(known.size() == 2);
  CHECK(known[0].caller.aliases == Texts{"Ann.Lee@Bank.example", "alee", "ann.lee@bank.example", "ann"});
  CHECK(known[1].caller.aliases == Texts{"bob@bank.example"});
}
