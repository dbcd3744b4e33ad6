// The commands about promotions: what is there, why, and what a person decides.
#pragma once

#include <string>

#include "daemon/cli/print.hpp"

namespace penstock::cli {

struct SubmitOptions {
  std::string file;  // a candidate as JSON; "-" is stdin
  bool again = false;
  bool wait = false;
  core::Duration timeout = std::chrono::minutes(10);
};
struct ListOptions {
  std::string model, environment, phase;
  int limit = 20;
};
struct DecideOptions {
  std::string promotion;
  std::string decision;  // "approve", "reject", "veto", "take-back", "break-glass"
  std::string digest;  // what was looked at (`decide_on`); asked for when it is empty and a person sits at the terminal
  std::string note;
  std::string condition;     // with "approve"
  std::string on_behalf_of;  // with "approve"
};

Exit submit(Client& client, const SubmitOptions& options, Output output);
Exit status(Client& client, const std::string& promotion, const ListOptions& list, Output output);
// Follows a promotion until it is live, has ended, or (unless `through_waits`) needs a person.
Exit watch(Client& client, const std::string& promotion, core::Duration timeout, bool through_waits, Output output);
// The paragraph, or with `tree` every condition below it.
Exit explain(Client& client, const std::string& promotion, bool tree, Output output);
Exit decide(Client& client, const DecideOptions& options, Output output);
// `verb` is "retry" or "withdraw".
Exit act(Client& client, const std::string& promotion, const std::string& verb, const std::string& reason,
         Output output);

}  // namespace penstock::cli
