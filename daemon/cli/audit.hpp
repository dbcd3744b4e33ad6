// The commands about the audit log. They work on files alone, on any machine.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "daemon/cli/print.hpp"

namespace penstock::cli {

// Makes a pair of keys: the private one into a new file that only its owner can read, the public one into
// "<file>.pub" and onto stdout. Both files are new, or neither is written.
Exit audit_keygen(const std::string& name, const std::string& file, Output output);

// Recomputes everything. Exit status 0 when all is as it was signed, 2 when it is not or cannot be told. `others` are
// files with checkpoints that were kept elsewhere, `witnesses` the keys of those who must have cosigned it.
Exit audit_verify(const std::string& folder, const std::string& key, const std::vector<std::string>& others,
                  const std::vector<std::string>& witnesses, Output output);

class AuditCommands {
 public:
  using Add = std::function<CLI::App*(CLI::App& parent, const std::string& name, const std::string& description,
                                      std::function<Exit()> work)>;
  // `output` is filled in by the parser; both must outlive the parsing.
  AuditCommands(CLI::App& app, const Output& output, Add add) : app_(app), output_(output), add_(std::move(add)) {}
  void declare();

 private:
  CLI::App& app_;
  const Output& output_;
  Add add_;
  std::string name_;
  std::string key_;
  std::string folder_;
  std::vector<std::string> others_;
  std::vector<std::string> witnesses_;
};

}  // namespace penstock::cli
