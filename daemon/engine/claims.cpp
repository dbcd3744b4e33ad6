#include "daemon/engine/claims.hpp"

namespace penstock::engine {

bool Claims::is_ours(const std::string& key) const {
  if (alone()) return true;
  if (!in_force()) return false;
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find(key);
  return found != rows_.end() && lasts(found->second);
}

bool Claims::lasts(const journal::OutboxRow& row) const {
  return alone() || !row.leased_until || *row.leased_until - clock_.now() > least_left;
}

void Claims::begin(const journal::OutboxRow& row) {
  const std::lock_guard lock(mutex_);
  rows_[row.key] = row;
}

std::optional<core::Time> Claims::end(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto ended = rows_.extract(key);
  return ended.empty() ? std::nullopt : ended.mapped().leased_until;
}

void Claims::renewed(const journal::OutboxRow& row) {
  const std::lock_guard lock(mutex_);
  if (const auto found = rows_.find(row.key); found != rows_.end()) found->second.leased_until = row.leased_until;
}

std::vector<journal::OutboxRow> Claims::ending_within(core::Duration time) const {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  std::vector<journal::OutboxRow> rows;
  for (const auto& [key, row] : rows_)
    if (row.leased_until && *row.leased_until > now && *row.leased_until - now <= time) rows.push_back(row);
  return rows;
}

}  // namespace penstock::engine
