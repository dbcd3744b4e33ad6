// The files of a model version, through MLflow's artifact proxy (`mlflow server --serve-artifacts`, the default).
#pragma once

#include "plugins/sources/mlflow_registry.hpp"

namespace penstock::sources {

// Writes all files below `folder`, which is empty. At most `max_bytes`, 10 000 files and folders, 32 levels. Names that
// leave the folder are refused ("unsafe-name"), as are versions whose files the server does not hand out
// ("not-through-server": s3://, gs://, file: and plain paths) and those that have none ("not-found").
core::Result<void> fetch_mlflow_artifact(MlflowRegistry& registry, const std::string& name, const std::string& version,
                                         const std::filesystem::path& folder, std::uint64_t max_bytes);

}  // namespace penstock::sources
