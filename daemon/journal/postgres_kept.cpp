#include "daemon/journal/postgres_kept.hpp"

namespace penstock::journal {

core::Result<std::unique_ptr<PostgresConnection>> PostgresKept::connect(
    const PostgresConnection::Session& session) const {
  auto opened = PostgresConnection::open(address_, session);
  if (!opened) return opened;
  const auto before = number();
  const auto answer = (*opened)->run(question());
  if (!answer) return answer.error();
  if (const auto judged = judge(*answer, before); !judged) return judged.error();
  return opened;
}

PostgresStatement PostgresKept::question() const {
  return statement("SELECT number FROM last_transactions WHERE epoch = $1", epoch_);
}

core::Result<void> PostgresKept::judge(const PostgresResult& answer, std::int64_t number) const {
  const auto had = "transaction " + std::to_string(number) + " of this daemon's epoch " + std::to_string(epoch_);
  if (answer.rows() == 0) return lost(had, "nothing of that epoch");
  const auto has = answer.integer(0, 0);
  if (has < number) return lost(had, "none after " + std::to_string(has));
  return {};
}

core::Problem PostgresKept::lost(const std::string& had, const std::string& has) const {
  return {
      "journal-fenced", "the database has lost what it had acknowledged: it had " + had + ", and has " + has,
      address_.told(),
      "this daemon ends by itself; started again, it goes on from what the database holds. Find out which server took "
      "over or which backup was restored, and compare it with the audit log's files and sinks, which may have more; "
      "let none but synchronous standbys take over",
      false};
}

}  // namespace penstock::journal
