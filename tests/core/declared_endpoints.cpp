#include "daemon/core/declared.hpp"
#include "tests/catch.hpp"

using namespace penstock::core;
using namespace penstock::core::declared;

namespace {

struct Copy {
  EndpointName to;
  static const Shape<Copy>& shape() {
    static const auto shape =
        Shape<Copy>("Copy", "One more.").required("to", &Copy::to, "Where to.", {.endpoint_kinds = {"mlflow"}});
    return shape;
  }
};

struct Sender {
  EndpointName receiver;
  std::optional<EndpointName> any;
  std::vector<EndpointName> others;
  std::map<std::string, Copy> copies;
  std::string text;
  static const Shape<Sender>& shape() {
    static const auto shape = Shape<Sender>("Sender", "Sends.")
                                  .required("receiver", &Sender::receiver, "Whom.", {.endpoint_kinds = {"webhook"}})
                                  .optional("any", &Sender::any, "Of any kind.")
                                  .optional("others", &Sender::others, "More.", {.endpoint_kinds = {"webhook", "http"}})
                                  .optional("copies", &Sender::copies, "By name.")
                                  .optional("text", &Sender::text, "No endpoint.");
    return shape;
  }
};

const EndpointKinds known{{"main", "mlflow"}, {"serving", "webhook"}, {"staging", "http"}};

std::vector<std::string> problems(const nlohmann::json& document) {
  Faults faults;
  check_endpoints(any_shape<Sender>().endpoints(value_of_json(document), "with"), known, faults);
  std::vector<std::string> texts;
  for (const auto& fault : faults) texts.push_back(fault.path + ": " + fault.message);
  return texts;
}

}  // namespace

TEST_CASE("endpoints that are there, of the kind that is needed, are no problem wherever they are named") {
  CHECK(problems({{"receiver", "serving"},
                  {"any", "main"},
                  {"others", {"serving", "staging"}},
                  {"copies", {{"a", {{"to", "main"}}}}},
                  {"text", "nowhere"}})
            .empty());
}

TEST_CASE("an endpoint that is not there is told with the one that was meant, or with those there are") {
  CHECK(problems({{"receiver", "servnig"}}) ==
        std::vector<std::string>{"with.receiver: there is no endpoint `servnig`, did you mean `serving`?"});
  CHECK(problems({{"receiver", "platform"}}) ==
        std::vector<std::string>{"with.receiver: there is no endpoint `platform`; there is `serving`"});
  CHECK(problems({{"any", "platform"}}) ==
        std::vector<std::string>{"with.any: there is no endpoint `platform`; there are `main`, `serving`, `staging`"});
}

TEST_CASE("a name inside lists and mappings is found, with its place") {
  CHECK(problems({{"others", {"serving", "gone"}}, {"copies", {{"a", {{"to", "gone"}}}}}}) ==
        std::vector<std::string>{"with.others[1]: there is no endpoint `gone`; there are `serving`, `staging`",
                                 "with.copies.a.to: there is no endpoint `gone`; there is `main`"});
}

TEST_CASE("an endpoint of another kind than the field takes is refused") {
  CHECK(problems({{"receiver", "main"}}) ==
        std::vector<std::string>{
            "with.receiver: the endpoint `main` is of the kind mlflow, needed is webhook; there is `serving`"});
}

TEST_CASE("without any endpoint of the kind the message says what to configure") {
  Faults faults;
  check_endpoints({{"gone", {"webhook", "http"}, {3, 7}, "receiver"}}, {{"main", "mlflow"}}, faults);
  REQUIRE(faults.size() == 1);
  CHECK(to_text(faults[0], "p.yaml") ==
        "p.yaml:3:7: receiver: there is no endpoint `gone`; configure one of the kind webhook or http under "
        "`endpoints` of penstock.yaml");
}

TEST_CASE("the reader tells what is no name of an endpoint, and the search for names passes it over") {
  Faults faults;
  const nlohmann::json document{{"receiver", 3}, {"others", "serving"}, {"copies", {{"a", 1}}}};
  Sender::shape().read(value_of_json(document), "", faults);
  CHECK(faults.size() == 3);
  CHECK(problems(document).empty());
  CHECK(problems("serving").empty());
  faults.clear();
  Sender::shape().read(value_of_json({{"receiver", ""}}), "", faults);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].path == "receiver");
}

TEST_CASE("for editors an endpoint's name is a text that is not empty") {
  CHECK(Sender::shape().schema()["properties"]["receiver"] ==
        nlohmann::json{{"type", "string"}, {"minLength", 1}, {"description", "Whom."}});
}
