// What strangers write into candidate files, whole and broken.
#include "plugins/sources/yaml_document.hpp"

#include "daemon/core/declared.hpp"
#include "tests/catch.hpp"

using namespace penstock;
using sources::read_yaml;

namespace {

nlohmann::json json_of(const std::string& text) {
  const auto document = read_yaml(text, "candidate.yaml");
  REQUIRE(document);
  return core::declared::json_of(*document);
}

std::string yaml_refusal(const std::string& text) {
  const auto document = read_yaml(text, "candidate.yaml");
  REQUIRE_FALSE(document);
  CHECK(document.error().code == "invalid-document");
  CHECK_FALSE(document.error().transient);
  return document.error().where + ": " + document.error().message;
}

}  // namespace

TEST_CASE("a document is read, with or without marks around it, and so is JSON") {
  const nlohmann::json expected{{"model", "wine"}, {"version", "7"}};
  for (const auto* text :
       {"model: wine\nversion: '7'", "model: wine\nversion: \"7\"\n", "---\nmodel: wine\nversion: '7'\n",
        "model: wine\nversion: '7'\n...\n", "# first\n\nmodel: wine\nversion: '7'\n\n# last",
        "{\"model\": \"wine\",\n \"version\": \"7\"}", "\xEF\xBB\xBFmodel: wine\nversion: '7'\n"}) {
    INFO(text);
    CHECK(json_of(text) == expected);
  }
}

TEST_CASE("an open quotation is refused instead of being read to the end") {
  for (const auto* text : {"model: \"wine\nversion: 7\n", "model: 'wine\nversion: 7\n", "model: \"wine",
                           "{\"model\": \"wine}", "model: \"wine\n\n\n", "model: 'it''s"}) {
    INFO(text);
    CHECK(yaml_refusal(text).find("a quotation is not closed") != std::string::npos);
  }
  // Over several lines is fine, as long as it ends.
  CHECK(json_of("model: \"red\n  wine\"\n") == nlohmann::json{{"model", "red wine"}});
}

TEST_CASE("a list or a mapping that is not closed is refused") {
  for (const auto* text : {"labels: {owner: ann", "authors: [ann", "{\"labels\": {\"owner\": \"ann\"}", "[", "{"}) {
    INFO(text);
    yaml_refusal(text);
  }
}

TEST_CASE("text that says nothing is an empty file, and a plain null is not a document of anything") {
  for (const auto* text : {"", "\n\n", "# only a remark", "# only a remark\n"})
    CHECK(yaml_refusal(text) == "candidate.yaml: the file is empty");
  CHECK(json_of("~\n").is_null());
  CHECK(json_of("model:\n") == nlohmann::json{{"model", nullptr}});
}

TEST_CASE("a second document is refused at its place, whatever parts them") {
  CHECK(yaml_refusal("a: 1\n---\nb: 2\n") == "candidate.yaml:2:1: holds more than one YAML document");
  CHECK(yaml_refusal("a: 1\n...\n---\nb: 2\n").find("holds more than one YAML document") != std::string::npos);
  CHECK(yaml_refusal("{\"a\": 1}\n{\"a\": 2}\n").find("candidate.yaml:2") == 0);
}

TEST_CASE("keys that are there twice or are not text, aliases, anchors and foreign tags are refused at their place") {
  CHECK(yaml_refusal("a: 1\na: 2\n") == "candidate.yaml:2:1: the key `a` is there twice");
  CHECK(yaml_refusal("1: one\n").find("a key must be text, found the number 1") != std::string::npos);
  CHECK(yaml_refusal("a: &x 1\n").find("anchors") != std::string::npos);
  CHECK(yaml_refusal("a: &x [1]\nb: *x\n").find("anchors") != std::string::npos);
  CHECK(yaml_refusal("a: !!python/object:os.system 1\n").find("the tag") != std::string::npos);
}

TEST_CASE("size, depth, null bytes and bytes that are not UTF-8 are refused") {
  CHECK(yaml_refusal("a: " + std::string(70'000, 'x')).find("at most 65536 are read") != std::string::npos);
  CHECK(yaml_refusal(std::string(40, '[') + std::string(40, ']')).find("nested more than 16 levels deep") !=
        std::string::npos);
  CHECK(yaml_refusal(std::string("a: b\0c", 6)).find("NUL") != std::string::npos);
  CHECK(yaml_refusal("labels: {owner: \"J\xF6rg\"}\n") == "candidate.yaml: is not UTF-8 text");
  CHECK(json_of("labels: {owner: J\xC3\xB6rg}\n")["labels"]["owner"] == "J\xC3\xB6rg");
}

TEST_CASE("plain scalars mean what the core schema of YAML 1.2 says, and quoted ones are text") {
  CHECK(json_of("[yes, no, on, 1e3, 0.5, -7, +7, 007x, 2026-11-21, true, ~]") ==
        nlohmann::json({"yes", "no", "on", 1000.0, 0.5, -7, 7, "007x", "2026-11-21", true, nullptr}));
  CHECK(json_of("['1', \"true\", !!str 5]") == nlohmann::json({"1", "true", "5"}));
}
