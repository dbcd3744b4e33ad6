// What Penstock lends to a plugin. A plugin's row in the catalog names the tools it needs; reaching for another one is
// refused with a Problem. All calls block the calling thread and end by their own deadline.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/candidate.hpp"
#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"
#include "plugins/sdk/http.hpp"
#include "plugins/sdk/process.hpp"

namespace penstock::sdk {

// The content-addressed store: one copy of each artifact, that every gate and delivery sees.
class Artifacts {
 public:
  virtual ~Artifacts() = default;
  // The folder of the candidate's files, read-only; fetched through the candidate's source when it is not there yet.
  // Problem "digest-mismatch" when what the source gave is not what the candidate says.
  virtual core::Result<std::filesystem::path> open(const core::Candidate& candidate) = 0;
  // Fetches anew from the source, compares the digest, and throws the copy away: is it still there, and how long does
  // it take?
  virtual core::Result<core::Duration> prove_fetchable(const core::Candidate& candidate, core::Time deadline) = 0;
};

// Penstock's own worker programs (installed beside penstockd), for hostile bytes: see daemon/runtime/worker.hpp.
struct Workers {
  std::filesystem::path folder;
};

// Secrets and addresses that an operator configured under a name: receivers and registries of penstock.yaml.
struct Endpoint {
  std::string name;
  std::string kind;    // "webhook", "mlflow", …
  std::string url;     // no trailing slash
  std::string secret;  // signing secret
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
  virtual std::optional<std::string> from_base64(std::string_view text) const = 0;  // strict; nothing when it is not
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
