#include "daemon/definitions/yaml.hpp"

#include <cmath>

#include "tests/catch.hpp"

using namespace penstock;
using namespace penstock::core::declared;
using definitions::read_yaml;

namespace {

nlohmann::json read(std::string_view text) {
  Faults faults;
  const auto documents = read_yaml(text, faults);
  for (const auto& fault : faults) UNSCOPED_INFO(to_text(fault, "file"));
  REQUIRE(faults.empty());
  REQUIRE(documents.size() == 1);
  return json_of(documents.front());
}

std::string fault_of(std::string_view text) {
  Faults faults;
  read_yaml(text, faults);
  return faults.empty() ? "" : to_text(faults.front(), "");
}

}  // namespace

TEST_CASE("plain scalars have the types of the YAML 1.2 core schema") {
  CHECK(read("[~, null, Null, NULL, true, True, FALSE]") ==
        nlohmann::json::parse("[null, null, null, null, true, true, false]"));
  CHECK(read("[1, -2, +3, 007, 0x1F, 0o17, 0.5, .5, 5., 1e3, -1.5E-1]") ==
        nlohmann::json::parse("[1, -2, 3, 7, 31, 15, 0.5, 0.5, 5.0, 1000.0, -0.15]"));
  CHECK(read("[-9223372036854775808, 9223372036854775807]") ==
        nlohmann::json::parse("[-9223372036854775808, 9223372036854775807]"));
}

TEST_CASE("infinity and not-a-number are numbers") {
  Faults faults;
  const auto documents = read_yaml("[.inf, -.INF, .nan, .NaN]", faults);
  const auto& items = std::get<Sequence>(documents.at(0).data);
  CHECK(std::get<double>(items[0].data) == HUGE_VAL);
  CHECK(std::get<double>(items[1].data) == -HUGE_VAL);
  CHECK(std::isnan(std::get<double>(items[2].data)));
  CHECK(std::isnan(std::get<double>(items[3].data)));
}

TEST_CASE("yes, no, on, off, dates and numbers of YAML 1.1 are text") {
  CHECK(read("[yes, no, on, off, y, n, 2024-01-31, 12:30:45, 1_000, 0b1, -0x1F, 1.2.3, inf, nan, tRUE, 1e, e3, '.']") ==
        nlohmann::json{"yes", "no", "on", "off", "y", "n", "2024-01-31", "12:30:45", "1_000", "0b1", "-0x1F", "1.2.3",
                       "inf", "nan", "tRUE", "1e", "e3", "."});
}

TEST_CASE("what is quoted or in a block is text, whatever it looks like") {
  CHECK(read("a: \"5\"\nb: 'true'\nc: |\n  5\nd: !!str 5\ne: \"\"\n") ==
        nlohmann::json{{"a", "5"}, {"b", "true"}, {"c", "5\n"}, {"d", "5"}, {"e", ""}});
}

TEST_CASE("values and keys know their line and column, counted in characters") {
  Faults faults;
  const auto documents = read_yaml("é: [ü, x]\nname:\n  - {k: v}\n", faults);
  const auto& mapping = std::get<Mapping>(documents.at(0).data);
  CHECK(mapping[0].mark == Mark{1, 1});
  CHECK(std::get<Sequence>(mapping[0].value.data)[1].mark == Mark{1, 8});
  const auto& inner = std::get<Mapping>(std::get<Sequence>(mapping[1].value.data)[0].data);
  CHECK(inner[0].mark == Mark{3, 6});
  CHECK(inner[0].value.mark == Mark{3, 9});
}

TEST_CASE("several documents are told apart, empty ones at the end are none") {
  Faults faults;
  const auto documents = read_yaml("---\na: 1\n---\nb: 2\n...\n", faults);
  CHECK(faults.empty());
  REQUIRE(documents.size() == 2);
  CHECK(json_of(documents[1]) == nlohmann::json{{"b", 2}});
  CHECK(read_yaml("", faults).empty());
  CHECK(read_yaml("\n# nothing\n", faults).empty());
  CHECK(read_yaml("---\n", faults).empty());
  CHECK(faults.empty());
}

TEST_CASE("a byte order mark is passed over, a file in UTF-16 is not read") {
  CHECK(read("\xEF\xBB\xBF"
             "a: 1") == nlohmann::json{{"a", 1}});
  CHECK(fault_of("\xFF\xFE"
                 "a") == "1:1: the byte 0xFF is not UTF-8 here; save the file as UTF-8");
}

TEST_CASE("a key written twice is refused where it is written again") {
  CHECK(fault_of("model: a\nqueue: b\nmodel: c\n") == "3:1: the key `model` is written twice");
  CHECK(fault_of("x: {a: 1, \"a\": 2}") == "1:11: the key `a` is written twice");
}

TEST_CASE("all duplicate keys are told, and the rest is still read") {
  Faults faults;
  const auto documents = read_yaml("a: 1\na: 2\nb: 3\nb: [4, 5]\nc: 6\n", faults);
  CHECK(faults.size() == 2);
  CHECK(json_of(documents.at(0)) == nlohmann::json{{"a", 1}, {"b", 3}, {"c", 6}});
}

TEST_CASE("a key that is not a text is refused") {
  CHECK(fault_of("200: ok") == "1:1: a key must be a text, found the number 200; write it in quotes");
  CHECK(fault_of("? [a]\n: b") == "1:3: a key must be a text, found a list; write it in quotes");
  CHECK(read("\"200\": ok") == nlohmann::json{{"200", "ok"}});
}

TEST_CASE("a merge key is a key like any other") {
  CHECK(read("a: {<<: {b: 1}, c: 2}") == nlohmann::json::parse(R"({"a": {"<<": {"b": 1}, "c": 2}})"));
}

TEST_CASE("anchors and aliases are copied") {
  CHECK(read("a: &x\n  b: &y {c: 1}\nd: *x\ne: [*y, *y]\n") ==
        nlohmann::json::parse(R"({"a": {"b": {"c": 1}}, "d": {"b": {"c": 1}}, "e": [{"c": 1}, {"c": 1}]})"));
  CHECK(fault_of("a: &x [1, *x]") == "1:11: the alias stands inside the value that it names");
  CHECK(fault_of("a: *x") == "1:4: not YAML: the referenced anchor is not defined");
  CHECK(fault_of("a: &x 1\n---\nb: *x\n").find("anchor is not defined") != std::string::npos);
}

TEST_CASE("aliases that multiply are refused before they are written out") {
  std::string laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name < 'k'; ++name) {
    const std::string before(1, static_cast<char>(name - 1));
    laughs += std::string(1, name) + ": &" + name + " [*" + before;
    for (int i = 0; i < 8; ++i) laughs += ", *" + before;
    laughs += "]\n";
  }
  CHECK(fault_of(laughs).find(
            "holds more than 100000 values (an anchor and an alias count as all that they stand for)") !=
        std::string::npos);
}

TEST_CASE("many aliases of one long text are refused by their bytes") {
  std::string text = "a: &a \"" + std::string(500'000, 'x') + "\"\nb:\n";
  for (int i = 0; i < 1000; ++i) text += "- *a\n";
  CHECK(fault_of(text).find("holds more than 4194304 bytes of text") != std::string::npos);
}

TEST_CASE("an alias cannot nest deeper than writing it out could") {
  std::string text = "a: &a " + std::string(40, '[') + std::string(40, ']') + "\nb: " + std::string(40, '[') + "*a" +
                     std::string(40, ']') + "\n";
  CHECK(fault_of(text) == "2:44: is nested more than 64 levels deep");
}

TEST_CASE("nesting ends at 64 levels") {
  CHECK(fault_of(std::string(64, '[') + std::string(64, ']')).empty());
  CHECK(fault_of(std::string(65, '[') + std::string(65, ']')) == "1:65: is nested more than 64 levels deep");
  for (const std::string opening : {"- ", "? ", "{a: ", "[a,\n"}) {
    std::string text;
    for (int i = 0; i < 400; ++i) text += opening;
    INFO(opening);
    CHECK(fault_of(text).find("is nested more than 64 levels deep") != std::string::npos);
  }
}

TEST_CASE("a file beyond 1 MiB is not looked at") {
  CHECK(fault_of(std::string(2 << 20, 'a')) == "has more than 1048576 bytes, which is the most that is read");
  CHECK(fault_of(std::string(1 << 20, 'a')).empty());
}

TEST_CASE("a line that would keep the parser busy for minutes is refused") {
  std::string text = "[";
  for (int i = 0; i < 200'000; ++i) text += "a,";
  CHECK(fault_of(text) ==
        "1:1: this line holds 200001 commas, colons and brackets, at most 1000 are read; break it into several lines");
}

TEST_CASE("bytes that are no text are refused with their place") {
  CHECK(fault_of("ab: \x80") == "1:5: the byte 0x80 is not UTF-8 here; save the file as UTF-8");
  CHECK(fault_of("a: \xC0\xAF").find("0xC0") != std::string::npos);          // overlong
  CHECK(fault_of("a: \xED\xA0\x80").find("0xED") != std::string::npos);      // a surrogate
  CHECK(fault_of("a: \xF4\x90\x80\x80").find("0xF4") != std::string::npos);  // beyond U+10FFFF
  CHECK(fault_of("a: \xE2\x82").find("0xE2") != std::string::npos);          // cut off
  CHECK(fault_of(std::string_view("a: b\nc\0d", 8)) == "2:2: the control character 0x00 is not allowed in YAML");
  // The parser would take this one for the end of the text and lose the rest.
  CHECK(fault_of("a: b\n\x04queue: x") == "2:1: the control character 0x04 is not allowed in YAML");
}

TEST_CASE("tabs that indent are told as what they are") {
  CHECK(fault_of("a:\n\tb: 1\n").find("(a tab indents here; use spaces)") != std::string::npos);
  CHECK(fault_of("a:\n  b: 1\n\tc: 2\n").find("illegal tab when looking for indentation") != std::string::npos);
  CHECK(read("a: \"x\ty\"") == nlohmann::json{{"a", "x\ty"}});
}

TEST_CASE("a quotation that is not closed is refused, not closed by the end of the file") {
  CHECK(fault_of("a: \"open\nb: 1\n").find("not YAML: a quotation is not closed") != std::string::npos);
  CHECK(fault_of("a: 'open").find("not YAML: a quotation is not closed") != std::string::npos);
}

TEST_CASE("a slip of the indentation does not end the document unseen") {
  CHECK(fault_of("- a\nb: 1\n") ==
        "2:1: the document has ended before this; is the indentation right? (another document begins with `---`)");
  CHECK(fault_of("{a: 1}\nb: 2\n").find("the document has ended before this") != std::string::npos);
  CHECK(fault_of("a: 1\n b: 2\n") ==
        "2:3: not YAML: illegal map value (is the indentation right? a text that holds `: ` needs quotes)");
}

TEST_CASE("broken YAML is told with its place") {
  CHECK(fault_of("a: [1, 2\nb: 1\n").find("not YAML: end of sequence flow not found") != std::string::npos);
  CHECK(fault_of("a: {b: 1\n").find("not YAML: end of map flow not found") != std::string::npos);
  CHECK(fault_of("a: @x") ==
        "1:4: not YAML: unknown token (a text that begins with `@`, `%` or a backquote needs quotes)");
  CHECK(fault_of("]").find("illegal flow end") != std::string::npos);
}

TEST_CASE("tags that are not of the core schema are refused") {
  CHECK(fault_of("a: !secret x") == "1:4: the tag `!secret` is not known, or does not fit the text `x`; leave it out");
  CHECK(fault_of("a: !!binary aGk=").find("`!!binary`") != std::string::npos);
  CHECK(fault_of("a: !!int x").find("`!!int`") != std::string::npos);
  CHECK(fault_of("a: !!set {b}") == "1:4: the tag `!!set` does not fit a mapping; leave it out");
  CHECK(fault_of("a: !!python/object:os.system {b: c}").find("does not fit a mapping") != std::string::npos);
  CHECK(read("a: !!int \"7\"\nb: !!seq [1]\nc: !!map {d: 1}\ne: ! 12") ==
        nlohmann::json::parse(R"({"a": 7, "b": [1], "c": {"d": 1}, "e": "12"})"));
}

TEST_CASE("a number that fits no type is refused, not rounded") {
  CHECK(fault_of("a: 99999999999999999999") ==
        "1:4: the number is beyond the range of 64-bit whole numbers: write it in quotes if it is a text");
  CHECK(fault_of("a: 0xFFFFFFFFFFFFFFFFF").find("64-bit") != std::string::npos);
  CHECK(fault_of("a: 1e999").find("floating-point") != std::string::npos);
}

TEST_CASE("a file full of mistakes ends with the hundredth") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "k: 1\n";
  Faults faults;
  read_yaml(text, faults);
  REQUIRE(faults.size() == 101);
  CHECK(faults.back().message == "so many problems that the rest of the file is not looked at");
}

TEST_CASE("any prefix of a good file and any changed byte is read or refused, never worse") {
  const std::string text =
      "apiVersion: penstock/v1\nkind: Policy\nspec:\n  - &a {use: \"x\\n\", with: ['y', 1.5]}\n  - *a\n  - |\n   t\n";
  for (std::size_t i = 0; i < text.size(); ++i) {
    Faults faults;
    read_yaml(std::string_view(text).substr(0, i), faults);
    for (const char c : {'\0', '\t', '\n', '[', '{', '"', '\'', '&', '*', '!', '|', '-', '?', ':', '#', '%', '\xFF'}) {
      auto changed = text;
      changed[i] = c;
      read_yaml(changed, faults);
    }
  }
  SUCCEED("no exception, no crash");
}
