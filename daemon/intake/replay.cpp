#include "daemon/intake/replay.hpp"

namespace penstock::intake {

asio::awaitable<core::Result<std::optional<std::string>>> Replay::find(std::vector<std::string> keys) {
  const auto now = clock_.now();
  auto* journal = &journal_;
  auto look = [keys = std::move(keys), now, journal]() -> core::Result<std::optional<std::string>> {
    for (const auto& key : keys) {
      auto answer = journal->remembered(key, now);
      if (!answer || *answer) return answer;
    }
    return std::optional<std::string>();
  };
  co_return co_await pool_.run(std::move(look));
}

asio::awaitable<core::Result<bool>> Replay::remember(std::vector<std::string> keys, std::string answer) {
  for (auto& key : keys) {
    journal::Write::Remembered entry{std::move(key), answer, clock_.now() + keep_};
    const auto kept = co_await engine_.remember(std::move(entry));
    if (kept) continue;
    if (kept.error().code == "duplicate") co_return false;
    co_return kept.error();
  }
  co_return true;
}

}  // namespace penstock::intake
