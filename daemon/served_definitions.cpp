#include "daemon/served_definitions.hpp"

namespace penstock {
namespace {

using nlohmann::json;

json loaded_json(const Policies& policies) {
  json document{{"policies", json::array()}, {"gates", json::array()}, {"frameworks", json::array()}};
  const auto documents = definitions::documents_of(policies.all());
  for (const auto& policy : policies.all())
    document["policies"].push_back({{"name", policy->name},
                                    {"model", policy->model},
                                    {"environment", policy->environment},
                                    {"digest", policy->digest.text()},
                                    {"document", documents.at(policy->name)}});
  for (const auto& [name, gate] : definitions::documents_of(policies.gates()))
    document["gates"].push_back({{"name", name}, {"document", gate}});
  for (const auto& [name, framework] : definitions::documents_of(policies.frameworks()))
    document["frameworks"].push_back({{"name", name}, {"document", framework}});
  return document;
}

intake::ReadFiles read_sent(const PoliciesInForce& policies, const std::vector<intake::SentFile>& sent) {
  std::vector<definitions::File> files;
  for (const auto& file : sent) files.push_back({file.name, file.text});
  auto loaded = policies.try_out(files);
  intake::ReadFiles read;
  for (const auto& lint : loaded.lints) read.problems.push_back(lint_json(lint));
  read.good = loaded.usable();
  if (read.good) read.policies = std::move(loaded.policies);
  return read;
}

std::function<bool(const std::string&)> covering_with(const Policies& policies,
                                                      const std::shared_ptr<const core::Policy>& policy) {
  auto all = policies.all();
  std::erase_if(all, [&](const auto& other) {
    return other->name == policy->name || (other->model == policy->model && other->environment == policy->environment);
  });
  all.push_back(policy);
  // A simulation asks about the same models again and again, from one thread at a time.
  return [all = std::move(all), policy, known = std::map<std::string, bool>()](const std::string& model) mutable {
    const auto found = known.find(model);
    if (found != known.end()) return found->second;
    const auto covering = definitions::policies_for(all, model);
    return known[model] = std::find(covering.begin(), covering.end(), policy) != covering.end();
  };
}

}  // namespace

json lint_json(const definitions::Lint& lint) {
  return {{"severity", lint.severity == definitions::Severity::error ? "error" : "warning"},
          {"file", lint.file},
          {"line", lint.mark.line},
          {"column", lint.mark.column},
          {"path", lint.path},
          {"message", lint.message}};
}

intake::DefinitionsPort serve_definitions(const PoliciesInForce& policies) {
  intake::DefinitionsPort port;
  port.loaded = [&policies] { return loaded_json(*policies.current()); };
  port.read = [&policies](const std::vector<intake::SentFile>& files) { return read_sent(policies, files); };
  port.covering_with = [&policies](std::shared_ptr<const core::Policy> policy) {
    return covering_with(*policies.current(), policy);
  };
  port.frameworks = [&policies] { return policies.current()->frameworks(); };
  return port;
}

}  // namespace penstock
