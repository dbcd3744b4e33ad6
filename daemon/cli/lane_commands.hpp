// Declares the commands about lanes on the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "daemon/cli/lanes.hpp"
#include "daemon/cli/plan.hpp"
#include "daemon/cli/simulate.hpp"

namespace penstock::cli {

class LaneCommands {
 public:
  // Makes a command below `parent` that does `work` when it is chosen.
  using Add = std::function<CLI::App*(CLI::App& parent, const std::string& name, const std::string& description,
                                      std::function<Exit(Client&)> work)>;
  // `output` is filled in by the parser; both must outlive the parsing.
  LaneCommands(CLI::App& app, const Output& output, Add add) : app_(app), output_(output), add_(std::move(add)) {}
  void declare();

 private:
  void reading();
  void planning();
  void holding();
  void going_back();
  void waivers();
  void emergency();
  void standing_in();
  CLI::App* on_lane(CLI::App& parent, const std::string& name, const std::string& description,
                    std::function<Exit(Client&)> work);
  void reason_option(CLI::App* to, const std::string& description);

  CLI::App& app_;
  const Output& output_;
  Add add_;
  LaneName lane_;
  HistoryOptions history_;
  std::string version_;
  SimulateOptions simulate_;
  std::string reason_;
  RollbackOptions rollback_;
  WaiverOptions waiver_;
  std::string waiver_id_;
  StopOptions stop_;
  std::string stop_id_;
  DelegationOptions delegation_;
  std::string delegation_id_;
};

}  // namespace penstock::cli
