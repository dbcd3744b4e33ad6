#include "daemon/core/address.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace penstock::core {
namespace {

// What stands alone before their host is a login, whose key is elsewhere, or a container of Azure's, and part of the
// address. Before any other host it may be a token: that is how git takes one over https.
constexpr std::array<std::string_view, 7> schemes_with_names = {"ssh",   "git+ssh", "sftp", "abfs",
                                                                "abfss", "wasb",    "wasbs"};

// How the names of such parameters end: X-Amz-Signature, X-Amz-Credential and X-Amz-Security-Token (AWS,
// "Authenticating Requests: Using Query Parameters"), X-Goog-Signature and X-Goog-Credential (Google Cloud Storage,
// "Signed URLs"), Signature (the older forms of both), sig (Azure, "Create a service SAS"), access_token,
// private_token, client_secret.
constexpr std::array<std::string_view, 6> ends_of_names = {"signature", "credential", "token",
                                                           "sig",       "secret",     "password"};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (auto& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

// Of "see https://host": what follows the last character that no scheme has (RFC 3986 §3.1).
std::string scheme_before(std::string_view text) {
  auto lower = lower_case(text);
  return lower.substr(lower.find_last_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") + 1);
}

void leave_out_user(std::string& address, std::size_t colon) {
  const auto host = colon + 3;
  // A blank ends it too: the words of a label that follow an address are none of it.
  const auto end = std::min(address.find_first_of("/?# ", host), address.size());
  const auto at = address.substr(host, end - host).rfind('@');
  if (at == std::string::npos) return;
  const bool is_alone = address.find(':', host) > host + at;
  const auto scheme = scheme_before(std::string_view(address).substr(0, colon));
  if (is_alone && std::find(schemes_with_names.begin(), schemes_with_names.end(), scheme) != schemes_with_names.end())
    return;
  address.erase(host, at + 1);
}

bool lets_in(std::string_view parameter) {
  const auto equals = parameter.find('=');
  if (equals == std::string_view::npos) return false;
  const auto name = lower_case(parameter.substr(0, equals));
  return std::any_of(ends_of_names.begin(), ends_of_names.end(), [&](auto end) { return name.ends_with(end); });
}

void leave_out_parameters(std::string& address, std::size_t colon) {
  const auto begin = address.find('?', colon);
  if (begin == std::string::npos) return;
  const auto end = std::min(address.find('#', begin), address.size());
  std::string kept;
  for (auto start = begin + 1; start <= end;) {
    const auto stop = std::min(address.find('&', start), end);
    const auto parameter = address.substr(start, stop - start);
    if (!lets_in(parameter)) kept += (kept.empty() ? '?' : '&') + parameter;
    start = stop + 1;
  }
  address.replace(begin, end - begin, kept);
}

}  // namespace

std::string without_credentials(std::string address) {
  const auto first = address.find("://");
  if (first == std::string::npos) return address;
  for (auto colon = first; colon != std::string::npos; colon = address.find("://", colon + 1))
    leave_out_user(address, colon);
  leave_out_parameters(address, first);
  return address;
}

}  // namespace penstock::core
