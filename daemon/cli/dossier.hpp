// The commands about dossiers: writing one, and verifying one on any machine.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "daemon/cli/print.hpp"

namespace penstock::cli {

// Fetches it from the daemon into a folder that is not there yet, or empty. Evidence whose bytes are not those that the
// dossier names is not written.
Exit write_dossier(Client& client, const std::string& promotion, const std::string& folder, Output output);

// Exit status 0 when all is as it was signed, 2 when it is not or cannot be told.
Exit verify_dossier(const std::string& folder, const std::string& key, Output output);

class DossierCommands {
 public:
  using Add = std::function<CLI::App*(CLI::App& parent, const std::string& name, const std::string& description,
                                      std::function<Exit()> work)>;
  // `output` is filled in by the parser; both must outlive the parsing.
  DossierCommands(CLI::App& app, const Output& output, Add add) : app_(app), output_(output), add_(std::move(add)) {}
  void declare();

 private:
  Exit chosen();

  CLI::App& app_;
  const Output& output_;
  Add add_;
  CLI::App* verify_ = nullptr;
  std::string promotion_;
  std::string folder_;
  std::string key_;
};

}  // namespace penstock::cli
