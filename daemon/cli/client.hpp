// Talks to the daemon over HTTP, as whoever the token in the environment is.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "daemon/core/result.hpp"
#include "daemon/runtime/http_client.hpp"

namespace penstock::cli {

// The exit statuses of every command (told by `penstock --help`).
enum class Exit {
  done = 0,
  unexpected = 1,
  usage = 2,        // wrong use, or a file with problems
  denied = 3,       // the policy said no: rejected, expired, superseded, vetoed
  not_allowed = 4,  // not authenticated or not authorised
  pending = 5,      // still under way when --timeout ended
  conflict = 6,     // stale digest, or not possible in this phase
  unreachable = 7,  // no answer from the daemon
};

struct Answer {
  int status = 0;
  nlohmann::json document;  // null when the answer is not JSON
  std::string text;
  std::string etag;
};

class Client {
 public:
  // `url` and `token` come from PENSTOCK_URL and PENSTOCK_TOKEN (or PENSTOCK_TOKEN_FILE): a token is never an argument.
  static core::Result<Client> from_environment();
  // The same, but for a daemon whose address came from elsewhere: `from` says where.
  static core::Result<Client> at(std::string url, const std::string& from);

  // Problem "unreachable" when there is no answer; any HTTP status is an answer.
  core::Result<Answer> get(const std::string& path, const std::string& accept = "application/json",
                           core::Duration timeout = std::chrono::seconds(30));
  core::Result<Answer> post(const std::string& path, const nlohmann::json& body, const sdk::Headers& headers = {},
                            core::Duration timeout = std::chrono::seconds(30));
  const std::string& url() const { return url_; }

 private:
  Client(std::string url, std::string token) : url_(std::move(url)), token_(std::move(token)) {}
  core::Result<Answer> send(sdk::HttpRequest request);

  std::string url_;
  std::string token_;
  runtime::HttpClient http_;
};

// The exit status that a refusal of the daemon stands for.
Exit exit_for(int status);
// "403: message (where): hint", from a problem document.
std::string refusal_text(const Answer& answer);
// Percent-encodes one path segment or query value.
std::string escaped(const std::string& text);

}  // namespace penstock::cli
