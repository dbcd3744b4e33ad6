#include "plugins/catalog.hpp"

#include "plugins/deliveries/mlflow_alias.hpp"
#include "plugins/deliveries/webhook.hpp"
#include "plugins/gates/candidate_fields.hpp"
#include "plugins/gates/champion_comparison.hpp"
#include "plugins/gates/data_contract/data_contract.hpp"
#include "plugins/gates/executable.hpp"
#include "plugins/gates/rollback_readiness.hpp"
#include "plugins/gates/security_signoff/security_signoff.hpp"
#include "plugins/gates/smoke_test.hpp"
#include "plugins/notifiers/webhook.hpp"
#include "plugins/sources/git_last_author.hpp"
#include "plugins/sources/sources.hpp"

namespace penstock::plugins {

const sdk::Catalog& catalog() {
  static const sdk::Catalog table{
      .gates =
          {
              gates::candidate_fields_kind(),
              gates::champion_comparison_kind(),
              gates::data_contract::data_contract_kind(),
              gates::executable_kind(),
              gates::rollback_readiness_kind(),
              gates::security::security_signoff_kind(),
              gates::smoke_test_kind(),
          },
      .sources =
          {
              sources::directory_kind(),
              sources::git_kind(),
              sources::mlflow_kind(),
          },
      .deliveries =
          {
              deliveries::mlflow_alias_kind(),
              deliveries::webhook_kind(),
          },
      .notifiers =
          {
              notifiers::webhook_kind(),
          },
      .last_author = sources::git_last_author,
  };
  return table;
}

}  // namespace penstock::plugins
