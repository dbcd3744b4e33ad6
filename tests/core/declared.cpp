#include "daemon/core/declared.hpp"

#include "tests/catch.hpp"

using namespace penstock::core;
using namespace penstock::core::declared;

namespace {

struct Retry {
  int attempts = 3;
  static const Shape<Retry>& shape() {
    static const auto shape = Shape<Retry>("Retry", "How often.")
                                  .optional("attempts", &Retry::attempts, "In all.", {.minimum = 1, .maximum = 10});
    return shape;
  }
};

struct Receiver {
  std::string name;
  Duration timeout = std::chrono::seconds(10);
  std::vector<Retry> retries;
  nlohmann::json with = nlohmann::json::object();
  std::optional<int> port;
  static const Shape<Receiver>& shape() {
    static const auto shape =
        Shape<Receiver>("Receiver", "Where a webhook goes.")
            .required("name", &Receiver::name, "Used by policies to name it.", {.min_length = 1})
            .optional("timeout", &Receiver::timeout, "For one attempt.", {.minimum = 100, .maximum = 120'000})
            .optional("retries", &Receiver::retries, "One or more.")
            .optional("with", &Receiver::with, "Anything.")
            .optional("port", &Receiver::port, "Either `a` | `b`.");
    return shape;
  }
};

struct Pass {
  static constexpr bool is_secret = true;
  std::string hash;
  Duration lasts = std::chrono::hours(1);
  static const Shape<Pass>& shape() {
    static const auto shape = Shape<Pass>("Pass", "Lets somebody in.")
                                  .required("hash", &Pass::hash, "Of the pass.")
                                  .optional("lasts", &Pass::lasts, "How long.");
    return shape;
  }
};

struct Holder {
  std::vector<Pass> passes;
  static const Shape<Holder>& shape() {
    static const auto shape = Shape<Holder>("Holder", "Has passes.").optional("passes", &Holder::passes, "Any number.");
    return shape;
  }
};

}  // namespace

TEST_CASE("where a secret is declared, nothing that was written there is repeated") {
  const auto told = [](const char* text) {
    Faults faults;
    Holder::shape().read(value_of_json(nlohmann::json::parse(text)), "", faults);
    std::string all;
    for (const auto& fault : faults) all += (all.empty() ? "" : " | ") + to_text(fault, "");
    return all;
  };
  CHECK(told(R"({"passes": "hunter2"})") == "passes: expected a list, found a text");
  CHECK(told(R"({"passes": ["hunter2", 1234]})") ==
        "passes[0]: expected a mapping (Pass), found a text | passes[1]: expected a mapping (Pass), found a number");
  CHECK(told(R"({"passes": [{"hash": 0.5, "lasts": "hunter2"}]})") ==
        "passes[0].hash: expected a text (write it in quotes), found a number | "
        "passes[0].lasts: expected a duration such as `90s`, `10m` or `72h`, found a text");
  CHECK(told(R"({"passes": [{"hash": "a", "hunter2": 1}]})") ==
        "passes[0]: unknown key; known here are `hash`, `lasts`");
  CHECK(told(R"({"passes": [{"hash": "a", "last": "1h"}]})") == "passes[0]: unknown key, did you mean `lasts`?");
}

TEST_CASE("a declared struct is read with its defaults") {
  const auto receiver =
      from_json<Receiver>({{"name", "serving"}, {"retries", {{{"attempts", 2}}, nlohmann::json::object()}}});
  REQUIRE(receiver);
  CHECK(receiver->name == "serving");
  CHECK(receiver->timeout == std::chrono::seconds(10));
  REQUIRE(receiver->retries.size() == 2);
  CHECK(receiver->retries[0].attempts == 2);
  CHECK(receiver->retries[1].attempts == 3);
  CHECK_FALSE(receiver->port);
}

TEST_CASE("all problems of a document are told at once") {
  Faults faults;
  Receiver::shape().read(value_of_json({{"timeout", "1ms"}, {"retries", {{{"attempts", 0}}, 7}}, {"prot", 1}}),
                         "receivers[0]", faults);
  std::vector<std::string> texts;
  for (const auto& fault : faults) texts.push_back(to_text(fault, ""));
  CHECK(texts == std::vector<std::string>{
                     "receivers[0]: unknown key `prot`, did you mean `port`?",
                     "receivers[0]: missing key `name`: Used by policies to name it.",
                     "receivers[0].timeout: is 1ms, needs at least 100ms",
                     "receivers[0].retries[0].attempts: is 0, needs at least 1",
                     "receivers[0].retries[1]: expected a mapping (Retry), found the number 7",
                 });
}

TEST_CASE("a request body that is wrong becomes one problem") {
  const auto receiver = from_json<Receiver>({{"nam", "x"}});
  REQUIRE_FALSE(receiver);
  CHECK(receiver.error().code == "invalid-document");
  CHECK(receiver.error().message == "unknown key `nam`, did you mean `name`? (and 1 more problem)");
}

TEST_CASE("a request body nested without end is refused before it is walked") {
  const std::string text = std::string(200'000, '[') + std::string(200'000, ']');
  const auto receiver = from_json<Receiver>({{"name", "x"}, {"with", nlohmann::json::parse(text)}});
  REQUIRE_FALSE(receiver);
  CHECK(receiver.error().message == "the document is nested deeper than 64 levels");
}

TEST_CASE("the schema of a declared struct takes no other keys") {
  const auto schema = Receiver::shape().schema();
  CHECK(schema["type"] == "object");
  CHECK(schema["additionalProperties"] == false);
  CHECK(schema["required"] == nlohmann::json{"name"});
  CHECK(schema["properties"]["timeout"]["default"] == "10s");
  CHECK(schema["properties"]["timeout"]["description"] == "For one attempt.");
  CHECK(schema["properties"]["retries"]["items"]["properties"]["attempts"]["maximum"] == 10);
}

TEST_CASE("the reference page has a row for each key, with default and bounds") {
  const auto text = Receiver::shape().markdown();
  CHECK(text.find("### Receiver\n\nWhere a webhook goes.\n") == 0);
  CHECK(text.find("| `name` | text | required | Used by policies to name it. (length at least 1) |\n") !=
        std::string::npos);
  CHECK(text.find("| `timeout` | duration (`90s`, `10m`, `72h`, `7d`) | `10s` | For one attempt. (100ms to 2m) |\n") !=
        std::string::npos);
  // A bar would open another column.
  CHECK(text.find("Either `a` \\| `b`.") != std::string::npos);
}

TEST_CASE("the reference page tells of shapes inside shapes, each once") {
  const auto text = Receiver::shape().markdown();
  const auto found = text.find("### Retry\n\nHow often.\n");
  REQUIRE(found != std::string::npos);
  CHECK(text.find("### Retry", found + 1) == std::string::npos);
  CHECK(text.find("| `attempts` | whole number | `3` | In all. (1 to 10) |", found) != std::string::npos);
}
