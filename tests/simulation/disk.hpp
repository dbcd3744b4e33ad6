// The journal of all daemons, which outlives them, and each daemon's own way to it.
//
// What a daemon hands to commit() is applied some time later, together with what else it has handed over by then, and
// acknowledged later still. A daemon that ends in between loses what was not applied: all of it, or all but the first
// of it, without being told.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <set>

#include "daemon/journal/journal.hpp"
#include "tests/simulation/membership.hpp"

namespace penstock::simulation {

// Sees every change of the journal.
class Witness {
 public:
  virtual ~Witness() = default;
  virtual void applied(Owner owner, const journal::Write& write, const journal::Receipt& receipt) = 0;
  virtual void claimed(const std::vector<journal::OutboxRow>& rows) = 0;
  virtual void freed(const std::vector<std::string>& keys) = 0;
};

class Disk {
 public:
  // `shared`: by several daemons at once.
  Disk(World& world, Witness& witness, bool shared);
  ~Disk();

  // One for each run of a daemon, whose thread `post` posts to; its epoch is the owner's number. `clock` as for
  // Membership::join().
  std::unique_ptr<journal::Journal> open(Owner owner, const std::string& name, const core::Duration& clock,
                                         journal::Post post);
  // The run ends. What of it is on its way is lost, or is not.
  void lose(Owner owner);
  // What the daemons have between them.
  Membership& membership() { return membership_; }
  // A run shows that it is alive, when it can. False when its epoch has ended.
  bool show(Owner owner);

  journal::Journal& kept() { return *kept_; }
  // There is no more room, until there is.
  void fill(bool full) { full_ = full; }
  // The next fsync of this run fails; nothing of it is written any more.
  void break_fsync(Owner owner) { breaks_.insert(owner); }
  void mend() { breaks_.clear(); }
  void on_broken(std::function<void(Owner)> told) { told_broken_ = std::move(told); }
  bool is_broken(Owner owner) const { return broken_.contains(owner); }

 private:
  friend class DaemonsJournal;
  struct Batch {
    std::vector<journal::Write> writes;
    journal::Journal::Done done;
  };
  struct Way {
    std::string name;
    journal::Post post;
    std::deque<Batch> waiting;
    std::deque<Batch> syncing;
    std::deque<std::vector<std::function<void()>>> answers;  // of syncs that have ended, oldest first
  };

  void hand_over(Owner owner, Batch batch);
  void begin_sync(Owner owner);
  void end_sync(Owner owner);
  std::vector<core::Result<journal::Receipt>> apply(Owner owner, std::vector<journal::Write> writes);
  core::Result<std::vector<journal::OutboxRow>> claim(Owner owner, core::Time now, core::Time until, int most);
  bool others_claim(Owner owner, const core::LaneKey& lane, const std::string& kind, core::Time now) const;
  void free_claims_of(Owner owner);
  std::optional<core::Problem> refusal(Owner owner) const;

  World& world_;
  Witness& witness_;
  const bool shared_;
  Membership membership_;
  std::unique_ptr<journal::Journal> kept_;
  std::map<Owner, Way> ways_;
  std::map<std::string, std::pair<Owner, journal::OutboxRow>> leased_;  // by key: to whom
  std::set<Owner> breaks_, broken_;
  std::function<void(Owner)> told_broken_;
  bool full_ = false;
};

}  // namespace penstock::simulation
