#include "daemon/definitions/schema.hpp"

#include "tests/catch.hpp"
#include "tests/definitions/kinds_for_tests.hpp"

using namespace penstock;
using namespace penstock::definitions;

TEST_CASE("the schema of a gate knows each kind and what it wants") {
  const auto schema = gate_schema(options_for_tests().kinds);
  const auto& spec = schema["properties"]["spec"];
  CHECK(schema["properties"]["apiVersion"]["enum"] == nlohmann::json{"penstock/v1"});
  CHECK(schema["properties"]["kind"]["enum"] == nlohmann::json{"Gate"});
  CHECK(schema["required"] == nlohmann::json{"apiVersion", "kind", "metadata", "spec"});
  CHECK(spec["properties"]["kind"]["enum"] == nlohmann::json{"fields", "probe"});
  const auto& probe = spec["allOf"][1];
  CHECK(probe["if"]["properties"]["kind"]["const"] == "probe");
  CHECK(probe["then"]["properties"]["with"]["properties"].contains("target"));
  // A stage may add what the definition leaves out, but the items of a list are complete.
  CHECK_FALSE(probe["then"]["properties"]["with"].contains("required"));
  CHECK(probe["then"]["properties"]["with"]["properties"]["requests"]["items"]["required"] == nlohmann::json{"path"});
}

TEST_CASE("the schema of a policy demands what deliveries need") {
  const auto schema = policy_schema(options_for_tests().kinds);
  const auto& item = schema["properties"]["spec"]["properties"]["deliver"]["items"];
  CHECK(item["properties"]["kind"]["enum"] == nlohmann::json{"webhook"});
  CHECK(item["allOf"][0]["then"]["required"] == nlohmann::json{"with"});
  CHECK(item["allOf"][0]["then"]["properties"]["with"]["required"] == nlohmann::json{"receiver"});
  CHECK(schema["properties"]["spec"]["properties"]["environment"]["pattern"] ==
        "^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$");
}

TEST_CASE("schema files name their draft and end with a line") {
  const auto files = schema_files(options_for_tests().kinds);
  REQUIRE(files.size() == 3);
  for (const auto& [name, text] : files) {
    CHECK(nlohmann::json::parse(text)["$schema"] == "http://json-schema.org/draft-07/schema#");
    CHECK(text.back() == '\n');
  }
}

TEST_CASE("the reference names every document and every kind") {
  const auto text = reference(options_for_tests().kinds);
  for (const auto* part :
       {"### Policy\n", "### PolicySpec\n", "### Stage\n", "### GateUse\n", "### Approval\n", "### Delivery\n",
        "### Gate\n", "### Framework\n", "### Clause\n", "### GateSpec\n", "## Kinds of gates\n", "### `probe`\n",
        "### Request\n", "## Kinds of deliveries\n", "| `expires` | duration (`90s`, `10m`, `72h`, `7d`) | `3d` |",
        "| `not` | list of `submitter`, `author`, `editor` |"}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
}
