// MLflow's own files: what the MLmodel file makes a server import, and where its requirements come from.
#pragma once

#include "plugins/gates/security_signoff/scan.hpp"

namespace penstock::gates::security {

// Source: https://mlflow.org/docs/latest/model/#storage-format (flavors, loader_module, model_path, code).
void scan_mlmodel(Scan& scan, std::string_view text, const std::string& where);
// requirements.txt (pip's requirements file format), conda.yaml, python_env.yaml.
void scan_requirements(Scan& scan, std::string_view text, const std::string& where);

}  // namespace penstock::gates::security
