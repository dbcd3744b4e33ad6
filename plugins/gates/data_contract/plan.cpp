#include "plugins/gates/data_contract/plan.hpp"

namespace penstock::gates::data_contract {

using core::declared::Shape;

const Shape<Plan>& Plan::shape() {
  static const auto shape =
      Shape<Plan>("Plan", "What penstock-data-worker is asked to do.")
          .required("contract", &Plan::contract, "The contract's file.")
          .required("data", &Plan::data, "The data file.")
          .required("scratch", &Plan::scratch, "A folder to spill to.")
          .optional("object", &Plan::object, "Which object of the contract.")
          .optional("format", &Plan::format, "Of the data file.")
          .optional("csv", &Plan::csv, "The dialect.")
          .optional("additional_columns", &Plan::additional_columns, "Columns that the contract does not name.")
          .optional("missing_optional_column", &Plan::missing_optional_column, "Columns that the data does not have.")
          .optional("empty", &Plan::empty, "Data without a row.")
          .optional("strict", &Plan::strict, "Refuse forms of other versions of the standard.")
          .optional("exclusive_between", &Plan::exclusive_between, "How mustBeBetween is read.")
          .optional("samples", &Plan::samples, "For each check.", {.minimum = 0, .maximum = 100})
          .optional("memory_mb", &Plan::memory_mb, "For the engine.", {.minimum = 64})
          .optional("threads", &Plan::threads, "For the engine.", {.minimum = 1});
  return shape;
}

nlohmann::json to_json(const Plan& plan) {
  return {{"contract", plan.contract},
          {"data", plan.data},
          {"scratch", plan.scratch},
          {"object", plan.object},
          {"format", std::string(core::name_of(plan.format))},
          {"csv",
           {{"delimiter", plan.csv.delimiter},
            {"header", plan.csv.header},
            {"null_strings", plan.csv.null_strings},
            {"quoted_nulls", plan.csv.quoted_nulls}}},
          {"additional_columns", std::string(core::name_of(plan.additional_columns))},
          {"missing_optional_column", std::string(core::name_of(plan.missing_optional_column))},
          {"empty", std::string(core::name_of(plan.empty))},
          {"strict", plan.strict},
          {"exclusive_between", plan.exclusive_between},
          {"samples", plan.samples},
          {"memory_mb", plan.memory_mb},
          {"threads", plan.threads}};
}

}  // namespace penstock::gates::data_contract
