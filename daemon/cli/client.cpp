#include "daemon/cli/client.hpp"

#include <cctype>
#include <cstdlib>
#include <fstream>

#include "daemon/core/json_text.hpp"

namespace penstock::cli {
namespace {

std::string environment(const char* name) {
  const auto* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_address(const std::string& url) {
  for (const std::string scheme : {"http://", "https://"})
    if (url.starts_with(scheme)) return url.size() > scheme.size() && url[scheme.size()] != '/';
  return false;
}

// What stands in the environment or in a file, without the end of its line. A token is visible ASCII (RFC 6750 §2.1).
core::Result<std::string> token_of(std::string text, const std::string& from) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.pop_back();
  if (text.empty()) return core::Problem{"usage", "it holds no token", from, "write the token into it", false};
  for (const char c : text)
    if (c <= ' ' || c > '~')
      return core::Problem{"usage", "what it holds is no token: there is a space or a control character in it", from,
                           "write nothing but the token into it", false};
  return text;
}

core::Result<std::string> token_from_environment() {
  if (auto token = environment("PENSTOCK_TOKEN"); !token.empty()) return token_of(std::move(token), "PENSTOCK_TOKEN");
  const auto file = environment("PENSTOCK_TOKEN_FILE");
  if (file.empty()) return std::string();
  std::ifstream stream(file);
  if (!stream)
    return core::Problem{"usage", "the token file cannot be read", file, "name a readable file in PENSTOCK_TOKEN_FILE",
                         false};
  std::string line;
  std::getline(stream, line);
  return token_of(std::move(line), file);
}

core::Problem no_penstock(const std::string& message, const std::string& url) {
  return {"not-penstock", message, url, "does PENSTOCK_URL name a Penstock, and nothing in front of it?", false};
}

}  // namespace

core::Result<Client> Client::from_environment() {
  auto url = environment("PENSTOCK_URL");
  if (url.empty()) url = "http://127.0.0.1:8087";
  return at(std::move(url), "PENSTOCK_URL");
}

core::Result<Client> Client::at(std::string url, const std::string& from) {
  // Not shown: it may hold a password.
  if (!is_address(url))
    return core::Problem{"usage", "it is no address", from, "write it as http://host:port or https://host", false};
  while (url.back() == '/') url.pop_back();
  auto token = token_from_environment();
  if (!token) return token.error();
  return Client(std::move(url), std::move(*token));
}

core::Result<Answer> Client::get(const std::string& path, const std::string& accept, core::Duration timeout) {
  sdk::HttpRequest request;
  request.url = url_ + path;
  request.headers = {{"Accept", accept}};
  request.timeout = timeout;
  return send(std::move(request));
}

core::Result<Answer> Client::post(const std::string& path, const nlohmann::json& body, const sdk::Headers& headers,
                                  core::Duration timeout) {
  sdk::HttpRequest request;
  request.method = "POST";
  request.url = url_ + path;
  request.headers = headers;
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = body.dump();
  request.timeout = timeout;
  return send(std::move(request));
}

core::Result<Answer> Client::send(sdk::HttpRequest request) {
  // The operator named this address: it may well be a private one.
  request.allow_private = true;
  request.bearer_token = token_;
  request.max_body = std::size_t{64} << 20;
  // get() puts what it accepts first.
  const bool wants_json = request.method != "GET" || request.headers.front().second == "application/json";
  auto response = http_.send(request);
  if (!response) {
    auto problem = response.error();
    if (problem.code == "unreachable" || problem.code == "timeout") {
      problem.hint = "is the daemon running, and does PENSTOCK_URL name it?";
    } else {
      problem.hint = "PENSTOCK_URL names a daemon as http://host:port or https://host";
    }
    return problem;
  }
  Answer answer{response->status, nullptr, response->body, response->header("etag")};
  if (wants_json || answer.status >= 300)
    if (auto document = core::read_json(response->body)) answer.document = std::move(*document);
  if (answer.status >= 300 && answer.status < 400)
    return no_penstock("the answer " + std::to_string(answer.status) + " leads elsewhere, and is not followed", url_);
  if (wants_json && answer.status < 300 && !answer.document.is_object())
    return no_penstock("the answer " + std::to_string(answer.status) + " is not JSON as Penstock writes it", url_);
  return answer;
}

Exit exit_for(int status) {
  if (status < 400) return Exit::done;
  if (status == 401 || status == 403) return Exit::not_allowed;
  if (status == 409 || status == 412 || status == 428) return Exit::conflict;
  if (status == 400 || status == 404 || status == 422) return Exit::usage;
  return Exit::unexpected;
}

std::string refusal_text(const Answer& answer) {
  std::string text = std::to_string(answer.status);
  if (!answer.document.is_object()) return text + ": " + answer.text.substr(0, 500);
  const auto member = [&](const char* key) {
    const auto found = answer.document.find(key);
    return found != answer.document.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  text += ": " + member("detail");
  if (const auto where = member("where"); !where.empty()) text += " (" + where + ")";
  if (const auto hint = member("hint"); !hint.empty()) text += "\n  next: " + hint;
  return text;
}

std::string escaped(const std::string& text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    if (plain) {
      result += c;
    } else {
      result += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return result;
}

}  // namespace penstock::cli
