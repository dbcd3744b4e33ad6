// Which units of a transaction can share statements.
#include <set>
#include <unordered_set>

#include "daemon/journal/postgres_unit.hpp"
#include "daemon/journal/write_rules.hpp"

namespace penstock::journal {
namespace {

// The statements of a group come kind by kind: what holds for all lanes is looked at first, and what is dropped from
// the outbox goes before what is put there. So a unit goes to the next group when it needs what one before it has done
// in any other order than that.
class Meeting {
 public:
  bool meets(const PostgresUnit& unit) const {
    if (empty_) return false;
    const auto& write = unit.write;
    if (single_ || unit.single) return true;
    if (write.expected_version && lanes_.contains(write.lane)) return true;
    if (write.every_lane_version && lanes_.contains(core::every_lane)) return true;
    for (const auto& key : write.drop_keys)
      if (put_.contains(key)) return true;
    for (const auto& promotion : write.drop_promotions)
      if (put_for_.contains(promotion)) return true;
    return false;
  }

  void add(const PostgresUnit& unit) {
    empty_ = false;
    single_ = unit.single.has_value();
    if (unit.write.expected_version) lanes_.insert(unit.write.lane);
    for (const auto& row : unit.write.outbox) {
      put_.insert(row.key);
      put_for_.insert(row.promotion);
    }
  }

 private:
  bool empty_ = true;
  bool single_ = false;
  std::set<core::LaneKey> lanes_;
  std::unordered_set<std::string> put_;
  std::unordered_set<core::PromotionId> put_for_;
};

}  // namespace

PostgresUnit::PostgresUnit(Write the_write) : write(std::move(the_write)), refused(problem_in(write)) {}

void PostgresUnit::judge_anew() { refused = single ? std::nullopt : problem_in(write); }

std::vector<PostgresGroup> groups_of(const std::vector<PostgresUnit*>& units) {
  std::vector<PostgresGroup> groups;
  Meeting last;
  for (const auto* unit : units) {
    if (unit->refused) continue;
    if (groups.empty() || last.meets(*unit)) {
      groups.emplace_back();
      last = Meeting();
    }
    groups.back().push_back(unit);
    last.add(*unit);
  }
  return groups;
}

}  // namespace penstock::journal
