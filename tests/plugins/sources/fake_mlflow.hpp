// An MLflow tracking server as far as the source uses one, with the shapes that 2.22 and 3.17 were seen to answer.
#pragma once

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/plugins/sources/raw_server.hpp"

namespace penstock::sources::test {

class FakeMlflow {
 public:
  using Json = nlohmann::json;

  FakeMlflow() : server_([this](int connection, const auto& over) { serve(connection, over); }) {}

  std::string url() const { return "http://127.0.0.1:" + server_.port(); }

  // Adds or replaces a version; `more` is laid over the usual members.
  void version(const std::string& name, int number, std::int64_t created, const Json& more = Json::object()) {
    Json entry{{"name", name},
               {"version", std::to_string(number)},
               {"creation_timestamp", created},
               {"last_updated_timestamp", created},
               {"current_stage", "None"},
               {"source", "models:/m-" + std::to_string(number)},
               {"status", "READY"},
               {"a_field_of_tomorrow", {1, 2, 3}}};
    entry.update(more);
    const std::lock_guard lock(mutex_);
    versions_[{name, std::to_string(number)}] = entry;
  }
  void remove(const std::string& name, int number) {
    const std::lock_guard lock(mutex_);
    versions_.erase({name, std::to_string(number)});
  }
  void run(const std::string& id, const Json& run) {
    const std::lock_guard lock(mutex_);
    runs_[id] = run;
  }
  void file(const std::string& path, const std::string& content) {
    const std::lock_guard lock(mutex_);
    files_[path] = content;
  }
  // Where a logged model's files are; by default mlflow-artifacts:/0/models/<id>/artifacts.
  void logged_model(const std::string& id, const std::string& uri) {
    const std::lock_guard lock(mutex_);
    models_[id] = uri;
  }
  // Every path that holds `part` is answered with this; an empty answer is none at all.
  void answer(const std::string& part, const std::string& raw) {
    const std::lock_guard lock(mutex_);
    fixed_[part] = raw;
  }
  void behave() {
    const std::lock_guard lock(mutex_);
    fixed_.clear();
  }
  int asked(const std::string& part) {
    const std::lock_guard lock(mutex_);
    int count = 0;
    for (const auto& request : asked_) count += request.find(part) != std::string::npos ? 1 : 0;
    return count;
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    asked_.clear();
  }

  static std::string http(int status, const std::string& body, const std::string& more = "") {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/json\r\nConnection: close\r\n" +
           more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  static std::string absent(const std::string& what) {
    return http(404, Json{{"error_code", "RESOURCE_DOES_NOT_EXIST"}, {"message", what + " not found"}}.dump());
  }

 private:
  using Query = std::map<std::string, std::string>;

  static std::string decoded(const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '%' && i + 2 < text.size()) {
        result += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else {
        result += text[i];
      }
    return result;
  }

  void serve(int connection, const std::atomic<bool>& over) {
    const auto asked = read_request(connection, over);
    if (asked.method.empty()) return;
    std::string answer;
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(asked.head);
      for (const auto& [part, raw] : fixed_)
        if (decoded(asked.target).find(part) != std::string::npos) answer = raw.empty() ? "hang" : raw;
      if (answer.empty()) answer = reply(asked.target);
    }
    if (answer == "hang")
      hang(connection, over);
    else
      send_all(connection, answer);
  }

  std::string reply(const std::string& target) {
    const auto question = target.find('?');
    const auto path = target.substr(0, question);
    Query query;
    for (std::size_t at = question; at != std::string::npos && at < target.size();) {
      const auto end = std::min(target.find('&', at + 1), target.size());
      const auto pair = target.substr(at + 1, end - at - 1);
      query[pair.substr(0, pair.find('='))] = decoded(pair.substr(pair.find('=') + 1));
      at = end;
    }
    const std::string api = "/api/2.0/mlflow/";
    const std::string proxy = "/api/2.0/mlflow-artifacts/artifacts";
    if (path == api + "model-versions/search") return search(query);
    if (path == api + "model-versions/get") {
      const auto found = versions_.find({query["name"], query["version"]});
      return found == versions_.end() ? absent("version") : http(200, Json{{"model_version", found->second}}.dump());
    }
    if (path == api + "model-versions/get-download-uri") {
      const auto found = versions_.find({query["name"], query["version"]});
      if (found == versions_.end()) return absent("version");
      auto uri = found->second["source"].get<std::string>();
      // 3.x resolves logged models here, and leaves runs:/ as it is.
      if (uri.starts_with("models:/m-")) uri = model_uri(uri.substr(8));
      return http(200, Json{{"artifact_uri", uri}}.dump());
    }
    if (path == api + "runs/get") {
      const auto found = runs_.find(query["run_id"]);
      return found == runs_.end() ? absent("run") : http(200, Json{{"run", found->second}}.dump());
    }
    if (path.starts_with(api + "logged-models/")) {
      const Json info{{"artifact_uri", model_uri(path.substr((api + "logged-models/").size()))}};
      return http(200, Json{{"model", {{"info", info}}}}.dump());
    }
    if (path == proxy) return list(query["path"]);
    if (path.starts_with(proxy + "/")) {
      const auto found = files_.find(decoded(path.substr(proxy.size() + 1)));
      return found == files_.end() ? absent("artifact") : http(200, found->second);
    }
    return absent(path);
  }

  std::string model_uri(const std::string& id) {
    const auto found = models_.find(id);
    return found == models_.end() ? "mlflow-artifacts:/0/models/" + id + "/artifacts" : found->second;
  }

  std::string search(Query& query) {
    std::vector<Json> sorted;
    for (const auto& [key, version] : versions_)
      if (query["filter"].empty() || query["filter"] == "name='" + key.first + "'") sorted.push_back(version);
    const auto created = [](const Json& version) {
      const auto& value = version["creation_timestamp"];
      return value.is_string() ? std::stoll(value.get<std::string>()) : value.get<std::int64_t>();
    };
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&](const Json& a, const Json& b) { return created(a) > created(b); });
    const auto from = query["page_token"].empty() ? 0u : static_cast<std::size_t>(std::stoul(query["page_token"]));
    const auto size = static_cast<std::size_t>(std::stoul(query["max_results"]));
    Json answer = Json::object();
    for (auto i = from; i < std::min(sorted.size(), from + size); ++i) answer["model_versions"].push_back(sorted[i]);
    if (from + size < sorted.size()) answer["next_page_token"] = std::to_string(from + size);
    return http(200, answer.dump());
  }

  std::string list(const std::string& folder) {
    std::map<std::string, Json> entries;
    for (const auto& [path, content] : files_) {
      if (!path.starts_with(folder + "/")) continue;
      const auto rest = path.substr(folder.size() + 1);
      const auto slash = rest.find('/');
      const auto name = rest.substr(0, slash);
      if (slash == std::string::npos)
        entries[name] = {{"path", name}, {"is_dir", false}, {"file_size", std::to_string(content.size())}};
      else
        entries[name] = {{"path", name}, {"is_dir", true}};
    }
    Json answer = Json::object();
    for (const auto& [name, entry] : entries) answer["files"].push_back(entry);
    return http(200, answer.dump());
  }

  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Json> versions_;
  std::map<std::string, Json> runs_;
  std::map<std::string, std::string> files_;
  std::map<std::string, std::string> models_;
  std::map<std::string, std::string> fixed_;
  std::vector<std::string> asked_;
  RawServer server_;  // last: its thread uses all of the above
};

}  // namespace penstock::sources::test
