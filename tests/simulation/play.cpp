#include "tests/simulation/play.hpp"

#include <nlohmann/json.hpp>

#include "tests/simulation/promises.hpp"

namespace penstock::simulation {

using namespace std::chrono_literals;

namespace {

// Histories that come to rest do it in far fewer.
constexpr std::int64_t most_steps = 200'000;

}  // namespace

Play::Play(std::uint64_t seed, runtime::ContentStore& evidence, bool aloud)
    : world_(seed),
      setting_(invented_setting(world_)),
      ledger_(world_, setting_),
      disk_(world_, ledger_, setting_.pair),
      acting_(world_, disk_.membership(), ledger_),
      network_(world_),
      registry_(world_),
      evidence_(evidence),
      callers_({world_, ledger_, [this] { return a_daemon(); }, [this](Owner owner) { return daemon(owner); }}),
      people_(world_, setting_, ledger_, callers_) {
  world_.history.aloud(aloud);
  ledger_.look_at(disk_.kept(), disk_.membership());
  disk_.on_broken([this](Owner owner) { end_for_the_disk(owner); });
  for (const auto& host : setting_.examiners) {
    examiners_.push_back(std::make_unique<Examiner>(world_));
    network_.join(host, *examiners_.back());
    ledger_.know(host, *examiners_.back());
  }
  for (const auto& host : setting_.registries) network_.join(host, registry_);
  ledger_.know(registry_);
  for (const auto& endpoint : setting_.endpoints) {
    const auto refuses = [this](const nlohmann::json& data) {
      const auto lot = runtime::sha256(std::to_string(world_.seed) + data.at("key").get<std::string>()).hex();
      return data.contains("delivery") && lot[0] == '0';
    };
    const auto done = [this, calls_back = endpoint.options.contains("receipt")](const Receiver::Effect& effect) {
      ledger_.effect(effect.key);
      if (calls_back) people_.send_receipt(effect.key);
    };
    receivers_.push_back(
        std::make_unique<Receiver>(Receiver::Parts{world_, endpoint.name, endpoint.secret, refuses, done}));
    network_.join(endpoint.name, *receivers_.back());
    ledger_.know(endpoint.name, *receivers_.back());
  }
  places_.push_back({"daemon a", nullptr, the_world, {}});
  if (setting_.pair) places_.push_back({"daemon b", nullptr, the_world, {}});
  if (setting_.pair)
    for (auto& place : places_) place.clock = std::chrono::milliseconds(world_.chance.between(-90'000, 90'000));
}

Play::~Play() {
  for (auto& place : places_) place.daemon.reset();
}

Played Play::run() {
  for (auto& place : places_) start(place);
  people_.begin();
  plan_faults();
  world_.schedule.after(setting_.faults_for, the_world, [this] { stop_faults(); });
  while (!world_.violation && !is_at_rest()) {
    if (!world_.faults) skip_to_what_is_due();
    if (++steps_ > most_steps) {
      world_.broken(promises::ends, "it does not come to rest in " + std::to_string(most_steps) + " steps");
      break;
    }
    world_.schedule.step();
    let_daemons_run();
  }
  if (!world_.violation) ledger_.look_at_the_end();
  for (auto& place : places_) place.daemon.reset();
  Played played;
  played.violation = world_.violation;
  played.last_lines = world_.history.last_lines();
  played.steps = steps_;
  played.digest = world_.history.digest();
  return played;
}

void Play::start(Place& place) {
  place.last = ++runs_;
  ledger_.tell(place.last, setting_.people);
  place.daemon = std::make_unique<Daemon>(
      Daemon::Parts{world_, disk_, network_, setting_, evidence_, place.name, place.last, place.clock, acting_});
  world_.history.tell(place.name, "starts as run " + std::to_string(place.last));
  ledger_.look_at_all_events();
  place.daemon->start([this, owner = place.last] { end_soon(owner, "cannot start, and ends"); });
  if (setting_.pair) show_again(place.last);
}

// When its epoch has ended it learns so, and ends.
void Play::show_again(Owner owner) {
  // All at once when time is to pass quickly.
  const auto pause =
      world_.faults ? Membership::interval : Membership::interval - world_.schedule.now() % Membership::interval;
  world_.schedule.after(pause, owner, [this, owner] {
    if (disk_.show(owner)) return show_again(owner);
    end_soon(owner, "learns that it was declared dead, and ends");
  });
}

void Play::end_soon(Owner owner, const std::string& why) {
  world_.schedule.after(world_.between(0us, 20ms), the_world, [this, owner, why] {
    auto* place = place_of(owner);
    if (place == nullptr) return;
    crash(*place, why);
    restart_later(*place);
  });
}

void Play::crash(Place& place, const std::string& why) {
  world_.history.tell(place.name, why);
  place.daemon.reset();
}

void Play::restart_later(Place& place) {
  const auto pause = world_.chance.percent(70) ? world_.between(50ms, 3s) : world_.between(3s, 60s);
  world_.schedule.after(pause, the_world, [this, &place] {
    if (!place.daemon) start(place);
  });
}

void Play::let_daemons_run() {
  for (auto& place : places_)
    while (place.daemon && !world_.schedule.is_frozen(place.last) && place.daemon->run_one()) {
      ++steps_;
      count_down_to_crash();
    }
}

void Play::count_down_to_crash() {
  if (!world_.faults || --until_crash_ != 0) return;
  until_crash_ = next_crash();
  auto& place = places_[world_.chance.below(places_.size())];
  if (!place.daemon) return;
  crash(place, "is killed");
  restart_later(place);
}

Daemon* Play::a_daemon() {
  std::vector<Daemon*> running;
  for (auto& place : places_)
    if (place.daemon) running.push_back(place.daemon.get());
  return running.empty() ? nullptr : world_.chance.one_of(running);
}

Play::Place* Play::place_of(Owner owner) {
  for (auto& place : places_)
    if (place.daemon && place.last == owner) return &place;
  return nullptr;
}

Daemon* Play::daemon(Owner owner) {
  auto* place = place_of(owner);
  return place == nullptr ? nullptr : place->daemon.get();
}

void Play::skip_to_what_is_due() {
  // What is under way would lose its lease.
  if (callers_.waiting() > 0 || acting_.anybody() || world_.schedule.next() < world_.schedule.now() + 300ms) return;
  const auto due = ledger_.next_due();
  if (!due || *due < world_.wall() + 300ms) return;
  world_.wall_is_ahead += *due - world_.wall();
}

bool Play::is_at_rest() const {
  return !world_.faults && callers_.waiting() == 0 && ledger_.is_at_rest() && network_.on_the_way() == 0 &&
         people_.pending() == 0;
}

}  // namespace penstock::simulation
