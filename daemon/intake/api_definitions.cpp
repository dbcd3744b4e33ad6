#include "daemon/intake/api_definitions.hpp"

#include "daemon/core/json_writing.hpp"
#include "daemon/intake/api_body.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

constexpr std::size_t most_files = 20;
constexpr std::size_t most_text = 1 << 20;
constexpr std::size_t longest_name = 200;
constexpr int most_promotions = 10'000;
constexpr int usual_promotions = 100;
// What takes longer is told as far as it came. The caller waits for 30 s.
constexpr auto within = std::chrono::seconds(20);

struct Wish {
  std::vector<SentFile> files;
  std::string policy;
  int last = usual_promotions;
};

core::Result<std::vector<SentFile>> read_sent(const json& document) {
  const auto list = document.value("files", json());
  if (!list.is_array() || list.empty() || list.size() > most_files)
    return invalid("`files` must be a list of 1 to " + std::to_string(most_files) + " files",
                   "send the file of the policy, and those of gates that change with it");
  std::vector<SentFile> files;
  std::size_t size = 0;
  for (const auto& item : list) {
    const auto is_text = [&](const char* key) { return item.contains(key) && item[key].is_string(); };
    if (!item.is_object() || item.size() != 2 || !is_text("name") || !is_text("text"))
      return invalid("each of `files` must have a `name` and a `text`, and nothing else");
    files.push_back({item["name"], item["text"]});
    const auto& name = files.back().name;
    if (name.empty() || name.size() > longest_name)
      return invalid("the `name` of a file must have 1 to " + std::to_string(longest_name) + " bytes");
    for (std::size_t i = 0; i + 1 < files.size(); ++i)
      if (files[i].name == name) return invalid("two of `files` are named `" + name + "`");
    size += files.back().text.size();
  }
  if (size > most_text) return invalid("the files have more than 1 MiB together");
  return files;
}

core::Result<Wish> read_wish(const std::string& body) {
  const auto document = read_object(body, {"files", "policy", "last"});
  if (!document) return document.error();
  Wish wish;
  auto files = read_sent(*document);
  if (!files) return files.error();
  wish.files = std::move(*files);
  auto policy = text_member(*document, "policy");
  if (!policy) return policy.error();
  wish.policy = std::move(*policy);
  const auto last = document->value("last", json(usual_promotions));
  if (!last.is_number_integer() || last < 1 || last > most_promotions)
    return invalid("`last` must be a whole number from 1 to " + std::to_string(most_promotions));
  wish.last = last;
  return wish;
}

Response refused_files(const ReadFiles& read) {
  auto response = problem_response({"invalid-definitions", "the files have problems, listed in `problems`", "",
                                    "correct them and send them again", false});
  auto document = json::parse(response.body);
  document["problems"] = read.problems;
  response.body = core::json_text(document);
  return response;
}

core::Result<std::shared_ptr<const core::Policy>> chosen(const ReadFiles& read, const std::string& name) {
  std::string names;
  for (const auto& policy : read.policies) {
    if (policy->name == name || (name.empty() && read.policies.size() == 1)) return policy;
    names += (names.empty() ? "" : ", ") + policy->name;
  }
  if (names.empty()) return invalid("the files hold no policy", "send the file of one");
  if (name.empty()) return invalid("the files hold several policies: " + names, "name one of them as `policy`");
  return invalid("the files hold no policy `" + name + "`", "they hold " + names);
}

// What a simulation of this policy does not look at.
json notes_on(const core::Policy& policy) {
  auto notes =
      json::array({"each promotion is decided by itself: what pins, stops and the other promotions of its "
                   "lane did to it is taken as it was"});
  if (policy.watch) notes.push_back("what is found after delivery is not decided again: the watch is left out");
  if (policy.most_per_window > 0)
    notes.push_back("how many deliveries begin in one window is not counted: most_per_window is left out");
  for (const auto& rule : policy.approvals)
    for (const auto who : rule.excluded)
      if (who == core::Excluded::editor && policy.editor.empty()) {
        notes.push_back("nobody knows who edited a file that is sent: no approval is refused as its editor's");
        return notes;
      }
  return notes;
}

json redecided_json(const std::vector<engine::Redecided>& list) {
  auto documents = json::array();
  for (const auto& one : list) {
    documents.push_back({{"promotion", one.promotion},
                         {"model", one.lane.model},
                         {"environment", one.lane.environment},
                         {"version", one.version},
                         {"was", core::name_of(one.was)},
                         {"was_why", one.was_why},
                         {"would", nullptr},
                         {"why", one.why},
                         {"href", "/v1/promotions/" + one.promotion}});
    if (!one.would) continue;
    documents.back()["would"] = core::name_of(*one.would);
    documents.back()["at"] = core::to_text(one.at);
  }
  return documents;
}

json simulation_json(const core::Policy& policy, const engine::Simulated& result, const json& warnings) {
  return {{"policy", policy.name},
          {"model", policy.model},
          {"environment", policy.environment},
          {"digest", policy.digest.text()},
          {"looked_at", result.looked_at},
          {"under_way", result.under_way},
          {"same", result.same},
          {"later", result.later},
          {"different", result.different},
          {"untold", result.untold},
          {"stopped_early", result.stopped_early},
          {"differing", redecided_json(result.differing)},
          {"unknown", redecided_json(result.unknown)},
          {"postponed", redecided_json(result.postponed)},
          {"most_told", engine::Simulated::most_told},
          {"notes", notes_on(policy)},
          {"warnings", warnings}};
}

}  // namespace

asio::awaitable<Response> get_definitions(const ApiParts& parts, Request) {
  co_return json_response(200, parts.definitions.loaded());
}

asio::awaitable<Response> post_simulation(const ApiParts& parts, Request request) {
  auto wish = read_wish(request.body);
  if (!wish) co_return problem_response(wish.error());
  auto reading = [read = parts.definitions.read, files = std::move(wish->files)] { return read(files); };
  const auto read = co_await parts.pool.run(std::move(reading));
  if (!read.good) co_return refused_files(read);
  const auto policy = chosen(read, wish->policy);
  if (!policy) co_return problem_response(policy.error());
  const auto simulation = parts.engine.simulation(*policy, parts.definitions.covering_with(*policy), wish->last);
  const auto until = std::chrono::steady_clock::now() + within;
  for (;;) {
    // Page by page, so that other readers of the journal have their turn.
    auto page = [simulation] { return simulation->step(); };
    const auto more = co_await parts.pool.run(std::move(page));
    if (!more) co_return problem_response(more.error());
    if (!*more) break;
    if (std::chrono::steady_clock::now() < until) continue;
    auto result = simulation->result();
    result.stopped_early = true;
    co_return json_response(200, simulation_json(**policy, result, read.problems));
  }
  co_return json_response(200, simulation_json(**policy, simulation->result(), read.problems));
}

json simulation_schema() {
  const json text{{"type", "string"}};
  const json file{{"type", "object"},
                  {"additionalProperties", false},
                  {"required", {"name", "text"}},
                  {"properties", {{"name", text}, {"text", {{"type", "string"}, {"description", "YAML."}}}}}};
  return {{"type", "object"},
          {"additionalProperties", false},
          {"required", {"files"}},
          {"properties",
           {{"files",
             {{"type", "array"},
              {"description", "Gate definitions: a policy, and gates that take the place of the loaded ones."},
              {"minItems", 1},
              {"maxItems", most_files},
              {"items", file}}},
            {"policy", {{"type", "string"}, {"description", "Which one, when the files hold several."}}},
            {"last",
             {{"type", "integer"},
              {"description", "How many promotions are decided again at most, newest first."},
              {"minimum", 1},
              {"maximum", most_promotions},
              {"default", usual_promotions}}}}}};
}

}  // namespace penstock::intake
