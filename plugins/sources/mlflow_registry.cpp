#include "plugins/sources/mlflow_registry.hpp"

#include "plugins/sources/mlflow_answers.hpp"

namespace penstock::sources {
namespace {

constexpr std::size_t max_answer = 16 << 20;
constexpr core::Duration longest_answer = std::chrono::seconds(15);

core::Problem unexpected(const std::string& url, const std::string& path, const std::string& what) {
  return {"unexpected-answer", "the answer to GET " + path + " " + what, url,
          "check that the endpoint's url is an MLflow tracking server, without /api, and what stands between", true};
}

// MLflow's own message out of an error's body, when there is one; at most 300 characters of it.
std::string message_in(const std::string& body) {
  const auto document = parse_answer(body);
  return document ? text_of(*document, "message").substr(0, 300) : std::string();
}

}  // namespace

bool ModelVersion::is_prompt() const {
  const auto tag = tags.find("mlflow.prompt.is_prompt");
  return tag != tags.end() && (tag->second == "true" || tag->second == "True");
}

std::string percent_encode(const std::string& text, bool keep_slashes) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '.' || c == '_' || c == '~' || (keep_slashes && c == '/')) {
      result += c;
    } else {
      result += '%';
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
  }
  return result;
}

core::Duration MlflowRegistry::remaining() const { return deadline_ - tools_.clock.now(); }

sdk::HttpRequest MlflowRegistry::request(const std::string& path) const {
  sdk::HttpRequest request;
  request.url = endpoint_.url + path;
  request.allow_private = endpoint_.allow_private;
  request.basic_auth = endpoint_.basic_auth;
  request.bearer_token = endpoint_.bearer_token;
  if (const auto workspace = endpoint_.options.find("workspace"); workspace != endpoint_.options.end())
    request.headers.emplace_back("X-MLFLOW-WORKSPACE", workspace->second);
  return request;
}

core::Problem MlflowRegistry::refused(int status, const std::string& body, const std::string& path) const {
  const auto said = message_in(body);
  const auto observed =
      "MLflow answered " + std::to_string(status) + " to GET " + path + (said.empty() ? "" : ": " + said);
  if (status == 401 || status == 403)
    return {"access-refused", observed, endpoint_.url,
            "check the endpoint's user and password or token, and that this user may read models and experiments",
            false};
  if (status >= 500 || status == 429 || status == 408)
    return {"server-failed", observed, endpoint_.url, "look into the MLflow server's log; this is tried again", true};
  if (status >= 300 && status < 400)
    return {"redirected", observed, endpoint_.url,
            "configure the address that it redirects to; redirects are not followed", false};
  return {"request-refused", observed, endpoint_.url, "", false};
}

core::Result<std::optional<nlohmann::json>> MlflowRegistry::get(const std::string& path, const Query& query) {
  if (remaining() <= core::Duration::zero())
    return core::Problem{"timeout", "the time for this poll was over before GET " + path, endpoint_.url, "", true};
  auto asked = request(path);
  char separator = '?';
  for (const auto& [key, value] : query) {
    asked.url += separator + key + "=" + percent_encode(value);
    separator = '&';
  }
  asked.timeout = std::min(longest_answer, remaining());
  asked.max_body = max_answer;
  auto answer = tools_.http.send(asked);
  if (!answer) {
    auto problem = answer.error();
    problem.transient = problem.transient || problem.code == "unreachable" || problem.code == "timeout";
    return problem;
  }
  auto document = parse_answer(answer->body);
  // A proxy's or a wrong address's 404 is not MLflow's: only the latter says that the thing is not there.
  if (answer->status == 404 && document && text_of(*document, "error_code") == "RESOURCE_DOES_NOT_EXIST")
    return std::optional<nlohmann::json>();
  if (answer->status != 200) return refused(answer->status, answer->body, path);
  if (!document) return unexpected(endpoint_.url, path, "is not a JSON object of reasonable depth");
  return document;
}

core::Result<VersionPage> MlflowRegistry::newest(int page_size, const std::string& page, const std::string& name) {
  const std::string path = "/api/2.0/mlflow/model-versions/search";
  Query query{{"max_results", std::to_string(page_size)}, {"order_by", "creation_timestamp DESC"}};
  if (!name.empty()) query.emplace_back("filter", "name='" + name + "'");
  if (!page.empty()) query.emplace_back("page_token", page);
  auto answer = get(path, query);
  if (!answer) return answer.error();
  if (!*answer) return unexpected(endpoint_.url, path, "says that there is no such search");
  const auto& document = **answer;
  VersionPage result;
  result.next_page = text_of(document, "next_page_token");
  const auto list = document.find("model_versions");  // absent when there are none
  if (list == document.end()) {
    // MLflow answers exactly {} then; any other object without versions is some other server's.
    if (!document.empty() && result.next_page.empty())
      return unexpected(endpoint_.url, path, "holds no model_versions");
    return result;
  }
  if (!list->is_array()) return unexpected(endpoint_.url, path, "has model_versions that are not a list");
  for (const auto& item : *list) {
    auto version = version_of(item);
    if (!version) return unexpected(endpoint_.url, path, "has a version without name, version or creation_timestamp");
    if (!result.versions.empty() && result.versions.back().created < version->created)
      return unexpected(endpoint_.url, path, "is not ordered by creation_timestamp, newest first");
    result.versions.push_back(std::move(*version));
  }
  return result;
}

core::Result<std::optional<ModelVersion>> MlflowRegistry::version(const std::string& name, const std::string& version) {
  const std::string path = "/api/2.0/mlflow/model-versions/get";
  auto answer = get(path, {{"name", name}, {"version", version}});
  if (!answer) return answer.error();
  if (!*answer) return std::optional<ModelVersion>();
  const auto found = (*answer)->find("model_version");
  auto read = found == (*answer)->end() ? std::nullopt : version_of(*found);
  if (!read) return unexpected(endpoint_.url, path, "holds no model_version");
  return read;
}

core::Result<std::optional<Run>> MlflowRegistry::run(const std::string& run_id) {
  const std::string path = "/api/2.0/mlflow/runs/get";
  auto answer = get(path, {{"run_id", run_id}});
  if (!answer) return answer.error();
  if (!*answer) return std::optional<Run>();
  const auto found = (*answer)->find("run");
  auto read = found == (*answer)->end() || !found->is_object() ? std::nullopt : run_of(*found);
  if (!read) return unexpected(endpoint_.url, path, "holds no run");
  return read;
}

core::Result<std::optional<std::string>> MlflowRegistry::logged_model_uri(const std::string& model_id) {
  const auto path = "/api/2.0/mlflow/logged-models/" + percent_encode(model_id);
  auto answer = get(path, {});
  if (!answer) return answer.error();
  if (!*answer) return std::optional<std::string>();
  const auto model = (*answer)->find("model");
  if (model != (*answer)->end() && model->is_object())
    if (const auto info = model->find("info"); info != model->end() && info->is_object())
      if (auto uri = text_of(*info, "artifact_uri"); !uri.empty()) return std::optional(std::move(uri));
  return unexpected(endpoint_.url, path, "holds no artifact_uri");
}

core::Result<std::string> MlflowRegistry::download_uri(const std::string& name, const std::string& version) {
  const std::string path = "/api/2.0/mlflow/model-versions/get-download-uri";
  auto answer = get(path, {{"name", name}, {"version", version}});
  if (!answer) return answer.error();
  if (!*answer)
    return core::Problem{"not-found", "version " + version + " of " + name + " is not in the registry any more",
                         endpoint_.url, "restore it, or withdraw the promotion", false};
  auto uri = text_of(**answer, "artifact_uri");
  if (uri.empty()) return unexpected(endpoint_.url, path, "holds no artifact_uri");
  return core::Result<std::string>(boost::system::in_place_value, std::move(uri));
}

core::Result<void> MlflowRegistry::download(const std::string& path, const std::filesystem::path& file,
                                            std::uint64_t max_bytes) {
  if (remaining() <= core::Duration::zero())
    return core::Problem{"timeout", "the time for this fetch was over before GET " + path, endpoint_.url, "", true};
  auto asked = request(path);
  asked.timeout = remaining();
  asked.max_body = max_bytes;
  asked.body_to = file;
  auto answer = tools_.http.send(asked);
  if (!answer) {
    auto problem = answer.error();
    problem.transient = problem.transient || problem.code == "unreachable" || problem.code == "timeout";
    return problem;
  }
  if (answer->status != 200) return refused(answer->status, answer->body, path);
  return {};
}

}  // namespace penstock::sources
