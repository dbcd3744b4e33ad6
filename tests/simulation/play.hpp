// One history: a world from a seed, with its daemons, what goes wrong in it, and how it comes to rest.
#pragma once

#include "tests/simulation/people.hpp"

namespace penstock::simulation {

struct Played {
  core::Digest digest;
  std::optional<Violation> violation;
  std::string last_lines;
  std::int64_t steps = 0;
};

class Play {
 public:
  Play(std::uint64_t seed, runtime::ContentStore& evidence, bool aloud = false);
  ~Play();
  Played run();

 private:
  struct Place {
    std::string name;
    std::unique_ptr<Daemon> daemon;  // none while it is down
    Owner last = the_world;          // its newest run
    core::Duration clock{};          // how far its machine's is ahead of the world's
  };

  void start(Place& place);
  void crash(Place& place, const std::string& why);
  void restart_later(Place& place);
  void show_again(Owner owner);
  void end_soon(Owner owner, const std::string& why);
  // What is ready on the daemons' threads, and a crash between two such things when one is due.
  void let_daemons_run();
  void count_down_to_crash();
  Daemon* a_daemon();
  Daemon* daemon(Owner owner);
  Place* place_of(Owner owner);

  // Faults (play_faults.cpp).
  void plan_faults();
  void repeat(Moment least, Moment most, std::function<void()> fault);
  void set_clock();
  void cut_power();
  void freeze();
  void fill_disk();
  void break_fsync();
  void end_for_the_disk(Owner owner);
  // Daemons learn of it when they begin anew, and not all at once.
  void let_somebody_leave();
  void stop_faults();
  int next_crash();

  // Lets time pass by jumps of the clock, where nothing else is to happen.
  void skip_to_what_is_due();
  bool is_at_rest() const;

  World world_;
  Setting setting_;
  Ledger ledger_;
  Disk disk_;
  Acting acting_;
  Network network_;
  Registry registry_;
  runtime::ContentStore& evidence_;
  std::vector<std::unique_ptr<Examiner>> examiners_;
  std::vector<std::unique_ptr<Receiver>> receivers_;
  std::vector<Place> places_;
  Callers callers_;
  People people_;
  Owner runs_ = the_world;
  int until_crash_ = 0;
  std::int64_t steps_ = 0;
};

}  // namespace penstock::simulation
