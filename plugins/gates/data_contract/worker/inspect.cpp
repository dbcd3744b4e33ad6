#include "plugins/gates/data_contract/worker/inspect.hpp"

#include <nlohmann/json.hpp>

#include "plugins/gates/data_contract/worker/compile.hpp"
#include "plugins/gates/data_contract/worker/digest.hpp"
#include "plugins/gates/data_contract/worker/evaluate.hpp"
#include "plugins/gates/data_contract/worker/report.hpp"
#include "plugins/gates/data_contract/worker/yaml.hpp"

namespace penstock::gates::data_contract::worker {
namespace {

constexpr std::size_t max_contract_bytes = 1 << 20;

bool begins_as_parquet(File& file) {
  const auto piece = file.read();
  const bool magic = piece.substr(0, 4) == "PAR1";
  file.rewind();
  return magic;
}

core::Result<Table> open_table(const Plan& plan, const Contract& contract, File& file, Database& database) {
  const bool parquet =
      plan.format == DataFormat::parquet || (plan.format == DataFormat::automatic && begins_as_parquet(file));
  return parquet ? open_parquet(plan, contract, file, database) : load_csv(plan, contract, file, database);
}

}  // namespace

core::Result<nlohmann::json> inspect(const Plan& plan) {
  const auto text = read_small(plan.contract, max_contract_bytes);
  if (!text && text.error().code != "too-large") return text.error();
  if (!text) return not_understood("", text.error());
  Sha256 digest;
  digest.update(*text);
  const auto contract_digest = digest.finish();

  const auto document = read_yaml(*text);
  if (!document) return not_understood(contract_digest, document.error());
  Notes notes(plan.strict);
  const auto contract = read_contract(*document, plan.object, notes);
  if (!contract) return not_understood(contract_digest, contract.error());

  auto database = Database::open({plan.memory_mb, plan.threads, plan.scratch});
  if (!database) return database.error();
  // Open until the end: Parquet is read while the checks are made.
  auto file = File::open(plan.data);
  if (!file) return file.error();
  auto table = open_table(plan, *contract, *file, *database);
  if (!table) return table.error();
  auto checks = compile(plan, *contract, *table, *database, notes);
  if (auto evaluated = evaluate(checks, *table, *database, plan.samples); !evaluated) {
    if (evaluated.error().code != "unreadable" || table->format != "parquet") return evaluated.error();
    checks = {
        fixed("structure", "structure", State::failed, "the file can be read as Parquet", evaluated.error().message)};
  }
  if (auto intact = file->intact(); !intact) return intact.error();
  return report(*contract, contract_digest, *table, std::move(checks));
}

}  // namespace penstock::gates::data_contract::worker
