// What a source needs around it: a folder, a clock, cryptography, endpoints. All real.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "daemon/runtime/digest.hpp"
#include "plugins/sdk/source.hpp"

namespace penstock::sources::test {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "penstock-sources-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

inline void write_file(const fs::path& file, const std::string& content) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
}

inline std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class WallClock : public sdk::Clock {
 public:
  core::Time now() const override {
    return std::chrono::floor<core::Duration>(std::chrono::system_clock::now()) + shift;
  }
  core::Duration shift{};
};

class OpenSslCrypto : public sdk::Crypto {
 public:
  core::Digest sha256(std::string_view bytes) const override { return runtime::sha256(bytes); }
  std::string hmac_sha256(std::string_view key, std::string_view bytes) const override {
    return runtime::hmac_sha256(key, bytes);
  }
  std::string base64(std::string_view bytes) const override { return runtime::base64(bytes); }
  std::optional<std::string> from_base64(std::string_view text) const override { return runtime::from_base64(text); }
};

class NamedEndpoints : public sdk::Endpoints {
 public:
  core::Result<sdk::Endpoint> find(const std::string& name) const override {
    const auto found = endpoints.find(name);
    if (found == endpoints.end()) return core::Problem{"unknown-endpoint", "no endpoint " + name, "", "", false};
    return found->second;
  }
  std::map<std::string, sdk::Endpoint> endpoints;
};

// For sources that do not speak HTTP through Penstock.
class NoHttp : public sdk::Http {
 public:
  core::Result<sdk::HttpResponse> send(const sdk::HttpRequest&) override {
    throw std::logic_error("this source asked for HTTP");
  }
};

struct SourceWorld {
  TemporaryFolder folder;
  WallClock clock;
  OpenSslCrypto crypto;
  NamedEndpoints endpoints;
  NoHttp no_http;
  sdk::SourceTools tools;

  SourceWorld() : SourceWorld(nullptr) {}
  explicit SourceWorld(sdk::Http* http)
      : tools{http == nullptr ? no_http : *http, endpoints, clock, crypto, folder.path() / "scratch"} {
    fs::create_directories(tools.scratch);
  }
  core::Time in(core::Duration duration) const { return clock.now() + duration; }
  fs::path empty_folder(const std::string& name) const {
    const auto path = folder.path() / name;
    fs::create_directories(path);
    return path;
  }
};

template <class T>
std::string why(const core::Result<T>& result) {
  return result ? "" : core::to_text(result.error());
}

}  // namespace penstock::sources::test
