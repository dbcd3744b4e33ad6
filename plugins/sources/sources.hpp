// The kinds of sources that Penstock brings along, for plugins/catalog.
#pragma once

#include "plugins/sdk/kinds.hpp"

namespace penstock::sources {

// Folders `<root>/<model>/<version>/`, complete once a marker file is there.
sdk::SourceKind directory_kind();
// The model versions of an MLflow tracking server, over its REST interface (2.x and 3.x).
sdk::SourceKind mlflow_kind();
// candidate.yaml files and GTO tags of a git repository.
sdk::SourceKind git_kind();

}  // namespace penstock::sources
