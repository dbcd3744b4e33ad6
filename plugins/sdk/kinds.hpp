// A row of the catalog: everything Penstock knows about a kind of plugin before one is configured.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/declared.hpp"
#include "plugins/sdk/delivery.hpp"
#include "plugins/sdk/gate.hpp"
#include "plugins/sdk/notifier.hpp"
#include "plugins/sdk/source.hpp"

namespace penstock::sdk {

enum class Capability { http, process, artifacts, endpoints, folders, workers };

struct GateKind {
  std::string kind;
  std::string description;
  core::declared::AnyShape configuration;
  std::vector<Capability> needs;
  // True for a gate that only computes, on the candidate alone, in well under a millisecond: it is not handed to a
  // thread.
  bool instant = false;
  // True for a gate that tells whether the files are whole and what they seem to be: no emergency goes without it.
  bool proves_integrity = false;
  // `with` was checked against `configuration`. A Problem is what only the gate itself can see (a bad regular
  // expression).
  std::function<core::Result<std::unique_ptr<Gate>>(const nlohmann::json& with)> make;
  // Optional: what can only be seen by trying, at load time (does the program answer --describe?). Blocks.
  std::function<core::Result<void>(const nlohmann::json& with, Tools& tools)> verify;
};

struct SourceKind {
  std::string kind;
  std::string description;
  core::declared::AnyShape configuration;
  std::function<core::Result<std::unique_ptr<Source>>(const std::string& name, const nlohmann::json& with)> make;
};

struct DeliveryKind {
  std::string kind;
  std::string description;
  core::declared::AnyShape configuration;
  std::vector<Capability> needs;
  std::function<core::Result<std::unique_ptr<Delivery>>(const nlohmann::json& with)> make;
};

// Needs no configuration beyond the endpoint that is told.
struct NotifierKind {
  std::string kind;  // the kind of the endpoints that it tells
  std::string description;
  std::vector<Capability> needs;
  std::function<std::unique_ptr<Notifier>()> make;
};

struct Catalog {
  std::vector<GateKind> gates;
  std::vector<SourceKind> sources;
  std::vector<DeliveryKind> deliveries;
  std::vector<NotifierKind> notifiers;
  // Who wrote the newest change of a file of which `text` was read, as version control knows them: a name such as the
  // candidates' authors have. A Problem says why nobody can tell. Blocks. From any thread.
  std::function<core::Result<std::string>(const std::filesystem::path& file, std::string_view text)> last_author{};
};

// What a configured plugin is lent: the tools that its kind names, and the endpoints that its configuration names.
struct Loan {
  std::vector<Capability> needs;
  std::vector<std::string> endpoints;
};

// `with` was checked against the kind's configuration.
template <class Kind>
Loan loan_for(const Kind& kind, const nlohmann::json& with) {
  Loan loan{kind.needs, {}};
  for (auto& use : kind.configuration.endpoints(core::declared::value_of_json(with), ""))
    loan.endpoints.push_back(std::move(use.name));
  return loan;
}

template <class T>
const T* find_kind(const std::vector<T>& rows, const std::string& kind) {
  for (const auto& row : rows)
    if (row.kind == kind) return &row;
  return nullptr;
}

}  // namespace penstock::sdk
