#include "plugins/sources/candidate_file.hpp"

#include <cmath>

#include "plugins/sources/yaml_document.hpp"
#include "tests/catch.hpp"
#include "tests/plugins/sources/source_world.hpp"

using namespace penstock;
using namespace penstock::sources;
using test::why;

TEST_CASE("a candidate file gives everything that a folder says about itself") {
  const auto file = read_candidate_file(
      "model: fraud\nversion: \"7\"\nartifact: model\ndata_contract: contract.yaml\n"
      "data_sets: {training: wine/2026-11.csv}\nmetrics: {auc: 0.93, rows: 1200, loss: -1e-3}\n"
      "labels: {team: risk}\nauthors: [ada@example.org]\n",
      "candidate.yaml");
  REQUIRE(why(file) == "");
  CHECK(file->model == "fraud");
  CHECK(file->version == "7");
  CHECK(file->artifact == "model");
  CHECK(file->data_contract == "contract.yaml");
  CHECK(file->data_sets.at("training") == "wine/2026-11.csv");
  CHECK(file->metrics.at("auc") == 0.93);
  CHECK(file->metrics.at("rows") == 1200);
  CHECK(file->metrics.at("loss") == -0.001);
  CHECK(file->labels.at("team") == "risk");
  CHECK(file->authors == std::vector<std::string>{"ada@example.org"});
}

TEST_CASE("a candidate file may be JSON") {
  const auto file = read_candidate_file(R"({"model": "fraud", "metrics": {"auc": 0.5}})", "candidate.json");
  REQUIRE(why(file) == "");
  CHECK(file->metrics.at("auc") == 0.5);
}

TEST_CASE("what is wrong with a candidate file is said with file, line and column") {
  const auto unknown = read_candidate_file("model: fraud\nmetrcs: {auc: 1}\n", "m/candidate.yaml@0123");
  REQUIRE_FALSE(unknown);
  CHECK(core::to_text(unknown.error()).find("m/candidate.yaml@0123:2:1") != std::string::npos);
  CHECK(core::to_text(unknown.error()).find("did you mean `metrics`?") != std::string::npos);
  const auto number = read_candidate_file("model: fraud\nversion: 7\n", "f");
  REQUIRE_FALSE(number);
  CHECK(core::to_text(number.error()).find("f:2:10") != std::string::npos);
}

TEST_CASE("YAML that could cost more than it says is refused") {
  CHECK(read_yaml("a: &x 1\nb: *x\n", "f").error().message.find("anchors") != std::string::npos);
  CHECK(read_yaml("b: *x\n", "f").has_error());
  CHECK(read_yaml(std::string(17, '[') + std::string(17, ']'), "f").error().message.find("levels deep") !=
        std::string::npos);
  CHECK(read_yaml(std::string(16, '[') + std::string(16, ']'), "f").has_value());
  CHECK(read_yaml(std::string(60'000, '['), "f").has_error());
  CHECK(read_yaml(std::string(70'000, ' ') + "a: 1", "f").error().message.find("bytes; at most") != std::string::npos);
  CHECK(read_yaml("a: 1\na: 2\n", "f").error().message.find("there twice") != std::string::npos);
  CHECK(read_yaml("1: x\n", "f").error().message.find("a key must be text") != std::string::npos);
  CHECK(read_yaml("a: !!python/object:os.system x\n", "f").has_error());
  CHECK(read_yaml("a: 1\n---\nb: 2\n", "f").error().message.find("more than one") != std::string::npos);
  CHECK(read_yaml("", "f").has_error());
  CHECK(read_yaml(std::string("a: \0b", 5), "f").has_error());
  CHECK(read_yaml("a: [1, 2\n", "f").has_error());
  CHECK(read_yaml("a: }\n", "f").has_error());
}

TEST_CASE("plain scalars mean what the YAML 1.2 core schema says") {
  const auto document = read_yaml(
      "a: 12\nb: -3\nc: '12'\nd: no\ne: true\nf: 1.5e3\ng: ~\nh: 0x1F\ni: .inf\nj: infinity\nk: +4\nl: 1e400\n", "f");
  REQUIRE(why(document) == "");
  const auto written = core::declared::json_of(*document);
  CHECK(written["a"] == 12);
  CHECK(written["b"] == -3);
  CHECK(written["c"] == "12");
  CHECK(written["d"] == "no");
  CHECK(written["e"] == true);
  CHECK(written["f"] == 1500.0);
  CHECK(written["g"].is_null());
  CHECK(written["h"] == "0x1F");
  CHECK(written["j"] == "infinity");
  CHECK(written["k"] == 4);
  CHECK(written["l"] == "1e400");
}

TEST_CASE("a metric that is not finite is refused") {
  auto file = read_candidate_file("model: fraud\nmetrics: {auc: .inf}\n", "f");
  if (file) {
    auto candidate = candidate_of(*file, "s");
    candidate.version = "1";
    CHECK(check_candidate(candidate, "f").has_error());
  }
}

TEST_CASE("an artifact whose digest is not known yet is checked too, and its address has no credentials") {
  core::Candidate candidate;
  candidate.model = "fraud";
  candidate.version = "1";
  candidate.artifact = core::Artifact{{}, "models:/m-1"};
  CHECK(why(check_candidate(candidate, "f")) == "");
  candidate.artifact->uri = "https://ci:hunter2@host/x";
  const auto refused = why(check_candidate(candidate, "f"));
  CHECK(refused.find("artifact.uri") != std::string::npos);
  CHECK(refused.find("hunter2") == std::string::npos);
  candidate.artifact->uri = std::string(2001, 'x');
  CHECK(check_candidate(candidate, "f").has_error());
}

TEST_CASE("paths are brought into one form, and those that lead out are none") {
  CHECK(normal_path("a/b/") == "a/b");
  CHECK(normal_path("./a") == "a");
  CHECK(normal_path(".") == "");
  CHECK(normal_path("") == "");
  CHECK_FALSE(normal_path("/a"));
  CHECK_FALSE(normal_path("a/../b"));
  CHECK_FALSE(normal_path(".."));
  CHECK_FALSE(normal_path("a//b"));
  CHECK_FALSE(normal_path("a\\b"));
  CHECK_FALSE(normal_path(std::string_view("a\0b", 3)));
  CHECK_FALSE(is_plain_name(".hidden"));
  CHECK_FALSE(is_plain_name("a/b"));
  CHECK_FALSE(is_plain_name(""));
  CHECK(is_plain_name("v 1.2"));
}
