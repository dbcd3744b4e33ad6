// A delivery with a peer whose answers the test writes, and which keeps what it was sent.
#pragma once

#include <deque>
#include <filesystem>

#include "daemon/runtime/digest.hpp"
#include "plugins/sdk/delivery.hpp"

namespace penstock::deliveries::test {

using namespace std::chrono_literals;

class Peer : public sdk::Http {
 public:
  core::Result<sdk::HttpResponse> send(const sdk::HttpRequest& request) override {
    requests.push_back(request);
    if (answers.empty()) return core::Problem{"unreachable", "nobody answers", "", "", true};
    auto answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }
  void answer(int status, std::string body = "", sdk::Headers headers = {}) {
    sdk::HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    answers.emplace_back(std::move(response));
  }
  std::deque<core::Result<sdk::HttpResponse>> answers;
  std::vector<sdk::HttpRequest> requests;
};

class World : sdk::Process, sdk::Artifacts, sdk::Endpoints, sdk::Folders, sdk::Clock, sdk::Crypto {
 public:
  World() {
    endpoint.name = "peer";
    endpoint.url = "https://peer.example.com/hook";
    endpoint.secret = "a-secret-of-at-least-24-bytes";
    request.promotion = "prm_1";
    request.lane = {"fraud", "production"};
    request.candidate.model = "fraud";
    request.candidate.version = "7";
    request.candidate.registry = {{"kind", "mlflow"}, {"name", "fraud"}, {"version", "7"}};
    request.delivery = "serving";
    request.key = "deliver/prm_1/serving/1";
    request.deadline = time + 1min;
  }
  sdk::DeliveryOutcome deliver(const sdk::Delivery& delivery) { return delivery.deliver(request, tools); }

  Peer peer;
  sdk::Endpoint endpoint;
  sdk::DeliveryRequest request;
  core::Time time{1'795'219'200'000ms};
  sdk::Tools tools{peer, *this, *this, *this, *this, *this, *this, {}};

 private:
  static core::Problem unused() { return {"not-lent", "no delivery uses this"}; }
  core::Result<sdk::ProcessResult> run(const sdk::ProcessRequest&) override { return unused(); }
  core::Result<std::filesystem::path> open(const core::Candidate&) override { return unused(); }
  core::Result<core::Duration> prove_fetchable(const core::Candidate&, core::Time) override { return unused(); }
  core::Result<std::filesystem::path> resolve(const std::string&, const std::string&) const override {
    return unused();
  }
  core::Result<std::filesystem::path> scratch() override { return unused(); }
  core::Result<sdk::Endpoint> find(const std::string& name) const override {
    if (name == endpoint.name) return endpoint;
    return core::Problem{"unknown-endpoint", "there is no endpoint `" + name + "`"};
  }
  core::Time now() const override { return time; }
  core::Digest sha256(std::string_view bytes) const override { return runtime::sha256(bytes); }
  std::string hmac_sha256(std::string_view key, std::string_view bytes) const override {
    return runtime::hmac_sha256(key, bytes);
  }
  std::string base64(std::string_view bytes) const override { return runtime::base64(bytes); }
  std::optional<std::string> from_base64(std::string_view text) const override { return runtime::from_base64(text); }
};

}  // namespace penstock::deliveries::test
