#include "plugins/gates/smoke_test.hpp"

#include "plugins/gates/smoke_test_expectations.hpp"
#include "plugins/gates/variables.hpp"

namespace penstock::gates {
namespace {

using core::declared::Shape;

struct SmokeRequest {
  std::string name;
  std::string method = "GET";
  std::string path = "/";
  std::map<std::string, std::string> headers;
  nlohmann::json body;
  Expectations expect;
  static const Shape<SmokeRequest>& shape() {
    using R = SmokeRequest;
    static const auto shape =
        Shape<R>("SmokeRequest", "One request. Text may hold variables: `${candidate.version}`, `${lane.environment}`.")
            .required("name", &R::name, "Names it in findings.", {.min_length = 1, .max_length = 100})
            .optional("method", &R::method, "The HTTP method.", {.one_of = {"GET", "POST", "PUT", "HEAD"}})
            .optional("path", &R::path, "Added to the target; begins with a slash.", {.min_length = 1})
            .optional("headers", &R::headers, "Request headers. No secrets: use an endpoint for those.")
            .optional("body", &R::body, "Sent as JSON.")
            .optional("expect", &R::expect, "What the answer must be.");
    return shape;
  }
};

struct Configuration {
  std::string target;
  core::declared::EndpointName endpoint;
  bool allow_private = false;
  std::vector<SmokeRequest> requests;
  static const Shape<Configuration>& shape() {
    using C = Configuration;
    static const auto shape =
        Shape<C>("smoke-test", "Sends HTTP requests to where the candidate is integrated, and compares the answers.")
            .optional("target", &C::target, "The base URL, for example `https://staging.example.com/score`.")
            .optional("endpoint", &C::endpoint,
                      "Instead of `target`: an endpoint of penstock.yaml, with its credentials.")
            .optional("allow_private", &C::allow_private, "Whether `target` may be a loopback or private address.")
            .required("requests", &C::requests, "Sent one after another; all must be answered as expected.",
                      {.min_length = 1, .max_length = 100});
    return shape;
  }
};

class SmokeTest : public sdk::Gate {
 public:
  explicit SmokeTest(Configuration configuration) : configuration_(std::move(configuration)) {}

  core::Result<sdk::GateAnswer> check(const sdk::GateRequest& request, sdk::Tools& tools) const override {
    const auto base = target(request, tools);
    if (!base) return base.error();
    sdk::GateAnswer answer;
    auto& finding = answer.finding;
    auto transcript = nlohmann::json::array();
    for (const auto& one : configuration_.requests) {
      auto http = *base;
      if (auto filled = fill(http, one, request); !filled) return filled.error();
      const auto left = request.deadline - tools.clock.now();
      http.timeout = std::min<core::Duration>(left, one.expect.latency + std::chrono::seconds(5));
      const auto response = tools.http.send(http);
      if (!response) return response.error();
      for (auto& detail : compare(one.name, one.expect, *response, http.method + " " + http.url))
        finding.details.push_back(std::move(detail));
      transcript.push_back({{"name", one.name},
                            {"method", http.method},
                            {"url", http.url},
                            {"status", response->status},
                            {"took", core::to_text(response->took)},
                            {"body", response->body.substr(0, 64 << 10)}});
    }
    std::size_t failed = 0;
    for (const auto& detail : finding.details)
      if (detail.verdict == core::Verdict::failed) ++failed;
    finding.verdict = failed == 0 ? core::Verdict::passed : core::Verdict::failed;
    finding.observed = std::to_string(finding.details.size() - failed) + " of " +
                       std::to_string(finding.details.size()) + " expectations met by " +
                       std::to_string(configuration_.requests.size()) + " requests";
    finding.needed = "every expectation met";
    finding.source = base->url;
    if (failed != 0) finding.next = "compare the answers in the evidence with what callers rely on";
    answer.evidence.push_back(
        {"answers.json", "application/json", transcript.dump(2, ' ', false, nlohmann::json::error_handler_t::replace)});
    return answer;
  }

 private:
  core::Result<sdk::HttpRequest> target(const sdk::GateRequest& request, sdk::Tools& tools) const {
    sdk::HttpRequest http;
    if (configuration_.endpoint.empty()) {
      auto url = fill_in(configuration_.target, request, Escape::url);
      if (!url) return url.error();
      http.url = *url;
      http.allow_private = configuration_.allow_private;
    } else {
      const auto endpoint = tools.endpoints.find(configuration_.endpoint.text);
      if (!endpoint) return endpoint.error();
      http.url = endpoint->url;
      http.allow_private = endpoint->allow_private;
      http.basic_auth = endpoint->basic_auth;
      http.bearer_token = endpoint->bearer_token;
    }
    return http;
  }

  static core::Result<void> fill(sdk::HttpRequest& http, const SmokeRequest& one, const sdk::GateRequest& request) {
    http.method = one.method;
    const auto path = fill_in(one.path, request, Escape::url);
    if (!path) return path.error();
    http.url += *path;
    for (const auto& [name, value] : one.headers) {
      const auto filled = fill_in(value, request, Escape::none);
      if (!filled) return filled.error();
      http.headers.emplace_back(name, *filled);
    }
    if (one.body.is_null()) return core::Result<void>();
    const auto body = fill_in(one.body.dump(), request, Escape::json);
    if (!body) return body.error();
    http.body = *body;
    http.headers.emplace_back("Content-Type", "application/json");
    return core::Result<void>();
  }

  Configuration configuration_;
};

core::Result<std::unique_ptr<sdk::Gate>> make(const nlohmann::json& with) {
  auto configuration = core::declared::from_json<Configuration>(with);
  if (!configuration) return configuration.error();
  const auto invalid = [](std::string message, std::string where) {
    return core::Problem{"invalid-document", std::move(message), std::move(where), "", false};
  };
  if (configuration->target.empty() == configuration->endpoint.empty())
    return invalid("exactly one of `target` and `endpoint` is needed", "smoke-test");
  for (const auto& request : configuration->requests) {
    if (request.path.front() != '/') return invalid("`path` must begin with a slash", request.name);
    for (const auto& expected : request.expect.json) {
      try {
        nlohmann::json::json_pointer{expected.at};
      } catch (const nlohmann::json::exception&) {
        return invalid("`" + expected.at + "` is no JSON Pointer: write \"\" for the whole document, or /key/0",
                       request.name);
      }
    }
  }
  return std::make_unique<SmokeTest>(std::move(*configuration));
}

}  // namespace

sdk::GateKind smoke_test_kind() {
  sdk::GateKind kind;
  kind.kind = "smoke-test";
  kind.description = "The candidate answers real requests where it is integrated.";
  kind.configuration = core::declared::any_shape<Configuration>();
  kind.needs = {sdk::Capability::http, sdk::Capability::endpoints};
  kind.make = make;
  return kind;
}

}  // namespace penstock::gates
