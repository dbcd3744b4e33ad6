// penstock: the command line.
#include <CLI/CLI.hpp>
#include <iostream>

#include "daemon/cli/audit.hpp"
#include "daemon/cli/backup.hpp"
#include "daemon/cli/dossier.hpp"
#include "daemon/cli/gate_test.hpp"
#include "daemon/cli/lane_commands.hpp"
#include "daemon/cli/lint.hpp"
#include "daemon/cli/promotions.hpp"

namespace penstock::cli {
namespace {

constexpr const char* exit_codes = R"(Exit codes:
  0  done, promoted
  1  unexpected error
  2  wrong use, or a file with problems
  3  the policy said no: rejected, expired, superseded, withdrawn, vetoed
  4  not authenticated, or not allowed
  5  still under way when --timeout ended, or waiting for a person
  6  conflict or stale digest; lint --against: a difference
  7  the daemon cannot be reached

Environment:
  PENSTOCK_URL         the daemon (http://127.0.0.1:8087)
  PENSTOCK_TOKEN       a bearer token, or
  PENSTOCK_TOKEN_FILE  a file that holds one)";

// What a command that talks to the daemon runs with.
template <class Work>
Exit with_client(Work work) {
  auto client = Client::from_environment();
  if (!client) return fail(client.error());
  return work(*client);
}

class Commands {
 public:
  explicit Commands(CLI::App& app) : app_(app) {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", PENSTOCK_VERSION);
    app_.footer(exit_codes);
    files();
    gates();
    reading();
    deciding();
    lanes_.declare();
    audit_.declare();
    dossier_.declare();
  }
  Exit run() const { return chosen_ ? chosen_() : Exit::usage; }

 private:
  CLI::App* command(const std::string& name, const std::string& description, std::function<Exit()> work) {
    return command_of(app_, name, description, std::move(work));
  }
  CLI::App* command_of(CLI::App& parent, const std::string& name, const std::string& description,
                       std::function<Exit()> work) {
    auto* made = parent.add_subcommand(name, description);
    made->add_option_function<std::string>(
            "-o,--output", [this](const std::string& form) { output_.json = form == "json"; }, "text or json")
        ->check(CLI::IsMember({"text", "json"}));
    made->final_callback([this, work = std::move(work)] { chosen_ = work; });
    return made;
  }
  void timeout_option(CLI::App* to) {
    to->add_option_function<std::string>(
        "--timeout",
        [this](const std::string& text) {
          const auto read = core::parse_duration(text);
          if (!read) throw CLI::ValidationError("--timeout", "`" + text + "` is no duration such as 10m");
          timeout_ = *read;
        },
        "How long to wait (10m)");
  }

  void files() {
    command("backup", "Backs up journal, evidence and artifacts into the daemon's data folder",
            [this] { return with_client([&](Client& client) { return backup(client, output_); }); });
    auto* restore_command = command("restore", "Makes a data folder again from a backup, without a daemon",
                                    [this] { return restore(folder_, data_, postgres_file_, schema_, output_); });
    restore_command->add_option("backup", folder_, "The backup's folder")->required();
    restore_command->add_option("data", data_, "The data folder: one that is not there yet, or empty")->required();
    auto* postgres_file = restore_command->add_option_function<std::string>(
        "--postgres", [this](const std::string& file) { postgres_file_ = file; },
        "A file with the connection of a PostgreSQL database that the journal goes into");
    restore_command->add_option("--schema", schema_, "The schema in it, which no daemon has worked on")
        ->capture_default_str()
        ->needs(postgres_file);
    auto* lint_command = command("lint", "Tells every problem of gate definitions or settings",
                                 [this] { return lint(paths_, against_, output_); });
    lint_command->add_option("paths", paths_, "A folder of gate definitions, or a penstock.yaml")->required();
    lint_command->add_option("--against", against_, "URL of a daemon: tells what it has loaded that is not the same");
    auto* schema_command = command("schema", "Prints the JSON Schemas (draft-07) of everything that users write",
                                   [this] { return schema(folder_, markdown_); });
    schema_command->add_option("--write", folder_, "Writes one file each into this folder");
    schema_command->add_flag("--markdown", markdown_, "Prints the reference page instead");
  }

  void gates() {
    auto* gate = app_.add_subcommand("gate", "Works on one gate");
    gate->require_subcommand(1);
    auto* test = command_of(*gate, "test", "Asks one gate about a sample, here and without a daemon", [this] {
      gate_test_.deadline = timeout_;
      return gate_test(gate_test_, output_);
    });
    test->add_option("gate", gate_test_.gate, "The gate's name")->required();
    test->add_option("--definitions", gate_test_.definitions, "The folder of the gate definitions")->required();
    test->add_option("--candidate", gate_test_.candidate, "The candidate as JSON; - is stdin")->required();
    test->add_option("--artifact", gate_test_.artifact, "A folder with the candidate's files");
    test->add_option("--data-root", gate_test_.data_roots,
                     "NAME FOLDER: a folder that the gate may read data sets from");
    timeout_option(test);
  }

  void reading() {
    auto* submit_command = command("submit", "Submits a candidate", [this] {
      return with_client([&](Client& client) {
        return submit(client, {paths_.front(), again_, wait_, timeout_}, output_);
      });
    });
    submit_command->add_option("file", paths_, "The candidate as JSON; - is stdin")->required()->expected(1);
    submit_command->add_flag("--again", again_, "Also where an earlier promotion of it has ended");
    submit_command->add_flag("--wait", wait_, "Follows its promotions");
    timeout_option(submit_command);

    auto* status_command = command("status", "Shows one promotion, or the newest ones", [this] {
      return with_client([&](Client& client) { return status(client, promotion_, list_, output_); });
    });
    status_command->add_option("promotion", promotion_, "Its id");
    status_command->add_option("--model", list_.model, "Of this model");
    status_command->add_option("--environment", list_.environment, "In this environment");
    status_command->add_option("--phase", list_.phase, "In this phase");
    status_command->add_option("--limit", list_.limit, "At most so many")
        ->capture_default_str()
        ->check(CLI::Range(1, 500));

    auto* watch_command =
        command("watch", "Follows a promotion until it is live, has ended, or needs a person", [this] {
          return with_client([&](Client& client) { return watch(client, promotion_, timeout_, through_, output_); });
        });
    watch_command->add_option("promotion", promotion_, "Its id")->required();
    watch_command->add_flag("--through", through_, "Goes on while a person is awaited");
    timeout_option(watch_command);

    auto* explain_command = command("explain", "Says why a promotion is where it is", [this] {
      return with_client([&](Client& client) { return explain(client, promotion_, tree_, output_); });
    });
    explain_command->add_option("promotion", promotion_, "Its id")->required();
    explain_command->add_flag("--tree", tree_, "Every condition as a tree: met [x], not met [ ], not known [?]");
  }

  CLI::App* decision(const std::string& word, const std::string& description) {
    auto* made = command(word, description, [this, word] {
      return with_client([&](Client& client) {
        return decide(client, {promotion_, word, digest_, note_, condition_, on_behalf_of_}, output_);
      });
    });
    made->add_option("promotion", promotion_, "Its id")->required();
    made->add_option("--digest", digest_, "What is decided on: `decide_on` of penstock status; needed in scripts");
    made->add_option("--note", note_, "Why");
    return made;
  }

  void deciding() {
    auto* approve = decision("approve", "Approves a promotion");
    approve->add_option("--condition", condition_, "What is demanded besides: only with 10 % of the traffic");
    approve->add_option("--on-behalf-of", on_behalf_of_, "Whom you stand in for; yourself first when left out");
    decision("reject", "Rejects a promotion")->get_option("--note")->required();
    decision("veto", "Rejects a promotion, and its candidate for good in this lane")->get_option("--note")->required();
    decision("take-back", "Takes one's own approval back");
    decision("break-glass", "In an emergency, with a second person: goes on without what the policy lists")
        ->get_option("--note")
        ->required();
    for (const auto* verb : {"retry", "withdraw"}) {
      auto* made =
          command(verb,
                  std::string(verb) == "retry" ? "Retries what is held, or promotes again what has ended"
                                               : "Withdraws a promotion",
                  [this, verb] {
                    return with_client([&](Client& client) { return act(client, promotion_, verb, note_, output_); });
                  });
      made->add_option("promotion", promotion_, "Its id")->required();
      if (std::string(verb) == "withdraw") made->add_option("--reason", note_, "Why")->required();
    }
  }

  CLI::App& app_;
  std::function<Exit()> chosen_;
  Output output_;
  std::vector<std::string> paths_;
  std::string against_;
  std::string folder_;
  std::string data_;
  std::optional<std::string> postgres_file_;
  std::string schema_ = "penstock";
  bool markdown_ = false;
  std::string promotion_;
  ListOptions list_;
  GateTestOptions gate_test_;
  std::string digest_;
  std::string note_;
  std::string condition_;
  std::string on_behalf_of_;
  bool again_ = false;
  bool wait_ = false;
  bool through_ = false;
  bool tree_ = false;
  core::Duration timeout_ = std::chrono::minutes(10);
  AuditCommands audit_{
      app_, output_,
      [this](CLI::App& parent, const std::string& name, const std::string& description, std::function<Exit()> work) {
        return command_of(parent, name, description, std::move(work));
      }};
  DossierCommands dossier_{
      app_, output_,
      [this](CLI::App& parent, const std::string& name, const std::string& description, std::function<Exit()> work) {
        return command_of(parent, name, description, std::move(work));
      }};
  LaneCommands lanes_{app_, output_,
                      [this](CLI::App& parent, const std::string& name, const std::string& description,
                             std::function<Exit(Client&)> work) {
                        return command_of(parent, name, description,
                                          [work = std::move(work)] { return with_client(work); });
                      }};
};

int start(int argc, char** argv) {
  CLI::App app("penstock: what goes into production, and why.");
  Commands commands(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const auto status = app.exit(error);
    return status == 0 ? 0 : static_cast<int>(Exit::usage);
  }
  return static_cast<int>(commands.run());
}

}  // namespace
}  // namespace penstock::cli

int main(int argc, char** argv) {
  try {
    return penstock::cli::start(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "penstock: a bug: " << error.what() << "\n";
    return static_cast<int>(penstock::cli::Exit::unexpected);
  }
}
