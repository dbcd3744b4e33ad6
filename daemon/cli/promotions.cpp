#include "daemon/cli/promotions.hpp"

#include <unistd.h>

#include <iostream>

#include "daemon/cli/explanation_text.hpp"
#include "daemon/cli/json_file.hpp"

namespace penstock::cli {
namespace {

using nlohmann::json;

std::string printed(const json& promotion) { return line_of(promotion) + "\n"; }

void print(const json& document) { std::cout << document.dump(2) << "\n"; }

bool needs_a_person(const std::string& phase) { return phase == "awaiting_approval" || phase == "held"; }

// The promotion as it stands, or its id alone when it cannot be read.
std::string line_of_id(Client& client, const std::string& id) {
  const auto answer = client.get("/v1/promotions/" + escaped(id));
  return answer && answer->status < 400 ? line_of(answer->document) : id;
}

// Which promotion, for how long, and what was seen of it last.
struct Following {
  std::string promotion;
  std::chrono::steady_clock::time_point deadline;
  bool through_waits = false;
  std::string shown;
  json last;
  bool is_away = false;

  bool is_over() const { return std::chrono::steady_clock::now() >= deadline; }
};

// A daemon that restarts is waited for, once the promotion was seen.
std::optional<Exit> not_answered(Following& following, const core::Problem& problem) {
  const bool away = problem.code == "unreachable" || problem.code == "timeout";
  if (!away || following.shown.empty() || following.is_over()) return fail(problem);
  if (!following.is_away) std::cerr << "penstock: the daemon does not answer; waiting for it\n";
  following.is_away = true;
  ::usleep(500'000);
  return std::nullopt;
}

// Shows the promotion when it has changed; its exit status once there is nothing more to wait for.
std::optional<Exit> show_progress(Following& following, Output output) {
  const auto phase = text_of(following.last, "phase");
  const auto line = line_of(following.last);
  const bool unchanged = line == following.shown;
  // Progress goes to stderr, so that -o json leaves one document on stdout.
  if (!unchanged) (output.json ? std::cerr : std::cout) << line << std::endl;
  following.shown = line;
  const auto exit = exit_of_phase(phase);
  if (exit != Exit::pending || (!following.through_waits && needs_a_person(phase)) || following.is_over()) return exit;
  // A long poll returns at once while a person is awaited.
  if (unchanged || needs_a_person(phase)) ::usleep(500'000);
  return std::nullopt;
}

Exit follow(Client& client, Following& following, Output output) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::seconds>(following.deadline - std::chrono::steady_clock::now()).count();
    const auto seconds = following.shown.empty() ? 0 : std::clamp<std::int64_t>(left, 0, 25);
    const auto answer =
        client.get("/v1/promotions/" + escaped(following.promotion) + "?wait=" + std::to_string(seconds) + "s",
                   "application/json", std::chrono::seconds(60));
    if (!answer) {
      if (const auto exit = not_answered(following, answer.error())) return *exit;
      continue;
    }
    if (answer->status >= 400) return fail(*answer);
    following.is_away = false;
    following.last = answer->document;
    if (const auto exit = show_progress(following, output)) return *exit;
  }
}

}  // namespace

Exit submit(Client& client, const SubmitOptions& options, Output output) {
  auto candidate = read_json_file(options.file);
  if (!candidate) return fail(candidate.error());
  if (options.again && candidate->is_object()) (*candidate)["again"] = true;
  const auto answer = client.post("/v1/candidates", *candidate);
  if (!answer) return fail(answer.error());
  if (answer->status >= 400) return fail(*answer);
  const auto promotions = answer->document.value("promotions", json::array());
  if (output.json && !options.wait) print(answer->document);
  if (!output.json) {
    std::cout << (answer->status == 201 ? "submitted " : "known already: ") << text_of(answer->document, "id") << "\n";
    if (!options.wait)
      for (const auto& promotion : promotions)
        std::cout << "  " << line_of_id(client, text_of(promotion, "id")) << "\n";
  }
  if (!options.wait) return Exit::done;
  auto worst = Exit::done;
  auto seen = json::array();
  for (const auto& promotion : promotions) {
    Following following{text_of(promotion, "id"), std::chrono::steady_clock::now() + options.timeout, true, {}, {}};
    const auto one = follow(client, following, output);
    if (worst == Exit::done) worst = one;
    seen.push_back(std::move(following.last));
  }
  if (output.json) {
    auto document = answer->document;
    document["promotions"] = std::move(seen);
    print(document);
  }
  return worst;
}

Exit status(Client& client, const std::string& promotion, const ListOptions& list, Output output) {
  if (!promotion.empty()) return show(client.get("/v1/promotions/" + escaped(promotion)), output, page_of);
  auto path = "/v1/promotions?limit=" + std::to_string(list.limit);
  if (!list.model.empty()) path += "&model=" + escaped(list.model);
  if (!list.environment.empty()) path += "&environment=" + escaped(list.environment);
  if (!list.phase.empty()) path += "&phase=" + escaped(list.phase);
  return show(client.get(path), output, [](const json& document) {
    std::string text;
    for (const auto& one : list_of(document, "promotions")) text += printed(one);
    return text;
  });
}

Exit watch(Client& client, const std::string& promotion, core::Duration timeout, bool through_waits, Output output) {
  Following following{promotion, std::chrono::steady_clock::now() + timeout, through_waits, {}, {}};
  const auto exit = follow(client, following, output);
  if (output.json && !following.last.is_null()) print(following.last);
  return exit;
}

Exit explain(Client& client, const std::string& promotion, bool tree, Output output) {
  const auto answer = client.get("/v1/promotions/" + escaped(promotion) + "/explanation",
                                 output.json || tree ? "application/json" : "text/plain");
  if (!answer) return fail(answer.error());
  if (answer->status >= 400) return fail(*answer);
  if (output.json) {
    print(answer->document);
  } else if (tree) {
    std::cout << text_of(answer->document, "paragraph") << "\n" << tree_text(answer->document);
  } else {
    std::cout << answer->text << (answer->text.empty() || answer->text.back() != '\n' ? "\n" : "");
  }
  return Exit::done;
}

Exit decide(Client& client, const DecideOptions& options, Output output) {
  auto digest = options.digest;
  if (digest.empty()) {
    if (::isatty(STDIN_FILENO) == 0) {
      std::cerr << "penstock: --digest is needed: what exactly is decided on (`decide_on` of penstock status)\n";
      return Exit::usage;
    }
    const auto seen = client.get("/v1/promotions/" + escaped(options.promotion));
    if (!seen) return fail(seen.error());
    if (seen->status >= 400) return fail(*seen);
    digest = text_of(seen->document, "decide_on");
    std::cerr << page_of(seen->document) << options.decision << " this? Type yes: ";
    std::string word;
    if (!std::getline(std::cin, word) || word != "yes") return Exit::usage;
  }
  json body{{"decision", options.decision}};
  if (!options.note.empty()) body["note"] = options.note;
  if (!options.condition.empty()) body["condition"] = options.condition;
  if (!options.on_behalf_of.empty()) body["on_behalf_of"] = options.on_behalf_of;
  return show(client.post("/v1/promotions/" + escaped(options.promotion) + "/decisions", body,
                          {{"If-Match", "\"" + digest + "\""}}),
              output, printed);
}

Exit act(Client& client, const std::string& promotion, const std::string& verb, const std::string& reason,
         Output output) {
  const auto body = reason.empty() ? json::object() : json{{"reason", reason}};
  return show(client.post("/v1/promotions/" + escaped(promotion) + "/" + verb, body), output, printed);
}

}  // namespace penstock::cli
