#include "daemon/intake/router.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "daemon/intake/router_decode.hpp"

namespace penstock::intake {
namespace {

Refusal refusal(int status, std::string code, std::string message, std::string hint = "") {
  return {status, {std::move(code), std::move(message), {}, std::move(hint)}};
}

std::optional<Refusal> check_query(const Route& route, const std::map<std::string, std::string>& query) {
  for (const auto& [key, value] : query) {
    const bool known = std::any_of(route.query.begin(), route.query.end(),
                                   [&](const QueryParameter& parameter) { return parameter.name == key; });
    if (known) continue;
    std::string names;
    for (const auto& parameter : route.query) names += (names.empty() ? "`" : ", `") + parameter.name + "`";
    return refusal(400, "invalid-request", "unknown query key `" + key + "`",
                   names.empty() ? route.path + " takes none" : route.path + " knows " + names);
  }
  return std::nullopt;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& letter : result)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return result;
}

const std::string* find_header(const Head& head, std::string_view name) {
  for (const auto& [key, value] : head.headers)
    if (key == name) return &value;
  return nullptr;
}

// application/json or a +json type; no charset but UTF-8, because JSON has no other (RFC 8259 §8.1).
bool is_json(std::string_view content_type) {
  auto text = lower(content_type);
  text.erase(
      std::remove_if(text.begin(), text.end(), [](char byte) { return byte == ' ' || byte == '\t' || byte == '"'; }),
      text.end());
  const auto semicolon = std::min(text.find(';'), text.size());
  const auto type = std::string_view(text).substr(0, semicolon);
  const auto parameters = std::string_view(text).substr(semicolon);
  const auto charset = parameters.find("charset=");
  if (charset != std::string_view::npos && parameters.substr(charset + 8, 5) != "utf-8") return false;
  return type == "application/json" ||
         (type.size() > 17 && type.substr(0, 12) == "application/" && type.substr(type.size() - 5) == "+json");
}

}  // namespace

std::vector<Router::Segment> Router::read_template(const std::string& path) {
  std::vector<Segment> segments;
  for (std::size_t start = 1; start <= path.size();) {
    const auto slash = std::min(path.find('/', start), path.size());
    auto text = path.substr(start, slash - start);
    const bool is_parameter = text.size() > 2 && text.front() == '{' && text.back() == '}';
    if (is_parameter) text = text.substr(1, text.size() - 2);
    segments.push_back({std::move(text), is_parameter});
    start = slash + 1;
  }
  return segments;
}

Router::Router(Routes routes) : routes_(std::move(routes)) {
  std::set<std::string> operations;
  std::set<std::string> shapes;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const auto& route = routes_[i];
    const auto name = route.method + " " + route.path;
    if (route.path.empty() || route.path[0] != '/')
      throw std::invalid_argument("route " + name + ": the path must begin with /");
    if (!route.handler) throw std::invalid_argument("route " + name + " has no handler");
    if (!operations.insert(route.operation).second)
      throw std::invalid_argument("route " + name + ": the operation " + route.operation + " is used twice");
    rows_.push_back({read_template(route.path), i});
    std::string shape = route.method;
    for (const auto& segment : rows_.back().segments) shape += segment.is_parameter ? "/{}" : "/" + segment.text;
    if (!shapes.insert(shape).second) throw std::invalid_argument("route " + name + " is in the table twice");
  }
  std::stable_sort(rows_.begin(), rows_.end(), [](const Row& left, const Row& right) {
    return std::lexicographical_compare(
        left.segments.begin(), left.segments.end(), right.segments.begin(), right.segments.end(),
        [](const Segment& a, const Segment& b) { return !a.is_parameter && b.is_parameter; });
  });
}

bool Router::fits(const Row& row, const std::vector<std::string>& segments) {
  if (row.segments.size() != segments.size()) return false;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto& wanted = row.segments[i];
    if (wanted.is_parameter ? segments[i].empty() : segments[i] != wanted.text) return false;
  }
  return true;
}

std::variant<Router::Match, Refusal> Router::find(std::string_view method, std::string_view target) const {
  const auto mark = std::min(target.find('?'), target.size());
  auto segments = split_path(target.substr(0, mark));
  if (!segments) return Refusal{400, segments.error()};

  const Row* found = nullptr;
  const Row* found_get = nullptr;
  std::set<std::string> allowed;
  for (const auto& row : rows_) {
    if (!fits(row, *segments)) continue;
    const auto& route = routes_[row.route];
    allowed.insert(route.method);
    if (route.method == "GET") allowed.insert("HEAD");
    if (found == nullptr && route.method == method) found = &row;
    if (found_get == nullptr && route.method == "GET") found_get = &row;
  }
  if (found == nullptr && method == "HEAD") found = found_get;
  if (found == nullptr && allowed.empty())
    return refusal(404, "not-found", "there is nothing at this path", "GET /openapi.json lists what there is");
  if (found == nullptr) {
    std::string names;
    for (const auto& name : allowed) names += (names.empty() ? "" : ", ") + name;
    auto result = refusal(405, "method-not-allowed", std::string(method) + " is not possible here", "use " + names);
    result.headers.emplace_back("Allow", names);
    return result;
  }

  Match match;
  match.route = &routes_[found->route];
  if (mark < target.size()) {
    auto query = split_query(target.substr(mark + 1));
    if (!query) return Refusal{400, query.error()};
    if (auto problem = check_query(*match.route, *query)) return *problem;
    match.query = std::move(*query);
  }
  for (std::size_t i = 0; i < segments->size(); ++i) {
    match.path += "/" + (*segments)[i];
    if (found->segments[i].is_parameter) match.parameters.emplace(found->segments[i].text, std::move((*segments)[i]));
  }
  return match;
}

std::optional<Refusal> Router::check_body(const Route& route, const BodyPlan& plan, const Head& head) {
  if (plan.kind == BodyPlan::Kind::none) return std::nullopt;
  // A hook's body is whatever its sender signs: the route itself reads it.
  const bool is_hook = route.access == Access::hook;
  const auto name = route.method + " " + route.path;
  if (route.request_schema.is_null() && !is_hook)
    return refusal(400, "invalid-request", name + " takes no body", "send none, and no Content-Length but 0");
  if (plan.kind == BodyPlan::Kind::sized && plan.length > route.max_body)
    return refusal(413, "too-large",
                   "the body has " + std::to_string(plan.length) + " bytes; " + name + " takes at most " +
                       std::to_string(route.max_body));
  if (is_hook) return std::nullopt;
  const auto* type = find_header(head, "content-type");
  if (type == nullptr || !is_json(*type))
    return refusal(415, "unsupported-media-type",
                   type == nullptr ? "the body has no Content-Type" : "the body's Content-Type is not JSON in UTF-8",
                   "send Content-Type: application/json");
  const auto* encoding = find_header(head, "content-encoding");
  if (encoding != nullptr && lower(*encoding) != "identity")
    return refusal(415, "unsupported-media-type", "the body has a Content-Encoding", "send it uncompressed");
  return std::nullopt;
}

}  // namespace penstock::intake
