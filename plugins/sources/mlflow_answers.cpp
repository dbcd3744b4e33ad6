#include "plugins/sources/mlflow_answers.hpp"

#include <charconv>
#include <cmath>

#include "daemon/core/json_text.hpp"

namespace penstock::sources {
namespace {

// A page of a thousand versions with hundreds of metrics each.
constexpr std::size_t most_values = 2'000'000;
// More metrics than this on one run are a training curve's worth of names, not what a gate compares.
constexpr std::size_t max_metrics = 1000;

std::map<std::string, std::string> tags_of(const nlohmann::json& object) {
  std::map<std::string, std::string> tags;
  const auto list = object.find("tags");
  if (list == object.end() || !list->is_array()) return tags;
  for (const auto& tag : *list)
    if (tag.is_object()) tags[text_of(tag, "key")] = text_of(tag, "value");
  return tags;
}

std::optional<double> real_of(const nlohmann::json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// What is not a finite number ("NaN") is left out: a gate that needs the metric then says that it is missing.
std::map<std::string, double> metrics_of(const nlohmann::json& object) {
  std::map<std::string, double> metrics;
  const auto list = object.find("metrics");
  if (list == object.end() || !list->is_array()) return metrics;
  for (const auto& metric : *list) {
    if (!metric.is_object() || metrics.size() == max_metrics) continue;
    const auto key = text_of(metric, "key");
    const auto value = metric.contains("value") ? real_of(metric["value"]) : std::nullopt;
    if (!key.empty() && value && std::isfinite(*value)) metrics[key] = *value;
  }
  return metrics;
}

}  // namespace

std::optional<nlohmann::json> parse_answer(const std::string& body) {
  auto document = core::read_json(body, {.values = most_values});
  if (!document || !document->is_object()) return std::nullopt;
  return *std::move(document);
}

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  if (found->is_number_integer()) return found->dump();
  return {};
}

std::optional<std::int64_t> number_of(const nlohmann::json& object, const char* key) {
  const auto text = text_of(object, key);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<ModelVersion> version_of(const nlohmann::json& document) {
  if (!document.is_object()) return std::nullopt;
  ModelVersion version;
  version.name = text_of(document, "name");
  version.version = text_of(document, "version");
  const auto created = number_of(document, "creation_timestamp");
  if (version.name.empty() || version.version.empty() || !created) return std::nullopt;
  version.created = *created;
  version.user = text_of(document, "user_id");
  version.source = text_of(document, "source");
  version.run_id = text_of(document, "run_id");
  version.model_id = text_of(document, "model_id");
  version.status = text_of(document, "status");
  if (version.status.empty()) version.status = "READY";  // the protocol's default, which may be left out
  version.status_message = text_of(document, "status_message");
  version.tags = tags_of(document);
  version.metrics = metrics_of(document);
  return version;
}

std::optional<Run> run_of(const nlohmann::json& document) {
  const auto info = document.find("info");
  if (info == document.end() || !info->is_object()) return std::nullopt;
  Run run;
  run.artifact_uri = text_of(*info, "artifact_uri");
  run.user = text_of(*info, "user_id");
  if (const auto data = document.find("data"); data != document.end() && data->is_object()) {
    run.tags = tags_of(*data);
    run.metrics = metrics_of(*data);
  }
  if (run.user.empty())
    if (const auto user = run.tags.find("mlflow.user"); user != run.tags.end()) run.user = user->second;
  return run;
}

}  // namespace penstock::sources
