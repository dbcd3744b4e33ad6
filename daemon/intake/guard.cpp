#include "daemon/intake/guard.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace penstock::intake {
namespace {

using Values = std::vector<std::string_view>;

Refusal malformed(std::string message, std::string hint = "") {
  return {400, {"malformed-request", std::move(message), {}, std::move(hint)}};
}

Values values_of(const Head& head, std::string_view name) {
  Values values;
  for (const auto& [key, value] : head.headers)
    if (key == name) values.push_back(value);
  return values;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& letter : result)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return result;
}

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char byte) { return byte >= '0' && byte <= '9'; });
}

// The comma-separated members of a field (RFC 9110 §5.6.1), in lower case, empty ones kept.
std::vector<std::string> list_of(std::string_view value) {
  std::vector<std::string> members;
  for (std::size_t start = 0; start <= value.size();) {
    const auto comma = std::min(value.find(',', start), value.size());
    auto member = value.substr(start, comma - start);
    while (!member.empty() && (member.front() == ' ' || member.front() == '\t')) member.remove_prefix(1);
    while (!member.empty() && (member.back() == ' ' || member.back() == '\t')) member.remove_suffix(1);
    members.push_back(lower(member));
    start = comma + 1;
  }
  return members;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  if (text.empty()) return true;  // RFC 3986 §3.2.3 allows "host:"
  return text.size() <= 5 && is_digits(text) &&
         std::from_chars(text.data(), text.data() + text.size(), port).ec == std::errc() && port <= 65535;
}

// A name, an IPv4 address or a bracketed IPv6 address, and perhaps a port: narrower than RFC 3986 §3.2.2, so that no
// proxy can take a part of it for something else.
bool is_host(std::string_view host) {
  if (host.empty()) return false;
  constexpr std::string_view hex_digits = "0123456789abcdefABCDEF";
  if (host.front() == '[') {
    const auto close = host.find(']');
    if (close == std::string_view::npos || close < 3) return false;
    const auto address = host.substr(1, close - 1);
    const bool is_address = std::all_of(address.begin(), address.end(), [&](char byte) {
      return byte == ':' || byte == '.' || hex_digits.find(byte) != std::string_view::npos;
    });
    const auto rest = host.substr(close + 1);
    return is_address && address.find(':') != std::string_view::npos &&
           (rest.empty() || (rest[0] == ':' && is_port(rest.substr(1))));
  }
  const auto colon = host.find(':');
  const auto name = host.substr(0, colon);
  const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           byte == '-' || byte == '.' || byte == '_' || byte == '~';
  });
  return is_name && (colon == std::string_view::npos || is_port(host.substr(colon + 1)));
}

std::optional<Refusal> check_host(const Head& head) {
  const auto hosts = values_of(head, "host");
  if (hosts.size() > 1) return malformed("the request has more than one Host field");
  if (hosts.empty()) {
    if (head.version == 10) return std::nullopt;
    return malformed("the request has no Host field", "HTTP/1.1 needs one (RFC 9112 §3.2)");
  }
  if (!is_host(hosts[0])) return malformed("the Host field is not a host name or address with an optional port");
  return std::nullopt;
}

// Fields that decide something here and have one value by their definition: given twice, two readers pick different
// ones.
std::optional<Refusal> check_singles(const Head& head) {
  constexpr std::array<std::string_view, 6> singles = {"authorization",   "content-type",  "content-encoding",
                                                       "idempotency-key", "last-event-id", "expect"};
  for (const auto& name : singles)
    if (values_of(head, name).size() > 1)
      return malformed("the request has more than one " + std::string(name) + " field");
  return std::nullopt;
}

std::optional<Refusal> check_transfer_encoding(const Head& head, const Values& codings) {
  if (head.version == 10) return malformed("HTTP/1.0 has no Transfer-Encoding");
  if (codings.size() > 1) return malformed("the request has more than one Transfer-Encoding field");
  const auto members = list_of(codings[0]);
  if (members.size() == 1 && members[0] == "chunked") return std::nullopt;
  const bool chunked_once = std::count(members.begin(), members.end(), "chunked") == 1 && members.back() == "chunked";
  const bool has_empty = std::find(members.begin(), members.end(), "") != members.end();
  if (chunked_once && !has_empty) {
    // Well framed, but with a coding that is not decoded here (RFC 9112 §6.1).
    auto refusal = malformed("the request has a transfer coding other than chunked", "send the body uncompressed");
    refusal.status = 501;
    return refusal;
  }
  return malformed("the Transfer-Encoding is not `chunked`");
}

std::variant<BodyPlan, Refusal> plan_of(const Head& head) {
  BodyPlan plan;
  const auto codings = values_of(head, "transfer-encoding");
  const auto lengths = values_of(head, "content-length");
  if (!codings.empty()) {
    if (!lengths.empty()) return malformed("the request has both Transfer-Encoding and Content-Length");
    if (auto refusal = check_transfer_encoding(head, codings)) return *refusal;
    plan.kind = BodyPlan::Kind::chunked;
    return plan;
  }
  if (lengths.empty()) return plan;
  if (lengths.size() > 1) return malformed("the request has more than one Content-Length field");
  const auto text = lengths[0];
  const bool is_canonical = !text.empty() && is_digits(text) && (text.size() == 1 || text[0] != '0');
  if (!is_canonical || text.size() > 18) return malformed("the Content-Length is not a plain decimal number");
  std::from_chars(text.data(), text.data() + text.size(), plan.length);
  if (plan.length > 0) plan.kind = BodyPlan::Kind::sized;
  return plan;
}

}  // namespace

std::variant<BodyPlan, Refusal> check_head(const Head& head) {
  if (auto refusal = check_host(head)) return *refusal;
  if (auto refusal = check_singles(head)) return *refusal;
  auto judged = plan_of(head);
  auto* plan = std::get_if<BodyPlan>(&judged);
  if (plan == nullptr) return judged;

  bool close = false;
  bool keep = head.version == 11;
  for (const auto& value : values_of(head, "connection"))
    for (const auto& member : list_of(value)) {
      if (member == "close") close = true;
      if (member == "keep-alive") keep = true;
    }
  plan->keep_alive = keep && !close;

  for (const auto& value : values_of(head, "expect")) {
    if (head.version == 10) break;  // RFC 9110 §10.1.1: ignored
    if (lower(value) != "100-continue") {
      auto refusal = malformed("the only expectation known here is 100-continue");
      refusal.status = 417;
      return refusal;
    }
    plan->expects_continue = true;
  }
  return judged;
}

}  // namespace penstock::intake
