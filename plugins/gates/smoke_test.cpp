#include "plugins/gates/smoke_test.hpp"

#include <algorithm>
#include <set>

#include "plugins/gates/smoke_test_address.hpp"
#include "plugins/gates/smoke_test_expectations.hpp"
#include "plugins/gates/variables.hpp"

namespace penstock::gates {
namespace {

using core::declared::Shape;

struct SmokeRequest {
  std::string name;
  std::string method = "GET";
  std::string path;
  std::map<std::string, std::string> headers;
  nlohmann::json body;
  Expectations expect;
  static const Shape<SmokeRequest>& shape() {
    using R = SmokeRequest;
    static const auto shape =
        Shape<R>("SmokeRequest", "One request. Text may hold variables: `${candidate.version}`, `${lane.environment}`.")
            .required("name", &R::name, "Names it in findings.", {.min_length = 1, .max_length = 100})
            .optional("method", &R::method, "The HTTP method.", {.one_of = {"GET", "POST", "PUT", "HEAD"}})
            .optional("path", &R::path,
                      "Added to the target; begins with a slash. Without it, the target itself is asked.",
                      {.min_length = 1})
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

// What the evidence keeps of one answer's body, and of all of them: a document of evidence has at most 8 MiB.
constexpr std::size_t longest_body = 64 << 10;
constexpr std::size_t all_bodies = 1 << 20;

bool is_content_type(const std::string& header) {
  return header.size() == 12 && std::equal(header.begin(), header.end(), "content-type", [](char a, char b) {
           return a == b || (a >= 'A' && a <= 'Z' && a + 32 == b);
         });
}

class SmokeTest : public sdk::Gate {
 public:
  explicit SmokeTest(Configuration configuration) : configuration_(std::move(configuration)) {}

  core::Result<sdk::GateAnswer> check(const sdk::GateRequest& request, sdk::Tools& tools) const override {
    const auto base = target(request, tools);
    if (!base) return base.error();
    sdk::GateAnswer answer;
    auto& finding = answer.finding;
    finding.source = base->url;
    finding.needed = "every expectation met";
    auto transcript = nlohmann::json::array();
    for (const auto& one : configuration_.requests) {
      auto http = *base;
      if (auto filled = fill(http, one, request); !filled) return in(one, filled.error());
      const auto expect = fill_in(one.expect, request);
      if (!expect) return in(one, expect.error());
      const auto left = std::max<core::Duration>(request.deadline - tools.clock.now(), core::Duration(0));
      http.timeout = std::min<core::Duration>(left, expect->latency + std::chrono::seconds(5));
      const auto response = tools.http.send(http);
      if (!response) {
        // What was seen to be wrong stays wrong, whatever the rest would have been.
        if (count_failed(finding) == 0) return in(one, response.error());
        finding.details.push_back(
            {one.name + "/answer", core::Verdict::inconclusive, to_text(response.error()), "an answer", http.url});
        break;
      }
      for (auto& detail : compare(one.name, *expect, *response, http.method + " " + http.url))
        finding.details.push_back(std::move(detail));
      transcript.push_back(entry(one.name, http, *response));
    }
    conclude(finding, transcript.size());
    answer.evidence.push_back(
        {"answers.json", "application/json", transcript.dump(2, ' ', false, nlohmann::json::error_handler_t::replace)});
    return answer;
  }

 private:
  static std::size_t count_failed(const core::Finding& finding) {
    return static_cast<std::size_t>(
        std::count_if(finding.details.begin(), finding.details.end(),
                      [](const core::Detail& detail) { return detail.verdict == core::Verdict::failed; }));
  }

  static void conclude(core::Finding& finding, std::size_t answers) {
    const auto failed = count_failed(finding);
    finding.verdict = failed == 0 ? core::Verdict::passed : core::Verdict::failed;
    finding.observed = std::to_string(finding.details.size() - failed) + " of " +
                       std::to_string(finding.details.size()) + " expectations met by " + std::to_string(answers) +
                       " answers";
    if (failed != 0) finding.next = "compare the answers in the evidence with what callers rely on";
  }

  // The problem, and which request met it.
  static core::Problem in(const SmokeRequest& one, core::Problem problem) {
    problem.message = "request `" + one.name + "`: " + problem.message;
    return problem;
  }

  // Each answer has its share of the evidence. Writing it as JSON makes a byte six at most.
  nlohmann::json entry(const std::string& name, const sdk::HttpRequest& http, const sdk::HttpResponse& response) const {
    const auto kept = std::min(longest_body, all_bodies / configuration_.requests.size());
    nlohmann::json entry{{"name", name},
                         {"method", http.method},
                         {"url", http.url},
                         {"status", response.status},
                         {"took", core::to_text(response.took)},
                         {"body", response.body.substr(0, kept)},
                         {"body_bytes", response.body.size()}};
    if (response.body.size() > kept) entry["body_kept"] = kept;
    return entry;
  }

  core::Result<sdk::HttpRequest> target(const sdk::GateRequest& request, sdk::Tools& tools) const {
    sdk::HttpRequest http;
    if (configuration_.endpoint.empty()) {
      auto url = fill_target(configuration_.target, request);
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
    const auto path = fill_path(one.path, request);
    if (!path) return path.error();
    http.url = join_url(std::move(http.url), *path);
    bool has_type = false;
    for (const auto& [name, value] : one.headers) {
      const auto filled = fill_in(value, request, Escape::none);
      if (!filled) return filled.error();
      http.headers.emplace_back(name, *filled);
      has_type = has_type || is_content_type(name);
    }
    if (one.body.is_null()) return core::Result<void>();
    const auto body = fill_in(one.body.dump(), request, Escape::json);
    if (!body) return body.error();
    http.body = *body;
    if (!has_type) http.headers.emplace_back("Content-Type", "application/json");
    return core::Result<void>();
  }

  Configuration configuration_;
};

core::Result<void> check_request(const SmokeRequest& request) {
  if (auto checked = check_path(request.path); !checked) return checked.error();
  for (const auto& [name, value] : request.headers)
    if (auto known = check_variables(value); !known) return known.error();
  if (auto known = check_variables(request.body.dump()); !known) return known.error();
  return check(request.expect);
}

core::Result<std::unique_ptr<sdk::Gate>> make(const nlohmann::json& with) {
  auto configuration = core::declared::from_json<Configuration>(with);
  if (!configuration) return configuration.error();
  const auto invalid = [](std::string message, std::string hint) {
    return core::Problem{"invalid-document", std::move(message), "smoke-test", std::move(hint)};
  };
  if (configuration->target.empty() == configuration->endpoint.empty())
    return invalid("exactly one of `target` and `endpoint` is needed", "write the one that is meant");
  if (configuration->endpoint.empty())
    if (auto checked = check_target(configuration->target); !checked) return checked.error();
  std::set<std::string> names;
  for (const auto& request : configuration->requests) {
    if (!names.insert(request.name).second)
      return invalid("two requests have the name " + request.name, "give each its own: findings are named after them");
    if (auto checked = check_request(request); !checked) {
      auto problem = checked.error();
      problem.where = "smoke-test, request " + request.name;
      return problem;
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
