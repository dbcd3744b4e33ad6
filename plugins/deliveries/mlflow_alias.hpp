// The delivery kind `mlflow-alias`: moves an alias of MLflow's registry to the candidate, and reads it back.
#pragma once

#include "plugins/sdk/kinds.hpp"

namespace penstock::deliveries {

sdk::DeliveryKind mlflow_alias_kind();

}  // namespace penstock::deliveries
