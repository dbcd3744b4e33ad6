#include "plugins/sources/mlflow_artifacts.hpp"

#include "plugins/sources/candidate_file.hpp"
#include "plugins/sources/mlflow_answers.hpp"

namespace penstock::sources {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_entries = 10'000;
constexpr int max_levels = 32;
const std::string artifacts_path = "/api/2.0/mlflow-artifacts/artifacts";

core::Problem not_through_server(const std::string& uri, const std::string& url) {
  return {"not-through-server", "the version's files are at " + uri + ", which the MLflow server does not hand out",
          url,
          "start the server with --serve-artifacts and --artifacts-destination, and log the model with an "
          "mlflow-artifacts: "
          "location",
          false};
}

// The authority of an http(s) URL: "host:port".
std::string authority_of(const std::string& url) {
  const auto start = url.find("://");
  if (start == std::string::npos) return {};
  const auto from = start + 3;
  return url.substr(from, url.find('/', from) - from);
}

// The proxy's path in "mlflow-artifacts:/1/abc/artifacts" or "mlflow-artifacts://host:port/1/abc/artifacts". Another
// host than the endpoint's is another server, which nobody configured.
core::Result<std::string> proxy_path(const std::string& uri, const std::string& url) {
  auto path = uri.substr(uri.find(':') + 1);
  if (path.starts_with("//")) {
    const auto slash = path.find('/', 2);
    const auto host = path.substr(2, slash == std::string::npos ? slash : slash - 2);
    if (!host.empty() && host != authority_of(url)) return not_through_server(uri, url);
    path = slash == std::string::npos ? "" : path.substr(slash);
  }
  while (path.starts_with('/')) path.erase(0, 1);
  const auto normal = normal_path(path);
  if (!normal || normal->empty())
    return core::Problem{"unsafe-name", "the version's location " + uri + " is not a path below the artifact root", url,
                         "register the version again with a proper source", false};
  return core::Result<std::string>(boost::system::in_place_value, *normal);
}

// Follows runs:/ and models:/ to where the files are.
core::Result<std::string> locate(MlflowRegistry& registry, const std::string& name, const std::string& version) {
  auto found = registry.download_uri(name, version);
  for (int step = 0; step < 4; ++step) {
    if (!found) return found.error();
    const std::string uri = *found;
    if (uri.starts_with("mlflow-artifacts:")) return proxy_path(uri, registry.url());
    const bool is_run = uri.starts_with("runs:/");
    if (!is_run && !uri.starts_with("models:/")) return not_through_server(uri, registry.url());
    const auto body = uri.substr(uri.find('/') + 1);
    const auto slash = body.find('/');
    const auto id = body.substr(0, slash);
    const auto rest = slash == std::string::npos ? std::string() : body.substr(slash + 1);
    std::optional<std::string> base;
    if (is_run) {
      auto run = registry.run(id);
      if (!run) return run.error();
      if (*run) base = (*run)->artifact_uri;
    } else if (id.starts_with("m-")) {
      auto model = registry.logged_model_uri(id);
      if (!model) return model.error();
      base = *model;
    } else {
      // models:/<name>/<version>: a copy of another version.
      found = registry.download_uri(id, rest);
      continue;
    }
    if (!base)
      return core::Problem{"not-found", uri + ", where the version's files should be, is not on the server any more",
                           registry.url(), "restore it, or withdraw the promotion", false};
    found.emplace(join_path(*base, rest));
  }
  return core::Problem{"not-found", "the version's source leads in a circle", registry.url(), "register it again",
                       false};
}

struct Listed {
  std::string name;
  bool is_folder = false;
  std::optional<std::int64_t> size;
};

core::Result<std::vector<Listed>> list(MlflowRegistry& registry, const std::string& path) {
  auto answer = registry.get(artifacts_path, {{"path", path}});
  if (!answer) return answer.error();
  std::vector<Listed> result;
  if (!*answer) return result;
  const auto files = (*answer)->find("files");  // absent when there are none
  if (files == (*answer)->end()) return result;
  for (const auto& file : *files) {
    Listed entry;
    if (file.is_object()) {
      entry.name = text_of(file, "path");
      entry.is_folder = file.contains("is_dir") && file["is_dir"].is_boolean() && file["is_dir"].get<bool>();
      entry.size = number_of(file, "file_size");
    }
    const auto normal = normal_path(entry.name);
    if (!normal || *normal != entry.name || entry.name.empty() || entry.name.find('/') != std::string::npos)
      return core::Problem{"unsafe-name", "the artifact list of " + path + " holds the name \"" + entry.name + "\"",
                           registry.url(), "remove the file from the artifact and register the version again", false};
    result.push_back(std::move(entry));
  }
  return result;
}

core::Problem too_large(const std::string& root, const std::string& what, const std::string& url) {
  return {"too-large", "the artifact " + root + " has more than " + what, url,
          "make it smaller, or raise the limit on artifacts", false};
}

}  // namespace

core::Result<void> fetch_mlflow_artifact(MlflowRegistry& registry, const std::string& name, const std::string& version,
                                         const fs::path& folder, std::uint64_t max_bytes) {
  auto root = locate(registry, name, version);
  if (!root) return root.error();
  struct Folder {
    std::string path;  // below the root
    int level = 0;
  };
  std::vector<Folder> folders{{"", 0}};
  std::uint64_t left = max_bytes;
  std::size_t entries = 0;
  std::size_t files = 0;
  while (!folders.empty()) {
    const auto current = folders.back();
    folders.pop_back();
    auto listed = list(registry, join_path(*root, current.path));
    if (!listed) return listed.error();
    entries += listed->size();
    if (entries > max_entries) return too_large(*root, std::to_string(max_entries) + " files", registry.url());
    for (const auto& entry : *listed) {
      const auto path = join_path(current.path, entry.name);
      if (entry.is_folder) {
        if (current.level == max_levels)
          return too_large(*root, std::to_string(max_levels) + " levels of folders", registry.url());
        std::error_code error;
        fs::create_directory(folder / path, error);
        if (error) return core::Problem{"cannot-write", error.message(), (folder / path).string(), "", true};
        folders.push_back({path, current.level + 1});
        continue;
      }
      const auto over = std::to_string(max_bytes) + " bytes";
      if (entry.size && (*entry.size < 0 || static_cast<std::uint64_t>(*entry.size) > left))
        return too_large(*root, over, registry.url());
      const auto url = artifacts_path + "/" + percent_encode(join_path(*root, path), true);
      if (auto done = registry.download(url, folder / path, left); !done) {
        if (done.error().code == "too-large") return too_large(*root, over, registry.url());
        return done.error();
      }
      std::error_code error;
      const auto size = fs::file_size(folder / path, error);
      if (error) return core::Problem{"cannot-write", error.message(), (folder / path).string(), "", true};
      if (size > left) return too_large(*root, over, registry.url());
      if (entry.size && size != static_cast<std::uint64_t>(*entry.size))
        return core::Problem{
            "incomplete",
            path + " is listed with " + std::to_string(*entry.size) + " bytes and came with " + std::to_string(size),
            registry.url(), "this is tried again; look into the artifact store when it stays so", true};
      left -= size;
      ++files;
    }
  }
  if (files == 0)
    return core::Problem{"not-found", "there are no files at " + *root + " for version " + version + " of " + name,
                         registry.url(), "log the model's files again, or withdraw the promotion", false};
  return {};
}

}  // namespace penstock::sources
