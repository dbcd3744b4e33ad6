#include "daemon/cli/simulate.hpp"

#include <fstream>
#include <iostream>

#include "daemon/definitions/lint.hpp"
#include "daemon/runtime/utf8.hpp"

namespace penstock::cli {
namespace {

using nlohmann::json;

constexpr std::size_t largest = 1 << 20;

core::Result<json> read_files(const std::vector<std::string>& names) {
  auto files = json::array();
  for (const auto& name : names) {
    std::ifstream stream(name, std::ios::binary);
    std::string text(largest + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad() || !stream.is_open())
      return core::Problem{"usage", "the file cannot be read", name, "name the file of a policy, no folder", false};
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > largest) return core::Problem{"usage", "the file has more than 1 MiB", name, "", false};
    if (!runtime::is_utf8(text)) return core::Problem{"usage", "the file is no text in UTF-8", name, "", false};
    files.push_back({{"name", name}, {"text", std::move(text)}});
  }
  return files;
}

// As `penstock lint` tells it.
void tell(const json& problem) {
  definitions::Lint lint;
  lint.severity =
      text_of(problem, "severity") == "error" ? definitions::Severity::error : definitions::Severity::warning;
  lint.file = text_of(problem, "file");
  lint.mark = {problem.value("line", 0), problem.value("column", 0)};
  lint.path = text_of(problem, "path");
  lint.message = text_of(problem, "message");
  std::cerr << to_text(lint) << "\n";
}

std::string counted(const json& document, const char* key) { return std::to_string(document.value(key, 0)); }

std::string line_of_one(const json& one, const std::string& what) {
  auto text =
      "  " + text_of(one, "promotion") + "  " + text_of(one, "model") + " " + text_of(one, "version") + "  " + what;
  if (const auto why = text_of(one, "why"); !why.empty()) text += ": " + why;
  return text + "\n";
}

std::string listed(const json& document, const char* list, const char* count, const std::string& title,
                   const std::function<std::string(const json&)>& line) {
  const auto total = document.value(count, 0);
  if (total == 0) return "";
  auto text = title + "\n";
  const auto items = list_of(document, list);
  for (const auto& one : items) text += line(one);
  if (const auto more = total - static_cast<int>(items.size()); more > 0)
    text += "  and " + std::to_string(more) + " older ones\n";
  return text;
}

std::string text_of_simulation(const json& document) {
  auto text = text_of(document, "policy") + " on the last " + counted(document, "looked_at") + " promotions of " +
              text_of(document, "model") + " in " + text_of(document, "environment") + ": " +
              counted(document, "same") + " the same, " + counted(document, "different") + " different, " +
              counted(document, "untold") + " cannot be told\n";
  if (document.value("under_way", 0) > 0) text += counted(document, "under_way") + " under way were passed over\n";
  if (document.value("stopped_early", false)) text += "there are more, which were not looked at: it took too long\n";
  text += listed(document, "differing", "different", "would have ended differently:", [](const json& one) {
    return line_of_one(one, "was " + text_of(one, "was") + ", would be " + text_of(one, "would"));
  });
  text += listed(document, "unknown", "untold",
                 "cannot be told:", [](const json& one) { return line_of_one(one, "was " + text_of(one, "was")); });
  text += listed(document, "postponed", "later", "would have been delivered later, because of a window:",
                 [](const json& one) { return line_of_one(one, "at " + text_of(one, "at")); });
  for (const auto& note : list_of(document, "notes"))
    if (note.is_string()) text += "note: " + note.get<std::string>() + "\n";
  return text;
}

}  // namespace

Exit simulate(Client& client, const SimulateOptions& options, Output output) {
  auto files = read_files(options.files);
  if (!files) return fail(files.error());
  json body{{"files", std::move(*files)}, {"last", options.last}};
  if (!options.policy.empty()) body["policy"] = options.policy;
  const auto answer = client.post("/v1/simulations", body);
  if (!answer) return fail(answer.error());
  if (answer->document.is_object())
    for (const auto* key : {"problems", "warnings"})
      for (const auto& problem : list_of(answer->document, key)) tell(problem);
  if (answer->status >= 400) return fail(*answer);
  std::cout << (output.json ? answer->document.dump(2) + "\n" : text_of_simulation(answer->document));
  return Exit::done;
}

}  // namespace penstock::cli
