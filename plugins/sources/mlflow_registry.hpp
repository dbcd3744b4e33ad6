// What an MLflow tracking server says about model versions, runs and logged models, read over its REST interface.
// Tried against 2.22 and 3.17. Fields that are not named here are ignored, 64-bit numbers may come as text (protobuf
// JSON), answers are bounded in size and depth, and redirects are not followed.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugins/sdk/source.hpp"

namespace penstock::sources {

struct ModelVersion {
  std::string name;
  std::string version;
  std::int64_t created = 0;  // milliseconds since 1970, the server's clock
  std::string user;
  std::string source;
  std::string run_id;
  std::string model_id;  // of the logged model (3.x)
  std::string status;    // "READY", "PENDING_REGISTRATION", "FAILED_REGISTRATION"; READY when the server does not say
  std::string status_message;
  std::map<std::string, std::string> tags;
  std::map<std::string, double> metrics;
  // Prompts live among the model versions and are told apart by a tag.
  bool is_prompt() const;
};

struct VersionPage {
  std::vector<ModelVersion> versions;
  std::string next_page;  // empty at the last page
};

struct Run {
  std::string user;
  std::string artifact_uri;
  std::map<std::string, std::string> tags;
  std::map<std::string, double> metrics;
};

// One poll's or fetch's use of the server. Every call ends by the deadline given here. A Problem is transient when the
// server was away, failed (5xx) or answered what is not MLflow's JSON (a proxy's error page); refused access is not.
class MlflowRegistry {
 public:
  MlflowRegistry(sdk::Endpoint endpoint, sdk::SourceTools& tools, core::Time deadline)
      : endpoint_(std::move(endpoint)), tools_(tools), deadline_(deadline) {}

  // Newest first (creation_timestamp DESC). `name` limits the search to one model; empty = all models.
  core::Result<VersionPage> newest(int page_size, const std::string& page, const std::string& name);
  // Nothing when the server does not have it (404).
  core::Result<std::optional<ModelVersion>> version(const std::string& name, const std::string& version);
  core::Result<std::optional<Run>> run(const std::string& run_id);
  core::Result<std::optional<std::string>> logged_model_uri(const std::string& model_id);
  // Where the version's files are, as the server resolves it.
  core::Result<std::string> download_uri(const std::string& name, const std::string& version);

  using Query = std::vector<std::pair<std::string, std::string>>;
  // GET <endpoint><path>?<query>; nothing for 404.
  core::Result<std::optional<nlohmann::json>> get(const std::string& path, const Query& query);
  // GET <endpoint><path> into a file that must not exist.
  core::Result<void> download(const std::string& path, const std::filesystem::path& file, std::uint64_t max_bytes);

  const std::string& url() const { return endpoint_.url; }
  core::Duration remaining() const;

 private:
  sdk::HttpRequest request(const std::string& path) const;
  core::Problem refused(int status, const std::string& body, const std::string& path) const;

  sdk::Endpoint endpoint_;
  sdk::SourceTools& tools_;
  core::Time deadline_;
};

// RFC 3986 percent-encoding of everything but unreserved characters and, when asked, slashes.
std::string percent_encode(const std::string& text, bool keep_slashes = false);

}  // namespace penstock::sources
