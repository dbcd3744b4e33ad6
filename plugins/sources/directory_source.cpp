#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "plugins/sources/candidate_file.hpp"
#include "plugins/sources/folder.hpp"
#include "plugins/sources/sources.hpp"

namespace penstock::sources {
namespace {

struct DirectorySettings {
  std::string root;
  std::vector<std::string> models{"*"};
  std::string marker = ".complete";
  int max_versions = 10'000;
  static const core::declared::Shape<DirectorySettings>& shape() {
    using S = DirectorySettings;
    static const auto shape =
        core::declared::Shape<S>("DirectorySource", "Folders <root>/<model>/<version>/ with a marker file in each.")
            .required("root", &S::root, "Absolute path of the folder that holds a folder for each model.",
                      {.min_length = 2, .max_length = 1000})
            .optional("models", &S::models, "Models to look at, as globs.", {.min_length = 1, .max_length = 100})
            .optional(
                "marker", &S::marker,
                "Name of the file that says that a version is complete; write it last. Writing it anew reports the "
                "version again.",
                {.min_length = 1, .max_length = 200})
            .optional("max_versions", &S::max_versions, "Complete versions below the root at most.",
                      {.minimum = 1, .maximum = 100'000});
    return shape;
  }
};

constexpr std::size_t batch = 200;  // versions reported by one poll
constexpr std::size_t max_candidate_file = 64 << 10;
const char* const candidate_files[] = {"candidate.yaml", "candidate.json"};

struct Marked {
  std::string model;
  std::string version;
  std::int64_t marked_at = 0;  // nanoseconds, only to report oldest first
  std::string key;             // of model, version and this very marker
};

// What was reported: the keys of the versions that are there. A set, not a newest time: copying tools keep old times,
// so that a version may appear with a marker that is older than what was seen.
std::set<std::string> read_cursor(const std::string& text) {
  std::set<std::string> keys;
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("seen") || !document["seen"].is_array()) return keys;
  for (const auto& key : document["seen"])
    if (key.is_string()) keys.insert(key.get<std::string>());
  return keys;
}

class DirectorySource : public sdk::Source {
 public:
  DirectorySource(std::string name, DirectorySettings settings)
      : name_(std::move(name)), settings_(std::move(settings)) {}

  core::Result<sdk::Poll> poll(const std::string& text, core::Time deadline, sdk::SourceTools& tools) override {
    const auto seen = read_cursor(text);
    sdk::Poll poll;
    auto marked = look(deadline, tools, poll.problems);
    if (!marked) return marked.error();
    std::sort(marked->begin(), marked->end(),
              [](const auto& a, const auto& b) { return std::tie(a.marked_at, a.key) < std::tie(b.marked_at, b.key); });
    auto keys = nlohmann::json::array();
    std::size_t reported = 0;
    for (const auto& version : *marked) {
      if (!seen.contains(version.key)) {
        if (reported == batch) {
          poll.more = true;
          continue;
        }
        ++reported;
        if (auto sighting = describe(version))
          poll.sightings.push_back(std::move(*sighting));
        else
          poll.problems.push_back(sighting.error());
      }
      keys.push_back(version.key);
    }
    // Sorted, so that an unchanged folder has an unchanged cursor.
    std::sort(keys.begin(), keys.end());
    poll.cursor = nlohmann::json{{"format", 1}, {"seen", keys}}.dump();
    return poll;
  }

  core::Result<void> fetch(const core::Candidate& candidate, const std::filesystem::path& folder,
                           std::uint64_t max_bytes, core::Time deadline, sdk::SourceTools& tools) override {
    if (!is_plain_name(candidate.model) || !is_plain_name(candidate.version))
      return core::Problem{"unsafe-name", "the candidate's model or version is not the name of a folder", place("", ""),
                           "submit it with the names of its folders", false};
    auto source = open_version(candidate.model, candidate.version);
    if (!source) return source.error();
    if (auto marker = source->stat(settings_.marker); !marker || !S_ISREG(marker->st_mode))
      return core::Problem{"not-found", "the version has no marker file " + settings_.marker + " any more",
                           place(candidate.model, candidate.version), "write the marker once its files are complete",
                           false};
    CopyLimits limits{max_bytes, 100'000, 32, [&] { return tools.clock.now() >= deadline; }};
    return copy_tree(*source, folder, settings_.marker, limits);
  }

 private:
  std::string place(const std::string& model, const std::string& version) const {
    return join_path(settings_.root, join_path(model, version));
  }

  core::Result<Folder> open_version(const std::string& model, const std::string& version) const {
    auto root = Folder::open(settings_.root);
    if (!root) return root.error();
    auto models = root->enter(model);
    if (!models) return models.error();
    return models->enter(version);
  }

  core::Result<std::vector<Marked>> look(core::Time deadline, sdk::SourceTools& tools,
                                         std::vector<core::Problem>& problems) const {
    auto root = Folder::open(settings_.root);
    if (!root) return root.error();
    auto models = root->names();
    if (!models) return models.error();
    std::vector<Marked> marked;
    for (const auto& model : *models) {
      const bool wanted = std::any_of(settings_.models.begin(), settings_.models.end(),
                                      [&](const auto& pattern) { return core::glob_match(pattern, model); });
      if (!is_plain_name(model) || !wanted) continue;
      const auto kind = root->stat(model);
      if (!kind || !S_ISDIR(kind->st_mode)) continue;  // files and links beside the models are nobody's business
      auto folder = root->enter(model);
      auto versions = folder ? folder->names() : core::Result<std::vector<std::string>>(folder.error());
      if (!versions) {
        // One folder that cannot be read must not hide the others. It is told at every poll, for it may hide versions.
        problems.push_back(versions.error());
        continue;
      }
      for (const auto& version : *versions) {
        if (tools.clock.now() >= deadline)
          return core::Problem{"timeout", "reading the folders took longer than the poll may take", settings_.root,
                               "give the source more time, or move old versions away", true};
        if (!is_plain_name(version)) continue;
        const auto marker = folder->stat_in(version, settings_.marker);
        if (!marker) continue;
        if (marked.size() == static_cast<std::size_t>(settings_.max_versions))
          return core::Problem{"too-many-versions",
                               "more than " + std::to_string(settings_.max_versions) + " complete versions",
                               settings_.root, "move old versions away, or raise `max_versions` of the source", false};
        marked.push_back({model, version, marker->nanoseconds, key_of(model, version, *marker, tools)});
      }
    }
    return marked;
  }

  static std::string key_of(const std::string& model, const std::string& version, const MarkerStat& marker,
                            sdk::SourceTools& tools) {
    const auto text =
        model + "/" + version + "/" + std::to_string(marker.nanoseconds) + "/" + std::to_string(marker.size);
    return tools.crypto.sha256(text).hex().substr(0, 16);
  }

  core::Result<sdk::Sighting> describe(const Marked& marked) const {
    const auto where = place(marked.model, marked.version);
    auto folder = open_version(marked.model, marked.version);
    if (!folder) return folder.error();
    CandidateFile file;
    int found = 0;
    for (const auto* name : candidate_files) {
      if (!folder->stat(name)) continue;
      if (++found == 2)
        return core::Problem{"invalid-document", "there are both candidate.yaml and candidate.json", where,
                             "keep one and write the marker anew", false};
      auto text = folder->read(name, max_candidate_file);
      if (!text) return text.error();
      auto read = read_candidate_file(*text, join_path(where, name));
      if (!read) return read.error();
      file = std::move(*read);
    }
    if ((!file.model.empty() && file.model != marked.model) ||
        (!file.version.empty() && file.version != marked.version))
      return core::Problem{"invalid-document",
                           "the candidate file says " + file.model + " " + file.version + ", its folders say " +
                               marked.model + " " + marked.version,
                           where, "correct the file, or leave model and version out, and write the marker anew", false};
    if (!file.artifact.empty())
      return core::Problem{"invalid-document", "`artifact` is given; here the artifact is always the folder itself",
                           where, "leave it out and write the marker anew", false};
    sdk::Sighting sighting;
    sighting.candidate = candidate_of(file, name_);
    sighting.candidate.model = marked.model;
    sighting.candidate.version = marked.version;
    sighting.candidate.registry = {{"kind", "directory"}};
    sighting.candidate.artifact = core::Artifact{{}, marked.model + "/" + marked.version};
    if (auto fits = check_candidate(sighting.candidate, where); !fits) return fits.error();
    return sighting;
  }

  std::string name_;
  DirectorySettings settings_;
};

}  // namespace

sdk::SourceKind directory_kind() {
  return {"directory", "Folders <root>/<model>/<version>/, complete once a marker file is in them.",
          core::declared::any_shape<DirectorySettings>(),
          [](const std::string& name, const nlohmann::json& with) -> core::Result<std::unique_ptr<sdk::Source>> {
            auto settings = core::declared::from_json<DirectorySettings>(with);
            if (!settings) return settings.error();
            if (!settings->root.starts_with('/'))
              return core::Problem{"invalid-document",
                                   "`root` is \"" + settings->root + "\", an absolute path is needed", "source " + name,
                                   "", false};
            const auto& marker = settings->marker;
            if (marker.find('/') != std::string::npos || marker == "." || marker == "..")
              return core::Problem{"invalid-document", "`marker` is \"" + marker + "\", the name of a file is needed",
                                   "source " + name, "", false};
            return std::unique_ptr<sdk::Source>(std::make_unique<DirectorySource>(name, std::move(*settings)));
          }};
}

}  // namespace penstock::sources
