// What Penstock lends to a plugin. A plugin's row in the catalog names the tools it needs; reaching for another one is
// refused with a Problem. All calls block the calling thread and end by their own deadline.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/candidate.hpp"
#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::sdk {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::string body;
  core::Duration timeout = std::chrono::seconds(10);  // for the whole exchange
  std::size_t max_body = 1 << 20;                     // bytes of the answer; more is a Problem, never a cut-off text
  // Loopback, private, link-local and unique-local addresses are refused unless this is set (SSRF; OWASP API7).
  bool allow_private = false;
  // "user:password" for HTTP Basic; kept apart from headers so that it is never logged.
  std::string basic_auth;
  std::string bearer_token;
  // When set, the body is written to this file (which must not exist) instead of into the response.
  std::filesystem::path body_to;
};

struct HttpResponse {
  int status = 0;
  Headers headers;  // names in lower case
  std::string body;
  core::Duration took{};
  std::string header(const std::string& name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
};

// Redirects are not followed. A Problem is "no answer": code "unreachable", "timeout", "too-large", "address-refused".
class Http {
 public:
  virtual ~Http() = default;
  virtual core::Result<HttpResponse> send(const HttpRequest& request) = 0;
};

struct ProcessRequest {
  std::vector<std::string> argv;  // argv[0] is an absolute path; no shell, no search of PATH
  std::string input;              // written to stdin, which is then closed
  std::map<std::string, std::string> environment;  // all of it: nothing is inherited
  std::filesystem::path directory;                 // working directory
  core::Duration timeout = std::chrono::minutes(1);
  std::size_t max_output = 1 << 20;  // bytes of stdout; more kills the process group and is a Problem
  std::size_t max_errors = 64 << 10;  // bytes of stderr that are kept (the last ones)
  std::size_t max_memory = 0;  // bytes of address space, 0 = no limit
  std::size_t max_file = 0;    // bytes of any file it writes, 0 = no limit
};

struct ProcessResult {
  int exit_code = 0;   // meaningful when signal == 0
  int signal = 0;
  std::string output;
  std::string errors;
  core::Duration took{};
};

// The process is a group of its own; the deadline kills the whole group. Code "timeout", "too-large", "cannot-start".
class Process {
 public:
  virtual ~Process() = default;
  virtual core::Result<ProcessResult> run(const ProcessRequest& request) = 0;
};

// The content-addressed store: one copy of each artifact, that every gate and delivery sees.
class Artifacts {
 public:
  virtual ~Artifacts() = default;
  // The folder of the candidate's files, read-only; fetched through the candidate's source when it is not there yet.
  // Problem "digest-mismatch" when what the source gave is not what the candidate says.
  virtual core::Result<std::filesystem::path> open(const core::Candidate& candidate) = 0;
  // Fetches anew from the source, compares the digest, and throws the copy away: is it still there, and how long does it take?
  virtual core::Result<core::Duration> prove_fetchable(const core::Candidate& candidate, core::Time deadline) = 0;
};

// Penstock's own worker programs (installed beside penstockd), for hostile bytes: see daemon/runtime/worker.hpp.
struct Workers {
  std::filesystem::path folder;
};

// Secrets and addresses that an operator configured under a name: receivers and registries of penstock.yaml.
struct Endpoint {
  std::string name;
  std::string kind;     // "webhook", "mlflow", …
  std::string url;      // no trailing slash
  std::string secret;   // signing secret
  std::string basic_auth;
  std::string bearer_token;
  bool allow_private = false;
  std::map<std::string, std::string> options;  // per kind: "workspace", "receipt", …
};
class Endpoints {
 public:
  virtual ~Endpoints() = default;
  // Problem "unknown-endpoint" names the ones there are.
  virtual core::Result<Endpoint> find(const std::string& name) const = 0;
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual core::Time now() const = 0;
};

// Folders that an operator opened to gates, by name: `definitions` (beside the gate definitions) and those under
// `data_roots` of penstock.yaml. A path is resolved inside its root; one that leaves it (.. or a link) is a Problem.
class Folders {
 public:
  virtual ~Folders() = default;
  virtual core::Result<std::filesystem::path> resolve(const std::string& root, const std::string& relative) const = 0;
  // A fresh empty folder that is removed when the check ends.
  virtual core::Result<std::filesystem::path> scratch() = 0;
};

// SHA-256 and HMAC-SHA256, so that no plugin brings its own.
class Crypto {
 public:
  virtual ~Crypto() = default;
  virtual core::Digest sha256(std::string_view bytes) const = 0;
  virtual std::string hmac_sha256(std::string_view key, std::string_view bytes) const = 0;  // 32 raw bytes
  virtual std::string base64(std::string_view bytes) const = 0;
};

struct Tools {
  Http& http;
  Process& process;
  Artifacts& artifacts;
  Endpoints& endpoints;
  Folders& folders;
  Clock& clock;
  Crypto& crypto;
  Workers workers;
};

}  // namespace penstock::sdk
