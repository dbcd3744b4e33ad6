#include "daemon/cli/lane_commands.hpp"

namespace penstock::cli {

void LaneCommands::declare() {
  reading();
  planning();
  holding();
  going_back();
  waivers();
  emergency();
  standing_in();
}

CLI::App* LaneCommands::on_lane(CLI::App& parent, const std::string& name, const std::string& description,
                                std::function<Exit(Client&)> work) {
  auto* made = add_(parent, name, description, std::move(work));
  made->add_option("model", lane_.model, "The model")->required();
  made->add_option("environment", lane_.environment, "The environment")->required();
  return made;
}

void LaneCommands::reason_option(CLI::App* to, const std::string& description) {
  // An empty reason is none, and is refused here.
  to->add_option("--reason", reason_, description)->required()->check([](const std::string& text) {
    return text.empty() ? std::string("it is empty") : std::string();
  });
}

void LaneCommands::reading() {
  auto* all = add_(app_, "lanes", "Shows the lanes, or one: live, under way, waiting, and what holds it",
                   [this](Client& client) { return lanes(client, lane_, output_); });
  auto* model = all->add_option("model", lane_.model, "The model");
  model->needs(all->add_option("environment", lane_.environment, "The environment"));

  auto* past = on_lane(app_, "history", "Shows what was live in a lane, newest first",
                       [this](Client& client) { return history(client, lane_, history_, output_); });
  past->add_option("--at", history_.at, "What was live at this time (2026-11-21T04:05:06Z)");
  past->add_option("--cursor", history_.cursor, "Goes on where the page before ended, which tells this");
  past->add_option("--limit", history_.limit, "At most so many")->capture_default_str()->check(CLI::Range(1, 500));
}

void LaneCommands::planning() {
  auto* made = on_lane(app_, "plan", "Tells what a version would have to pass to get into a lane; nothing is done",
                       [this](Client& client) { return plan(client, lane_, version_, output_); });
  made->add_option("version", version_, "The version; it need not have been submitted")->required();

  auto* tried = add_(app_, "simulate", "Decides the newest promotions again under a policy that is not in force",
                     [this](Client& client) { return simulate(client, simulate_, output_); });
  tried->add_option("files", simulate_.files, "The policy's file, and those of gates that change with it")->required();
  tried->add_option("--last", simulate_.last, "So many promotions at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  tried->add_option("--policy", simulate_.policy, "Which one, when the files hold several");
}

void LaneCommands::holding() {
  auto* pin = on_lane(app_, "pin", "Holds a lane: it takes up nothing until it is released",
                      [this](Client& client) { return hold(client, lane_, reason_, output_); });
  reason_option(pin, "Why");
  on_lane(app_, "release", "Lets a lane that is held go on",
          [this](Client& client) { return hold(client, lane_, "", output_); });
}

void LaneCommands::standing_in() {
  auto* delegation = app_.add_subcommand("delegation", "Lets somebody else approve and reject in your stead");
  delegation->require_subcommand(1);
  auto* give = add_(*delegation, "give", "Lets somebody stand in for you, until a date", [this](Client& client) {
    delegation_.reason = reason_;
    return give_delegation(client, delegation_, output_);
  });
  give->add_option("to", delegation_.to, "The person who stands in")->required();
  give->add_option("--group", delegation_.group, "In this group of yours; else in all of them");
  reason_option(give, "Why");
  auto* time = give->add_option_group("time")->require_option(1);
  time->add_option("--ends", delegation_.ends, "Until then (2026-11-21T04:05:06Z)");
  time->add_option("--for", delegation_.length, "For so long (72h)");
  add_(*delegation, "list", "Lists who stands in for whom",
       [this](Client& client) { return list_delegations(client, output_); });
  auto* end = add_(*delegation, "end", "Ends a delegation that you gave or have",
                   [this](Client& client) { return end_delegation(client, delegation_id_, output_); });
  end->add_option("delegation", delegation_id_, "Its id")->required();
}

void LaneCommands::emergency() {
  auto* review = on_lane(app_, "review", "Files the review that is owed since the glass was broken",
                         [this](Client& client) { return file_review(client, lane_, reason_, output_); });
  review->add_option("--text", reason_, "What was found, and what follows from it")->required();

  auto* made = add_(app_, "stop", "Stops deliveries until it is lifted; rollbacks go on", [this](Client& client) {
    stop_.reason = reason_;
    return stop(client, stop_, output_);
  });
  reason_option(made, "What happened");
  made->add_option("--model", stop_.model, "Of models that match this pattern; else of all");
  made->add_option("--environment", stop_.environment, "To environments that match this pattern; else to all");
  add_(app_, "stops", "Lists what holds deliveries back", [this](Client& client) { return stops(client, output_); });
  add_(app_, "semaphores", "Lists how many lanes may promote at once, who does, and who waits",
       [this](Client& client) { return semaphores(client, output_); });
  auto* lifted = add_(app_, "lift", "Lifts a stop: what waited for it goes on within half a minute",
                      [this](Client& client) { return lift(client, stop_id_, output_); });
  lifted->add_option("stop", stop_id_, "Its id")->required();
}

void LaneCommands::going_back() {
  auto* made = on_lane(app_, "rollback", "Goes back to what was live before", [this](Client& client) {
    rollback_.reason = reason_;
    return rollback(client, lane_, rollback_, output_);
  });
  reason_option(made, "What is wrong with what is live");
  made->add_option("--to", rollback_.to, "The version or the digest of one that was live; else the one before");
  made->add_option("--digest", rollback_.digest, "Only while what is live is decided on by this (see --plan)");
  made->add_flag("--plan", rollback_.plan, "Tells what would happen, and does nothing");
}

void LaneCommands::waivers() {
  auto* waiver = app_.add_subcommand("waiver", "Goes on although a gate is not passed, for a time");
  waiver->require_subcommand(1);
  auto* ask = on_lane(*waiver, "ask", "Asks for a waiver; somebody else must grant it", [this](Client& client) {
    waiver_.reason = reason_;
    return ask_waiver(client, lane_, waiver_, output_);
  });
  ask->add_option("gate", waiver_.gate, "The gate that is not passed")->required();
  ask->add_option("--rule", waiver_.rule, "One rule of its findings; else the whole gate");
  auto* scope = ask->add_option_group("scope")->require_option(1);
  scope->add_option("--candidate", waiver_.candidate, "For this candidate (its digest)");
  scope->add_option("--versions", waiver_.versions, "For versions that match this pattern (2.*)");
  reason_option(ask, "Why it cannot be passed");
  ask->add_option("--control", waiver_.control, "What is done instead")->required();
  auto* time = ask->add_option_group("time")->require_option(1);
  time->add_option("--ends", waiver_.ends, "Until then (2026-11-21T04:05:06Z)");
  time->add_option("--for", waiver_.length, "For so long (72h)");

  auto* grant = on_lane(*waiver, "grant", "Grants what somebody else has asked for",
                        [this](Client& client) { return grant_waiver(client, lane_, waiver_id_, output_); });
  grant->add_option("waiver", waiver_id_, "Its id")->required();
  auto* revoke = on_lane(*waiver, "revoke", "Refuses a waiver, or takes it back",
                         [this](Client& client) { return revoke_waiver(client, lane_, waiver_id_, reason_, output_); });
  revoke->add_option("waiver", waiver_id_, "Its id")->required();
  reason_option(revoke, "Why it must not be used any more");
  on_lane(*waiver, "list", "Lists the waivers of a lane",
          [this](Client& client) { return list_waivers(client, lane_, output_); });
}

}  // namespace penstock::cli
