#include "tests/simulation/disk.hpp"

#include <algorithm>

#include "daemon/core/planted.hpp"
#include "tests/simulation/daemons_journal.hpp"

namespace penstock::simulation {

using namespace std::chrono_literals;
using core::Problem;
using core::Result;
using journal::OutboxRow;
using journal::Receipt;
using journal::Write;

namespace {

bool is_second_approval(journal::Journal& kept, const Write& write) {
  if (write.events.empty() || write.events.front().name != "approval_given") return false;
  const auto before = kept.events_of(write.events.front().promotion, 1000, 0).value();
  return std::any_of(before.begin(), before.end(),
                     [](const journal::EventRow& event) { return event.name == "approval_given"; });
}

}  // namespace

Disk::Disk(World& world, Witness& witness, bool shared)
    : world_(world),
      witness_(witness),
      shared_(shared),
      membership_(world, [this](Owner ended) { free_claims_of(ended); }),
      kept_(journal::open_memory([](const std::function<void()>& done) { done(); })) {}
Disk::~Disk() = default;

std::unique_ptr<journal::Journal> Disk::open(Owner owner, const std::string& name, const core::Duration& clock,
                                             journal::Post post) {
  membership_.join(owner, name, clock);
  ways_[owner] = Way{name, post, {}, {}, {}};
  return std::make_unique<DaemonsJournal>(*this, owner, std::move(post));
}

void Disk::hand_over(Owner owner, Batch batch) {
  ways_.at(owner).waiting.push_back(std::move(batch));
  begin_sync(owner);
}

void Disk::begin_sync(Owner owner) {
  auto& way = ways_.at(owner);
  if (!way.syncing.empty() || way.waiting.empty()) return;
  way.syncing.swap(way.waiting);
  const auto slow = world_.faults && world_.chance.percent(3) ? world_.between(100ms, 3s) : world_.between(200us, 4ms);
  // Also when the daemon stands still meanwhile: the database has it.
  world_.schedule.after(slow, the_world, [this, owner] {
    if (ways_.contains(owner)) end_sync(owner);
  });
}

void Disk::end_sync(Owner owner) {
  auto syncing = std::move(ways_.at(owner).syncing);
  ways_.at(owner).syncing.clear();
  const bool fails = breaks_.erase(owner) > 0;
  // A failed fsync tells nothing of what is on the disk.
  auto kept = fails ? world_.chance.below(syncing.size() + 1) : syncing.size();
  if (fails) {
    broken_.insert(owner);
    world_.history.tell(ways_.at(owner).name, "an fsync fails");
    told_broken_(owner);
  }
  std::vector<std::function<void()>> answers;
  for (auto& batch : syncing) {
    std::vector<Result<Receipt>> receipts;
    const bool is_kept = kept > 0;
    if (is_kept) --kept;
    const auto count = batch.writes.size();
    if (is_kept) receipts = apply(owner, std::move(batch.writes));
    if (fails) receipts.assign(count, Problem{"journal-failed", "the fsync failed", "", "", false});
    answers.push_back([done = std::move(batch.done), receipts = std::move(receipts)] { done(receipts); });
  }
  // In the order in which they were handed over, also when the next sync is told of sooner than this one.
  ways_.at(owner).answers.push_back(std::move(answers));
  world_.schedule.after(world_.between(1us, 500us), owner, [this, owner] {
    auto& way = ways_.at(owner);
    for (const auto& answer : way.answers.front()) way.post(answer);
    way.answers.pop_front();
  });
  begin_sync(owner);
}

bool Disk::show(Owner owner) {
  if (membership_.has_ended(owner)) return false;
  return full_ || membership_.show(owner);
}

std::optional<Problem> Disk::refusal(Owner owner) const {
  if (membership_.has_ended(owner) && !PENSTOCK_PLANTED(7))
    return Problem{"journal-fenced", "this daemon's epoch has ended", "", "", false};
  if (is_broken(owner)) return Problem{"journal-failed", "an fsync had failed", "", "", false};
  if (full_) return Problem{"journal-full", "there is no room", "", "make room", true};
  return std::nullopt;
}

std::vector<Result<Receipt>> Disk::apply(Owner owner, std::vector<Write> writes) {
  if (const auto refused = refusal(owner)) return std::vector<Result<Receipt>>(writes.size(), *refused);
  for (auto& write : writes)
    if (PENSTOCK_PLANTED(13) && is_second_approval(*kept_, write)) write = Write();
  std::vector<Result<Receipt>> receipts;
  kept_->commit(writes, [&](std::vector<Result<Receipt>> made) { receipts = std::move(made); });
  for (std::size_t n = 0; n < writes.size(); ++n) {
    if (!receipts[n]) {
      world_.history.tell(ways_.at(owner).name, "is refused a write: " + receipts[n].error().code);
      continue;
    }
    for (const auto& key : writes[n].drop_keys) leased_.erase(key);
    for (const auto& promotion : writes[n].drop_promotions)
      std::erase_if(leased_, [&](const auto& one) { return one.second.second.promotion == promotion; });
    for (const auto& row : writes[n].outbox) {
      leased_.erase(row.key);
      if (row.leased_until) leased_.emplace(row.key, std::pair(owner, row));
    }
    std::string events;
    for (const auto& event : writes[n].events) events += " " + event.name;
    for (const auto& key : writes[n].drop_keys) events += " -" + key;
    for (const auto& row : writes[n].outbox) events += " +" + row.key;
    world_.history.tell(ways_.at(owner).name, "wrote #" + std::to_string(receipts[n]->last_seq) + events);
    witness_.applied(owner, writes[n], *receipts[n]);
    if (!writes[n].events.empty()) membership_.wrote(owner);
  }
  return receipts;
}

Result<std::vector<OutboxRow>> Disk::claim(Owner owner, core::Time now, core::Time until, int most) {
  if (const auto refused = refusal(owner)) return *refused;
  auto rows = kept_->claim(now, until, most);
  if (!rows) return rows;
  for (const auto& row : *rows) {
    leased_[row.key] = {owner, row};
    world_.history.tell(ways_.at(owner).name, "claims " + row.key + ", try " + std::to_string(row.tries));
  }
  witness_.claimed(*rows);
  return rows;
}

bool Disk::others_claim(Owner owner, const core::LaneKey& lane, const std::string& kind, core::Time now) const {
  return std::any_of(leased_.begin(), leased_.end(), [&](const auto& one) {
    const auto& [holder, row] = one.second;
    return holder != owner && row.lane == lane && row.kind == kind && row.leased_until > now;
  });
}

// As a Write of nobody's, because the port has no other word for it.
void Disk::free_claims_of(Owner owner) {
  Write write;
  std::vector<std::string> keys;
  for (auto one = leased_.begin(); one != leased_.end();) {
    if (one->second.first != owner) {
      ++one;
      continue;
    }
    keys.push_back(one->first);
    write.outbox.push_back(one->second.second);
    write.outbox.back().leased_until.reset();
    one = leased_.erase(one);
  }
  if (!keys.empty()) kept_->commit({write}, [](const auto&) {});
  witness_.freed(keys);
}

void Disk::lose(Owner owner) {
  auto& way = ways_.at(owner);
  auto survive = world_.chance.percent(50) ? world_.chance.below(way.syncing.size() + 1) : 0;
  if (!way.syncing.empty() && !is_broken(owner)) {
    world_.history.tell(way.name, "loses " + std::to_string(way.syncing.size() - survive) + " writes of " +
                                      std::to_string(way.syncing.size() + way.waiting.size()) + ", " +
                                      std::to_string(survive) + " unacknowledged survive");
    for (auto& batch : way.syncing) {
      if (survive-- == 0) break;
      apply(owner, std::move(batch.writes));
    }
  }
  ways_.erase(owner);
  membership_.leave(owner);
  if (!shared_) membership_.end(owner);
}

}  // namespace penstock::simulation
