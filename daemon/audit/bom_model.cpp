#include "daemon/audit/bom_model.hpp"

#include <algorithm>
#include <array>

#include "daemon/audit/bom_facts.hpp"

namespace penstock::audit::bom {
namespace {

std::string trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(space) - begin + 1));
}

std::vector<std::string> parts_of(const std::string& text, std::string_view separators) {
  std::vector<std::string> parts;
  std::string_view rest = text;
  while (!rest.empty() && parts.size() < most_items) {
    const auto end = std::min(rest.find_first_of(separators), rest.size());
    if (auto part = trimmed(rest.substr(0, end)); !part.empty()) parts.push_back(std::move(part));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return parts;
}

std::vector<std::string> lines_at(const json& labels, const char* key) { return parts_of(text_at(labels, key), "\n;"); }

void put(json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}
template <class List>
void put_list(json& object, const char* key, const List& list) {
  if (!list.empty()) object[key] = list;
}

json formats(const json& labels, const char* key) {
  auto list = json::array();
  for (const auto& format : parts_of(text_at(labels, key), ",\n;")) list.push_back({{"format", format}});
  return list;
}

json parameters_of(const json& candidate) {
  constexpr std::array approaches = {"supervised", "unsupervised", "reinforcement-learning", "semi-supervised",
                                     "self-supervised"};
  const auto& labels = object_at(candidate, "labels");
  json parameters = json::object();
  const auto approach = text_at(labels, "approach");
  if (std::find(approaches.begin(), approaches.end(), approach) != approaches.end())
    parameters["approach"] = {{"type", approach}};
  put(parameters, "task", text_at(labels, "task"));
  put(parameters, "architectureFamily", text_at(labels, "architecture_family"));
  put(parameters, "modelArchitecture", text_at(labels, "architecture"));
  auto sets = json::array();
  const auto count = std::min(object_at(candidate, "data_sets").size(), most_items);
  for (std::size_t i = 1; i <= count; ++i) sets.push_back({{"ref", "data-set/" + std::to_string(i)}});
  put_list(parameters, "datasets", sets);
  put_list(parameters, "inputs", formats(labels, "inputs"));
  put_list(parameters, "outputs", formats(labels, "outputs"));
  return parameters;
}

json analysis_of(const json& candidate) {
  auto metrics = json::array();
  for (const auto& [name, value] : object_at(candidate, "metrics").items())
    if (value.is_number() && metrics.size() < most_items)
      metrics.push_back({{"type", bounded(name, 200)}, {"value", value.dump()}});
  return metrics.empty() ? json::object() : json{{"performanceMetrics", std::move(metrics)}};
}

json considerations_of(const json& candidate) {
  const auto& labels = object_at(candidate, "labels");
  json considerations = json::object();
  put_list(considerations, "users", lines_at(labels, "users"));
  put_list(considerations, "useCases", lines_at(labels, "use_cases"));
  put_list(considerations, "technicalLimitations", lines_at(labels, "limitations"));
  put_list(considerations, "performanceTradeoffs", lines_at(labels, "tradeoffs"));
  auto risks = json::array();
  for (const auto& risk : lines_at(labels, "ethical_considerations")) risks.push_back({{"name", risk}});
  put_list(considerations, "ethicalConsiderations", risks);
  return considerations;
}

// Texts by name, as properties; what is beyond the bound is counted.
void add_properties(json& properties, const std::string& what, const json& texts) {
  std::size_t count = 0;
  for (const auto& [name, value] : texts.items()) {
    if (!value.is_string()) continue;
    if (++count <= most_items)
      properties.push_back(property(what + ":" + bounded(name, 150), value.get_ref<const std::string&>()));
  }
  if (count > most_items) properties.push_back(property(what + "_left_out", std::to_string(count - most_items)));
}

json properties_of(const BomFacts& facts, const json& candidate) {
  auto properties = json::array({property("candidate", text_at(facts.promotion, "candidate"))});
  const auto& artifact = object_at(candidate, "artifact");
  if (!artifact.empty()) {
    properties.push_back(property("artifact_tree_digest", text_at(artifact, "digest")));
    if (const auto uri = text_at(artifact, "uri"); !uri.empty()) properties.push_back(property("artifact_uri", uri));
  }
  for (const auto* key : {"source", "data_contract"})
    if (const auto text = text_at(candidate, key); !text.empty()) properties.push_back(property(key, text));
  const auto& git = object_at(candidate, "git");
  for (const auto* key : {"repository", "commit"})
    if (const auto text = text_at(git, key); !text.empty())
      properties.push_back(property(std::string("git_") + key, text));
  add_properties(properties, "registry", object_at(candidate, "registry"));
  add_properties(properties, "label", object_at(candidate, "labels"));
  return properties;
}

}  // namespace

json model_component(const BomFacts& facts) {
  const auto& candidate = candidate_of(facts);
  json component{{"type", "machine-learning-model"},
                 {"bom-ref", model_ref},
                 {"name", text_at(facts.promotion, "model")},
                 {"version", text_at(facts.promotion, "version")},
                 {"properties", properties_of(facts, candidate)}};
  auto authors = json::array();
  for (const auto& author : list_at(candidate, "authors"))
    if (author.is_string() && authors.size() < most_items) authors.push_back(contact(author.get<std::string>()));
  put_list(component, "authors", authors);
  const auto& git = object_at(candidate, "git");
  if (const auto url = text_at(git, "repository"); is_url(url))
    component["externalReferences"] =
        json::array({{{"type", "vcs"}, {"url", url}, {"comment", "commit " + text_at(git, "commit")}}});
  json card{{"bom-ref", "model-card"}};
  put_list(card, "modelParameters", parameters_of(candidate));
  put_list(card, "quantitativeAnalysis", analysis_of(candidate));
  put_list(card, "considerations", considerations_of(candidate));
  component["modelCard"] = std::move(card);
  return component;
}

json data_components(const BomFacts& facts) {
  auto components = json::array();
  for (const auto& [name, reference] : object_at(candidate_of(facts), "data_sets").items()) {
    if (components.size() >= most_items) break;
    const auto text = reference.is_string() ? bounded(reference.get_ref<const std::string&>()) : std::string();
    const json content{{"type", "dataset"},
                       {"name", bounded(name, 200)},
                       {"contents", {{"properties", json::array({property("reference", text)})}}}};
    components.push_back({{"type", "data"},
                          {"bom-ref", "data-set/" + std::to_string(components.size() + 1)},
                          {"name", bounded(name, 200)},
                          {"data", json::array({content})}});
  }
  return components;
}

bool says_what_it_is_for(const json& candidate) {
  const auto& labels = object_at(candidate, "labels");
  return !lines_at(labels, "use_cases").empty() && !lines_at(labels, "limitations").empty();
}

}  // namespace penstock::audit::bom
