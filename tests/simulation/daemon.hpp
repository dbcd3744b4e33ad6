// One run of a daemon: the real engine, outbox worker and performers, built as daemon/main.cpp builds them, on a
// simulated machine.
#pragma once

#include "daemon/delivery/delivery_performer.hpp"
#include "daemon/engine/follow_performer.hpp"
#include "daemon/engine/outbox_worker.hpp"
#include "daemon/gating/check_performer.hpp"
#include "daemon/notice/notice_performer.hpp"
#include "tests/simulation/acting.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/plugins.hpp"
#include "tests/simulation/setting.hpp"

namespace penstock::simulation {

class Daemon {
 public:
  struct Parts {
    World& world;
    Disk& disk;
    Network& network;
    const Setting& setting;
    runtime::ContentStore& evidence;
    std::string name;
    Owner owner;
    const core::Duration& clock;  // of its machine: how far it is ahead of the world's
    Acting& acting;
  };
  explicit Daemon(Parts parts);
  // Ends it as SIGKILL would.
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // `failed` is called when it cannot: then the process ends.
  void start(std::function<void()> failed);
  Owner owner() const { return machine_.owner(); }
  const std::string& name() const { return name_; }
  bool run_one() { return machine_.run_one(); }
  engine::Engine& engine() { return *engine_; }
  const Machine& machine() const { return machine_; }

  // Submits or shows; what comes of it is told on the daemon's thread, unless the daemon is gone by then.
  void submit(core::Event event, std::function<void(const core::Result<engine::Outcome>&)> told);
  void see(engine::SeenCandidate seen, std::function<void(const core::Result<engine::SeenOutcome>&)> told);

 private:
  core::PromotionId fresh_id(std::string_view prefix, core::Time now);

  World& world_;
  Disk& disk_;
  const std::string name_;
  Machine machine_;
  SimulatedLender lender_;
  runtime::BlockingPool reading_, working_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<engine::Claims> claims_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<gating::CheckPerformer> gating_;
  std::vector<sdk::DeliveryKind> delivery_kinds_;
  std::unique_ptr<delivery::DeliveryPerformer> delivery_;
  std::unique_ptr<notice::NoticePerformer> notices_;
  std::unique_ptr<engine::FollowPerformer> follow_;
  std::vector<std::unique_ptr<SeenPerformer>> seen_;
  std::unique_ptr<engine::OutboxWorker> worker_;
};

}  // namespace penstock::simulation
