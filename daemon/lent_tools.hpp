// The tools behind a lease. Internal to lending.
#pragma once

#include <memory>
#include <mutex>

#include "daemon/lending.hpp"

namespace penstock {

class LentClock : public sdk::Clock {
 public:
  explicit LentClock(runtime::Clock& clock) : clock_(clock) {}
  core::Time now() const override { return clock_.now(); }

 private:
  runtime::Clock& clock_;
};

class LentCrypto : public sdk::Crypto {
 public:
  core::Digest sha256(std::string_view bytes) const override;
  std::string hmac_sha256(std::string_view key, std::string_view bytes) const override;
  std::string base64(std::string_view bytes) const override;
  std::optional<std::string> from_base64(std::string_view text) const override;
};

// Those of all endpoints that were named: with each go its secrets.
class LentEndpoints : public sdk::Endpoints {
 public:
  LentEndpoints(const std::vector<sdk::Endpoint>& all, std::vector<std::string> lent)
      : all_(all), lent_(std::move(lent)) {}
  core::Result<sdk::Endpoint> find(const std::string& name) const override;

 private:
  const std::vector<sdk::Endpoint>& all_;
  std::vector<std::string> lent_;
};

// One per lease: its scratch folders are removed with it.
class LentFolders : public sdk::Folders {
 public:
  LentFolders(const std::map<std::string, std::filesystem::path>& roots, runtime::ContentStore& store)
      : roots_(roots), store_(store) {}
  ~LentFolders() override;
  core::Result<std::filesystem::path> resolve(const std::string& root, const std::string& relative) const override;
  core::Result<std::filesystem::path> scratch() override;

 private:
  const std::map<std::string, std::filesystem::path>& roots_;
  runtime::ContentStore& store_;
  std::vector<std::filesystem::path> scratch_;
};

// Who fetches an artifact now: gates that want the same one wait for the first, and find it in the store.
class FetchTurns {
 public:
  std::shared_ptr<std::timed_mutex> of(const core::Digest& digest);

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<std::timed_mutex>> turns_;  // by the digest's text
};

// One per lease: fetches end by its deadline.
class LentArtifacts : public sdk::Artifacts {
 public:
  LentArtifacts(LendingParts& parts, Lending& lending, FetchTurns& turns, core::Time deadline)
      : parts_(parts), lending_(lending), turns_(turns), deadline_(deadline) {}
  core::Result<std::filesystem::path> open(const core::Candidate& candidate) override;
  core::Result<core::Duration> prove_fetchable(const core::Candidate& candidate, core::Time deadline) override;

 private:
  core::Result<void> fetch(const core::Candidate& candidate, const std::filesystem::path& folder, core::Time deadline);

  LendingParts& parts_;
  Lending& lending_;
  FetchTurns& turns_;
  core::Time deadline_;
};

// What is lent in place of a tool that the kind's row does not name.
class NoHttp : public sdk::Http {
  core::Result<sdk::HttpResponse> send(const sdk::HttpRequest& request) override;
};
class NoProcess : public sdk::Process {
  core::Result<sdk::ProcessResult> run(const sdk::ProcessRequest& request) override;
};
class NoArtifacts : public sdk::Artifacts {
  core::Result<std::filesystem::path> open(const core::Candidate& candidate) override;
  core::Result<core::Duration> prove_fetchable(const core::Candidate& candidate, core::Time deadline) override;
};
class NoEndpoints : public sdk::Endpoints {
  core::Result<sdk::Endpoint> find(const std::string& name) const override;
};
class NoFolders : public sdk::Folders {
  core::Result<std::filesystem::path> resolve(const std::string& root, const std::string& relative) const override;
  core::Result<std::filesystem::path> scratch() override;
};

}  // namespace penstock
