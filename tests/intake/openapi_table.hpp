// Compares a table of routes with the OpenAPI document made of it, row by row and back.
#pragma once

#include <algorithm>
#include <cctype>
#include <set>

#include "daemon/intake/openapi.hpp"
#include "tests/catch.hpp"

namespace penstock::intake {

using nlohmann::json;

inline std::set<std::string> names_in(const json& operation, const std::string& place) {
  std::set<std::string> names;
  for (const auto& parameter : operation.value("parameters", json::array()))
    if (parameter["in"] == place) names.insert(parameter["name"].get<std::string>());
  return names;
}

inline void require_described(const Routes& routes) {
  const auto document = openapi_document(routes, "1.2.3");
  std::size_t operations = 0;
  for (const auto& [path, item] : document["paths"].items()) operations += item.size();
  CHECK(operations == routes.size());

  for (const auto& row : routes) {
    INFO(row.operation);
    auto method = row.method;
    for (auto& letter : method) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    REQUIRE(document["paths"].contains(row.path));
    REQUIRE(document["paths"][row.path].contains(method));
    const auto& operation = document["paths"][row.path][method];
    CHECK(operation["operationId"] == row.operation);
    CHECK(operation["summary"] == row.summary);
    std::set<std::string> query;
    for (const auto& parameter : row.query) query.insert(parameter.name);
    CHECK(names_in(operation, "query") == query);
    CHECK(names_in(operation, "header") ==
          std::set<std::string>(row.request_headers.begin(), row.request_headers.end()));
    for (const auto& name : names_in(operation, "path")) CHECK(row.path.find("{" + name + "}") != std::string::npos);
    CHECK(names_in(operation, "path").size() ==
          static_cast<std::size_t>(std::count(row.path.begin(), row.path.end(), '{')));
    for (const auto& [status, meaning] : row.answers)
      CHECK(operation["responses"][std::to_string(status)]["description"] == meaning);
    CHECK(operation["responses"].contains("default"));
    CHECK(operation.contains("requestBody") == (!row.request_schema.is_null() || row.access == Access::hook));
    if (!row.request_schema.is_null())
      CHECK(operation["requestBody"]["content"]["application/json"]["schema"] == row.request_schema);
    const bool needs_token = row.access == Access::caller || row.access == Access::person;
    CHECK(operation["security"] == (row.access == Access::open ? json::array()
                                    : needs_token              ? json::parse(R"([{"bearer": []}])")
                                                               : json::parse(R"([{"signature": []}])")));
    CHECK(operation["responses"].contains("401") == (needs_token || row.answers.contains(401)));
    CHECK(operation["responses"].contains("403") == (row.access == Access::person || row.answers.contains(403)));
  }
}

inline void require_refusals_are_problems(const json& document) {
  CHECK(document["openapi"] == "3.1.0");
  CHECK(document["components"]["securitySchemes"].contains("bearer"));
  CHECK(document["components"]["securitySchemes"].contains("signature"));
  for (const auto& [path, item] : document["paths"].items())
    for (const auto& [method, operation] : item.items())
      for (const auto& [status, answer] : operation["responses"].items()) {
        INFO(path << " " << method << " " << status);
        const bool is_refusal = status == "default" || status >= "400";
        if (!is_refusal && answer.contains("content"))
          CHECK(document["components"]["schemas"].contains(
              answer["content"]["application/json"]["schema"]["$ref"].get<std::string>().substr(21)));
        CHECK((answer.contains("content") || !is_refusal));
        if (is_refusal)
          CHECK(answer["content"]["application/problem+json"]["schema"]["$ref"] == "#/components/schemas/Problem");
      }
}

}  // namespace penstock::intake
