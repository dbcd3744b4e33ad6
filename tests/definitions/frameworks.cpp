// Frameworks are read, checked and told of like the other definitions.
#include "daemon/definitions/difference.hpp"
#include "tests/catch.hpp"
#include "tests/definitions/kinds_for_tests.hpp"

using namespace penstock;
using namespace penstock::definitions;
using Texts = std::vector<std::string>;

namespace {

std::string framework(const std::string& clauses, const std::string& name = "house-rules",
                      const std::string& more = "") {
  return "apiVersion: penstock/v1\nkind: Framework\nmetadata: {name: " + name +
         ", version: \"1.0\"}\nspec:\n  title: Rules of the house\n  owner: The house\n"
         "  source: https://example.com/rules\n  read: \"2026-11-21\"\n" +
         more + "  clauses:\n" + clauses;
}

const std::string good_clause =
    "    - id: R1\n      title: Somebody looks\n      evidence:\n        - {fact: approvals, shows: who agreed}\n"
    "        - {gates: [probe, fields], named: \"p*\", shows: what was asked}\n";

Texts errors_of(const std::vector<File>& files) {
  Texts errors;
  for (const auto& lint : load_files(files, options_for_tests()).lints)
    if (lint.severity == Severity::error) errors.push_back(to_text(lint));
  return errors;
}
Texts errors_of(const std::string& text) { return errors_of(std::vector<File>{{"frameworks/f.yaml", text}}); }

}  // namespace

TEST_CASE("a framework is read with its clauses, its evidence and the digest of its file") {
  const auto text = framework(good_clause, "house-rules", "  effective: \"2026-01-01\"\n  note: Ours.\n");
  const auto loaded = load_files({{"frameworks/f.yaml", text}}, options_for_tests());
  CHECK(loaded.usable());
  REQUIRE(loaded.frameworks.size() == 1);
  const auto& read = loaded.frameworks[0];
  CHECK(read.name == "house-rules");
  CHECK(read.version == "1.0");
  CHECK(read.effective == "2026-01-01");
  CHECK(read.file == "frameworks/f.yaml");
  CHECK(read.digest == options_for_tests().sha256(text));
  REQUIRE(read.clauses.size() == 1);
  CHECK(read.clauses[0].id == "R1");
  REQUIRE(read.clauses[0].evidence.size() == 2);
  CHECK(read.clauses[0].evidence[0].fact == Fact::approvals);
  CHECK(read.clauses[0].evidence[1].gates == Texts{"probe", "fields"});
  CHECK(read.clauses[0].evidence[1].named == "p*");
}

TEST_CASE("two frameworks are compared clause by clause") {
  const auto documents = [](const std::string& clauses, const std::string& more = "") {
    return documents_of(
        load_files({{"frameworks/f.yaml", framework(clauses, "house-rules", more)}}, options_for_tests()).frameworks);
  };
  const auto before = documents(good_clause);
  CHECK(difference(before, before).empty());
  auto other = good_clause;
  other.replace(other.find("who agreed"), 10, "who said so");
  other.replace(other.find("[probe, fields]"), 15, "[fields]");
  const auto found = difference(before, documents(other, "  note: Ours.\n"));
  REQUIRE(found.changed.size() == 1);
  CHECK(found.changed[0].name == "house-rules 1.0");
  Texts fields;
  for (const auto& field : found.changed[0].fields) fields.push_back(to_text(field));
  CHECK(fields == Texts{"clauses[R1].evidence[1].shows: who agreed -> who said so",
                        R"(clauses[R1].evidence[2].gates: ["probe","fields"] -> ["fields"])", "note: \"\" -> Ours."});
  CHECK(difference(before, {}).removed == Texts{"house-rules 1.0"});
}

TEST_CASE("what is wrong with a framework is told with its place") {
  const auto clause = [](const std::string& evidence) {
    return framework("    - id: R1\n      title: Somebody looks\n      evidence:\n        - " + evidence + "\n");
  };
  CHECK(
      errors_of(clause("{shows: nothing}")) ==
      Texts{"frameworks/f.yaml:13:19: error: spec.clauses[0].evidence[0].shows: needs one of `gates` and `fact` beside "
            "it, and not both"});
  CHECK(errors_of(clause("{fact: approvals, gates: [probe], shows: both}")).size() == 1);
  CHECK(errors_of(clause("{fact: approvals, named: x, shows: a name}")).size() == 1);
  CHECK(errors_of(clause("{gates: [prob], shows: a word}"))
            .at(0)
            .find("there is no kind of gate `prob`, did you mean "
                  "`probe`?") != std::string::npos);
  CHECK(errors_of(clause("{fact: aprovals, shows: a word}")).at(0).find("expected one of") != std::string::npos);
  CHECK(errors_of(clause("{fact: approvals}")).at(0).find("missing key `shows`") != std::string::npos);
}

TEST_CASE("a framework's address and days are checked") {
  const auto with = [](const std::string& from, const std::string& to) {
    auto text = framework(good_clause);
    text.replace(text.find(from), from.size(), to);
    return errors_of(text);
  };
  CHECK(with("https://example.com", "javascript:alert(1)//").size() == 1);
  CHECK(with("2026-11-21", "2026-02-30").at(0).find("is no day") != std::string::npos);
  CHECK(with("2026-11-21", "2026").size() == 1);
}

TEST_CASE("a framework may stand in several versions, and a clause only once in each") {
  auto newer = framework(good_clause);
  newer.replace(newer.find("\"1.0\""), 5, "\"1.1\"");
  CHECK(errors_of({{"frameworks/a.yaml", framework(good_clause)}, {"frameworks/b.yaml", newer}}).empty());
  CHECK(errors_of({{"frameworks/a.yaml", framework(good_clause)}, {"frameworks/b.yaml", framework(good_clause)}})
            .at(0)
            .find("the framework `house-rules 1.0` is there already, at frameworks/a.yaml") != std::string::npos);
  CHECK(errors_of(framework(good_clause + good_clause)).at(0).find("the clause `R1` is there already") !=
        std::string::npos);
}

TEST_CASE("a framework with a fault is not among those that are loaded") {
  const auto loaded = load_files(
      {{"frameworks/a.yaml", framework(good_clause)}, {"frameworks/b.yaml", framework("    - {id: R1}\n", "other")}},
      options_for_tests());
  CHECK_FALSE(loaded.usable());
  CHECK(loaded.frameworks.size() == 1);
}
