#include "plugins/gates/security_signoff/mlmodel.hpp"

#include <yaml-cpp/yaml.h>

#include <set>

namespace penstock::gates::security {
namespace {

constexpr std::size_t max_mlmodel = std::size_t{1} << 20;

// Modules of MLflow whose loader reads files of this artifact; their content is looked at file by file.
bool is_known_loader(const std::string& module) {
  static const std::set<std::string> known{"mlflow.sklearn",
                                           "mlflow.xgboost",
                                           "mlflow.lightgbm",
                                           "mlflow.catboost",
                                           "mlflow.pytorch",
                                           "mlflow.tensorflow",
                                           "mlflow.keras",
                                           "mlflow.onnx",
                                           "mlflow.spacy",
                                           "mlflow.prophet",
                                           "mlflow.pmdarima",
                                           "mlflow.statsmodels",
                                           "mlflow.paddle",
                                           "mlflow.h2o",
                                           "mlflow.spark",
                                           "mlflow.transformers",
                                           "mlflow.sentence_transformers",
                                           "mlflow.pyfunc.model"};
  return known.count(module) != 0;
}

bool leaves_folder(const std::string& path) {
  return path.empty() || path.front() == '/' || path.find("..") != path.npos || path.find("://") != path.npos ||
         path.find('\\') != path.npos;
}

void check_flavor(Scan& scan, const std::string& flavor, const YAML::Node& settings, const std::string& where) {
  if (!settings.IsMap()) return;
  for (const auto& setting : settings) {
    const auto key = setting.first.as<std::string>("");
    const auto value = setting.second.IsScalar() ? setting.second.as<std::string>("") : std::string();
    if (key == "loader_module" && !is_known_loader(value))
      scan.remark(Level::unsafe, "mlmodel/loader-not-allowed", where,
                  printable(flavor) + " imports the module `" + printable(value) + "`",
                  "one of MLflow's own loader modules");
    const bool is_path = key == "model_path" || key == "pickled_model" || key == "data" || key == "code" ||
                         key == "model_data" || key == "python_model";
    if (is_path && setting.second.IsScalar() && value != "null" && value != "~" && leaves_folder(value))
      scan.remark(Level::unsafe, "mlmodel/path", where,
                  printable(flavor) + "." + printable(key) + " is `" + printable(value) + "`",
                  "paths inside the artifact");
  }
}

bool is_foreign(std::string_view line) {
  while (!line.empty() && (line.front() == ' ' || line.front() == '-' || line.front() == '\t')) {
    const bool is_option =
        line.size() >= 2 && line[0] == '-' && (line[1] == '-' || line[1] == 'e' || line[1] == 'f' || line[1] == 'i');
    if (is_option && line[1] != ' ') break;
    line.remove_prefix(1);
  }
  for (const auto* option :
       {"--index-url", "--extra-index-url", "--find-links", "--trusted-host", "--editable", "-e ", "-i ", "-f "})
    if (line.rfind(option, 0) == 0) return true;
  return line.find("://") != line.npos || line.find("git+") != line.npos || line.find(" @ ") != line.npos;
}

}  // namespace

void scan_mlmodel(Scan& scan, std::string_view text, const std::string& where) {
  const auto not_understood = [&](const char* observed) {
    scan.remark(Level::unknown, "mlmodel/not-understood", where, observed, "an MLmodel file as MLflow writes it");
  };
  if (text.size() > max_mlmodel) return not_understood("more than 1 MiB");
  try {
    const auto document = YAML::Load(std::string(text));
    if (!document.IsMap()) return not_understood("no mapping");
    const auto flavors = document["flavors"];
    if (!flavors || !flavors.IsMap()) return not_understood("no `flavors`");
    for (const auto& flavor : flavors) check_flavor(scan, flavor.first.as<std::string>(""), flavor.second, where);
  } catch (const YAML::Exception& error) {
    not_understood("malformed YAML");
  }
}

void scan_requirements(Scan& scan, std::string_view text, const std::string& where) {
  constexpr int max_remarks = 20;
  int remarks = 0;
  for (std::size_t number = 1; !text.empty() && remarks < max_remarks; ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!is_foreign(line)) continue;
    ++remarks;
    // The line may carry a password: it is not shown.
    scan.remark(Level::warn, "requirements/foreign-source", where + ", line " + std::to_string(number),
                "a requirement comes from an address of its own, not from the index that the server uses",
                "requirements by name and version");
  }
}

}  // namespace penstock::gates::security
