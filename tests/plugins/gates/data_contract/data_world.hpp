// A gate data-contract with the real worker, the real child process and real folders around it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "daemon/runtime/child_process.hpp"
#include "daemon/runtime/digest.hpp"
#include "plugins/gates/data_contract/data_contract.hpp"

namespace penstock::gates::data_contract::test {

namespace fs = std::filesystem;

class Clock : public sdk::Clock {
 public:
  core::Time now() const override { return std::chrono::floor<core::Duration>(std::chrono::system_clock::now()); }
};

class RefusingHttp : public sdk::Http {
 public:
  core::Result<sdk::HttpResponse> send(const sdk::HttpRequest&) override { return core::Problem{"not-lent", "http"}; }
};

class NoEndpoints : public sdk::Endpoints {
 public:
  core::Result<sdk::Endpoint> find(const std::string&) const override { return core::Problem{"not-lent", "endpoints"}; }
};

class Crypto : public sdk::Crypto {
 public:
  core::Digest sha256(std::string_view bytes) const override { return runtime::sha256(bytes); }
  std::string hmac_sha256(std::string_view key, std::string_view bytes) const override {
    return runtime::hmac_sha256(key, bytes);
  }
  std::string base64(std::string_view bytes) const override { return runtime::base64(bytes); }
  std::optional<std::string> from_base64(std::string_view text) const override { return runtime::from_base64(text); }
};

// The artifact of every candidate is one folder.
class OneArtifact : public sdk::Artifacts {
 public:
  explicit OneArtifact(fs::path folder) : folder_(std::move(folder)) {}
  core::Result<fs::path> open(const core::Candidate&) override { return folder_; }
  core::Result<core::Duration> prove_fetchable(const core::Candidate&, core::Time) override {
    return core::Duration(1);
  }

 private:
  fs::path folder_;
};

class Folders : public sdk::Folders {
 public:
  explicit Folders(fs::path root) : root_(std::move(root)) {}
  core::Result<fs::path> resolve(const std::string& root, const std::string& relative) const override {
    if (root != "definitions" && root != "data") return core::Problem{"unknown-folder", "there is no folder " + root};
    const auto base = fs::canonical(root_ / root);
    const auto path = fs::weakly_canonical(base / relative);
    if (std::mismatch(base.begin(), base.end(), path.begin(), path.end()).first != base.end())
      return core::Problem{"outside-folder", "`" + relative + "` leaves the folder"};
    return path;
  }
  core::Result<fs::path> scratch() override {
    fs::create_directories(root_ / "scratch");
    return root_ / "scratch";
  }

 private:
  fs::path root_;
};

class DataWorld {
 public:
  DataWorld() : root_(fresh_folder()), artifacts_(root_ / "artifact"), folders_(root_) {
    for (const auto* name : {"definitions", "data", "artifact"}) fs::create_directories(root_ / name);
    request.candidate.model = "wine";
    request.candidate.version = "1";
    request.candidate.artifact = core::Artifact{runtime::sha256("files"), "models:/wine/1"};
    request.candidate.data_sets["training"] = "wine.csv";
    request.deadline = clock_.now() + std::chrono::seconds(60);
  }
  ~DataWorld() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  DataWorld(const DataWorld&) = delete;
  DataWorld& operator=(const DataWorld&) = delete;

  void write(const std::string& path, const std::string& content) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << content;
  }
  // The contract of the definitions, and the candidate's training data.
  void contract(const std::string& text) { write("definitions/wine.yaml", text); }
  void data(const std::string& text) { write("data/wine.csv", text); }

  static nlohmann::json settings(const nlohmann::json& more = nlohmann::json::object()) {
    nlohmann::json with{{"contract", "wine.yaml"}, {"data", "${candidate.data_sets.training}"}, {"data_from", "data"}};
    with.update(more);
    return with;
  }

  core::Result<sdk::GateAnswer> try_check(const nlohmann::json& more = nlohmann::json::object()) {
    const auto gate = data_contract_kind().make(settings(more));
    if (!gate) return gate.error();
    auto tools = lend();
    return (*gate)->check(request, tools);
  }

  sdk::GateAnswer check(const nlohmann::json& more = nlohmann::json::object()) {
    auto answer = try_check(more);
    if (!answer) throw std::runtime_error(core::to_text(answer.error()));
    return std::move(*answer);
  }

  sdk::Tools lend() { return {http_, process_, artifacts_, endpoints_, folders_, clock_, crypto_, {workers}}; }

  const fs::path& root() const { return root_; }
  sdk::GateRequest request;
  fs::path workers = fs::path(PENSTOCK_BINARY_DIR) / "bin";

 private:
  static fs::path fresh_folder() {
    std::string pattern = (fs::temp_directory_path() / "penstock-data-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return pattern;
  }

  fs::path root_;
  RefusingHttp http_;
  runtime::ChildProcess process_;
  OneArtifact artifacts_;
  NoEndpoints endpoints_;
  Folders folders_;
  Clock clock_;
  Crypto crypto_;
};

// A contract with one object `wine`. Everything is given as indented YAML below its key.
inline std::string contract_with(const std::string& properties, const std::string& object = "",
                                 const std::string& version = "v3.1.0", const std::string& top = "") {
  return "apiVersion: " + version +
         "\nkind: DataContract\nid: wine-contract\nname: wine\nversion: 1.0.0\nstatus: active\n" + top +
         "schema:\n  - name: wine\n" + object + (properties.empty() ? "" : "    properties:\n" + properties);
}

inline nlohmann::json report_of(const sdk::GateAnswer& answer) {
  for (const auto& document : answer.evidence)
    if (document.name == "report.json") return nlohmann::json::parse(document.content);
  return nullptr;
}

// One check of the report; null when there is none of that id.
inline nlohmann::json check_of(const sdk::GateAnswer& answer, const std::string& id) {
  const auto report = report_of(answer);
  for (const auto& check : report.at("checks"))
    if (check.at("id") == id) return check;
  return nullptr;
}

inline std::string state_of(const sdk::GateAnswer& answer, const std::string& id) {
  const auto check = check_of(answer, id);
  return check.is_null() ? "absent" : check.at("state").get<std::string>();
}

// The ids of all checks in one of the states.
inline std::vector<std::string> ids_in(const sdk::GateAnswer& answer, const std::string& state) {
  std::vector<std::string> ids;
  const auto report = report_of(answer);
  for (const auto& check : report.at("checks"))
    if (check.at("state") == state) ids.push_back(check.at("id"));
  return ids;
}

}  // namespace penstock::gates::data_contract::test
