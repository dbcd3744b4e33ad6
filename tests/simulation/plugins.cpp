#include "tests/simulation/plugins.hpp"

#include "daemon/runtime/digest.hpp"
#include "plugins/deliveries/webhook.hpp"
#include "plugins/notifiers/webhook.hpp"
#include "tests/simulation/peers.hpp"
#include "tests/simulation/registry.hpp"

namespace penstock::simulation {
namespace {

using core::Problem;
using core::Result;
using nlohmann::json;

struct Asking {
  std::string host;
  static const core::declared::Shape<Asking>& shape() {
    static const auto shape =
        core::declared::Shape<Asking>("asks", "Asks somebody.").required("host", &Asking::host, "Who is asked.");
    return shape;
  }
};

class AskingGate : public sdk::Gate {
 public:
  explicit AskingGate(std::string host) : host_(std::move(host)) {}
  Result<sdk::GateAnswer> check(const sdk::GateRequest& request, sdk::Tools& tools) const override {
    sdk::HttpRequest http;
    http.method = "POST";
    http.timeout = core::Duration(std::chrono::minutes(10));
    http.url = "http://" + host_ + "/check";
    http.body = json{{"check", check_name(request.promotion, request.gate, request.attempt)}}.dump();
    const auto response = tools.http.send(http);
    if (!response) return response.error();
    const auto said = json::parse(response->body, nullptr, false);
    const auto verdict = said.is_object() ? core::value_of<core::Verdict>(said.value("verdict", "")) : std::nullopt;
    if (response->status != 200 || !verdict)
      return Problem{"no-verdict", "status " + std::to_string(response->status) + " and no verdict", host_, "", true};
    sdk::GateAnswer answer;
    answer.finding.verdict = *verdict;
    answer.finding.observed = std::string(core::name_of(*verdict));
    answer.finding.needed = "passed";
    answer.finding.source = host_;
    return answer;
  }

 private:
  const std::string host_;
};

class SeenDelivery : public sdk::Delivery {
 public:
  SeenDelivery(std::unique_ptr<sdk::Delivery> delivery, std::function<void(const std::string& key)> acts)
      : delivery_(std::move(delivery)), acts_(std::move(acts)) {}
  sdk::DeliveryOutcome deliver(const sdk::DeliveryRequest& request, sdk::Tools& tools) const override {
    acts_(request.key);
    return delivery_->deliver(request, tools);
  }
  sdk::Look look(const sdk::DeliveryRequest& request, sdk::Tools& tools) const override {
    return delivery_->look(request, tools);
  }

 private:
  const std::unique_ptr<sdk::Delivery> delivery_;
  const std::function<void(const std::string& key)> acts_;
};

Problem not_lent() { return {"not-lent", "the simulation lends nothing of the kind", "", "", false}; }

struct Refusing : sdk::Process, sdk::Artifacts, sdk::Folders {
  Result<sdk::ProcessResult> run(const sdk::ProcessRequest&) override { return not_lent(); }
  Result<std::filesystem::path> open(const core::Candidate&) override { return not_lent(); }
  Result<core::Duration> prove_fetchable(const core::Candidate&, core::Time) override { return not_lent(); }
  Result<std::filesystem::path> resolve(const std::string&, const std::string&) const override { return not_lent(); }
  Result<std::filesystem::path> scratch() override { return not_lent(); }
};

struct Crypto : sdk::Crypto {
  core::Digest sha256(std::string_view bytes) const override { return runtime::sha256(bytes); }
  std::string hmac_sha256(std::string_view key, std::string_view bytes) const override {
    return runtime::hmac_sha256(key, bytes);
  }
  std::string base64(std::string_view bytes) const override { return runtime::base64(bytes); }
  std::optional<std::string> from_base64(std::string_view text) const override { return runtime::from_base64(text); }
};

class SimulatedLease : public sdk::Lease, sdk::Http, sdk::Endpoints, sdk::Clock {
 public:
  SimulatedLease(Machine& machine, Network& network, const std::vector<sdk::Endpoint>& endpoints, core::Time deadline)
      : machine_(machine), network_(network), endpoints_(endpoints), deadline_(deadline) {}
  sdk::Tools& tools() override { return tools_; }

 private:
  Result<sdk::HttpResponse> send(const sdk::HttpRequest& request) override {
    return network_.exchange(machine_, request, deadline_ - machine_.now());
  }
  Result<sdk::Endpoint> find(const std::string& name) const override {
    for (const auto& endpoint : endpoints_)
      if (endpoint.name == name) return endpoint;
    return not_lent();
  }
  core::Time now() const override { return machine_.now(); }

  Machine& machine_;
  Network& network_;
  const std::vector<sdk::Endpoint>& endpoints_;
  const core::Time deadline_;
  Refusing refusing_;
  Crypto crypto_;
  sdk::Tools tools_{*this, refusing_, refusing_, *this, refusing_, *this, crypto_, {}};
};

}  // namespace

const std::vector<sdk::GateKind>& gate_kinds() {
  static const std::vector<sdk::GateKind> kinds = [] {
    sdk::GateKind asks{
        "asks", "Asks somebody.", core::declared::any_shape<Asking>(), {sdk::Capability::http}, false, false, {}, {}};
    asks.make = [](const json& with) -> Result<std::unique_ptr<sdk::Gate>> {
      return std::make_unique<AskingGate>(with.at("host").get<std::string>());
    };
    return std::vector<sdk::GateKind>{asks};
  }();
  return kinds;
}

std::vector<sdk::DeliveryKind> delivery_kinds(const std::function<void(const std::string& key)>& acts) {
  std::vector<sdk::DeliveryKind> kinds{deliveries::webhook_kind(), alias_kind()};
  for (auto& kind : kinds)
    kind.make = [make = kind.make, acts](const json& with) -> Result<std::unique_ptr<sdk::Delivery>> {
      auto made = make(with);
      if (!made) return made.error();
      return std::make_unique<SeenDelivery>(std::move(*made), acts);
    };
  return kinds;
}

const std::vector<sdk::NotifierKind>& notifier_kinds() {
  static const std::vector<sdk::NotifierKind> kinds{notifiers::webhook_kind()};
  return kinds;
}

std::unique_ptr<sdk::Lease> SimulatedLender::lend(const sdk::Loan&, core::Time deadline) {
  return std::make_unique<SimulatedLease>(machine_, network_, endpoints_, deadline);
}

}  // namespace penstock::simulation
