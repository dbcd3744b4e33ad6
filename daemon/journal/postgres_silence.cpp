#include "daemon/journal/postgres_silence.hpp"

namespace penstock::journal {

std::vector<PostgresSign> PostgresSilence::among(const std::vector<PostgresSign>& shown,
                                                 std::chrono::milliseconds asked, std::chrono::milliseconds answered) {
  std::vector<PostgresSign> silent;
  std::map<std::int64_t, Seen> seen;
  for (const auto& sign : shown) {
    const auto before = seen_.find(sign.epoch);
    const bool is_new = before == seen_.end() || before->second.alive_until != sign.alive_until;
    // It surely stood there from the answer of then to the question of now.
    const auto since = is_new ? answered : before->second.since;
    seen[sign.epoch] = {sign.alive_until, since};
    if (sign.past && asked - since >= lease_) silent.push_back(sign);
  }
  seen_ = std::move(seen);
  return silent;
}

}  // namespace penstock::journal
