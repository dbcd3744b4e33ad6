#include <algorithm>

#include "daemon/core/address.hpp"
#include "plugins/sources/candidate_file.hpp"
#include "plugins/sources/mlflow_artifacts.hpp"
#include "plugins/sources/mlflow_cursor.hpp"
#include "plugins/sources/sources.hpp"

namespace penstock::sources {
namespace {

struct MlflowSettings {
  core::declared::EndpointName endpoint;
  std::vector<std::string> models{"*"};
  int page_size = 200;
  std::string ready_tag;
  core::Duration pending_for = std::chrono::hours(24);
  static const core::declared::Shape<MlflowSettings>& shape() {
    using S = MlflowSettings;
    static const auto shape =
        core::declared::Shape<S>("MlflowSource", "Model versions of an MLflow tracking server.")
            .required("endpoint", &S::endpoint, "Name of the endpoint that holds the server's address and credentials.",
                      {.endpoint_kinds = {"mlflow"}})
            .optional("models", &S::models, "Registered models to look at, as globs.",
                      {.min_length = 1, .max_length = 100})
            .optional("page_size", &S::page_size, "Versions asked for at once.", {.minimum = 1, .maximum = 1000})
            .optional("ready_tag", &S::ready_tag,
                      "A version is reported once it carries this tag, for pipelines that tag after registering.",
                      {.max_length = 250})
            .optional("pending_for", &S::pending_for, "How long a version that is not ready is waited for.",
                      {.minimum = 60'000, .maximum = 2'592'000'000});
    return shape;
  }
};

constexpr std::size_t batch = 100;        // versions reported by one poll
constexpr int max_pages = 1000;           // read by one poll
constexpr std::size_t max_pending = 500;  // remembered; each costs one request a poll

// Why a version is not reported now.
struct NotYet {
  std::string reason;
  // Waiting for the tag counts from the version's creation and ends quietly: most versions are never meant to go live.
  bool for_tag = false;
};
using Description = std::variant<sdk::Sighting, NotYet, core::Problem>;

std::string place_of(const std::string& url, const std::string& name, const std::string& version) {
  return name + " version " + version + " at " + url;
}

void add_author(std::vector<std::string>& authors, const std::string& person) {
  if (!person.empty() && std::find(authors.begin(), authors.end(), person) == authors.end()) authors.push_back(person);
}

void apply_tags(const ModelVersion& version, core::Candidate& candidate) {
  constexpr std::string_view data_set = "penstock.data_set.";
  constexpr std::string_view label = "penstock.label.";
  for (const auto& [key, value] : version.tags) {
    if (key.starts_with(data_set) && key.size() > data_set.size())
      candidate.data_sets[key.substr(data_set.size())] = value;
    if (key.starts_with(label) && key.size() > label.size()) candidate.labels[key.substr(label.size())] = value;
    if (key == "penstock.data_contract") candidate.data_contract = value;
  }
}

void apply_git(const Run& run, core::Candidate& candidate) {
  const auto commit = run.tags.find("mlflow.source.git.commit");
  if (commit == run.tags.end()) return;
  const auto repository = run.tags.find("mlflow.source.git.repoURL");
  const bool is_id =
      commit->second.size() == 40 && commit->second.find_first_not_of("0123456789abcdef") == std::string::npos;
  // MLflow often knows the commit and not the repository; the commit is kept for people then.
  if (is_id && repository != run.tags.end() && !repository->second.empty())
    candidate.git = core::GitRef{core::without_credentials(repository->second), commit->second};
  else
    candidate.labels["mlflow.source.git.commit"] = commit->second;
}

class MlflowSource : public sdk::Source {
 public:
  MlflowSource(std::string name, MlflowSettings settings) : name_(std::move(name)), settings_(std::move(settings)) {}

  core::Result<sdk::Poll> poll(const std::string& text, core::Time deadline, sdk::SourceTools& tools) override {
    auto endpoint = tools.endpoints.find(settings_.endpoint.text);
    if (!endpoint) return endpoint.error();
    MlflowRegistry registry(*endpoint, tools, deadline);
    auto cursor = read_mlflow_cursor(text, scope(*endpoint, tools));
    sdk::Poll poll;
    if (auto done = look_again(registry, cursor, tools.clock.now(), poll); !done) return done.error();
    if (auto done = look_for_new(registry, cursor, tools.clock.now(), poll); !done) return done.error();
    poll.cursor = to_text(cursor);
    return poll;
  }

  core::Result<void> fetch(const core::Candidate& candidate, const std::filesystem::path& folder,
                           std::uint64_t max_bytes, core::Time deadline, sdk::SourceTools& tools) override {
    const auto name = candidate.registry.find("name");
    const auto version = candidate.registry.find("version");
    if (name == candidate.registry.end() || version == candidate.registry.end())
      return core::Problem{"not-found", "the candidate does not say which model version of MLflow it is",
                           "source " + name_, "give registry.name and registry.version", false};
    auto endpoint = tools.endpoints.find(settings_.endpoint.text);
    if (!endpoint) return endpoint.error();
    MlflowRegistry registry(*endpoint, tools, deadline);
    return fetch_mlflow_artifact(registry, name->second, version->second, folder, max_bytes);
  }

 private:
  std::string scope(const sdk::Endpoint& endpoint, sdk::SourceTools& tools) const {
    nlohmann::json described{endpoint.url, settings_.models, settings_.ready_tag};
    if (const auto found = endpoint.options.find("workspace"); found != endpoint.options.end())
      described.push_back(found->second);
    return tools.crypto.sha256(described.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)).brief();
  }

  bool wanted(const ModelVersion& version) const {
    if (version.is_prompt()) return false;
    return std::any_of(settings_.models.begin(), settings_.models.end(),
                       [&](const auto& pattern) { return core::glob_match(pattern, version.name); });
  }

  Description describe(MlflowRegistry& registry, const ModelVersion& version) const {
    const auto place = place_of(registry.url(), version.name, version.version);
    if (version.status == "FAILED_REGISTRATION")
      return core::Problem{"registration-failed", "MLflow could not register it: " + version.status_message, place,
                           "register a new version", false};
    if (version.status != "READY") return NotYet{"its status is " + version.status, false};
    if (!settings_.ready_tag.empty() && !version.tags.contains(settings_.ready_tag))
      return NotYet{"it does not carry the tag " + settings_.ready_tag, true};
    sdk::Sighting sighting;
    auto& candidate = sighting.candidate;
    candidate.model = version.name;
    candidate.version = version.version;
    candidate.source = name_;
    candidate.registry = {{"kind", "mlflow"},
                          {"endpoint", settings_.endpoint.text},
                          {"name", version.name},
                          {"version", version.version}};
    if (!version.run_id.empty()) candidate.registry["run_id"] = version.run_id;
    const auto source = core::without_credentials(version.source);
    if (!source.empty()) candidate.registry["source"] = source;
    candidate.artifact = core::Artifact{{}, source};
    candidate.metrics = version.metrics;
    apply_tags(version, candidate);
    add_author(candidate.authors, version.user);
    if (!version.run_id.empty()) {
      auto run = registry.run(version.run_id);
      // Without its run a candidate would lack metrics and authors and be another one: better late than different.
      if (!run) return NotYet{"its run cannot be read: " + core::to_text(run.error()), false};
      if (*run) {
        for (const auto& [key, value] : (*run)->metrics) candidate.metrics.emplace(key, value);
        add_author(candidate.authors, (*run)->user);
        apply_git(**run, candidate);
      }
    }
    if (auto fits = check_candidate(candidate, place); !fits) return fits.error();
    sighting.submitter = version.user;
    return sighting;
  }

  void take(Description description, PendingVersion pending, MlflowCursor& cursor, core::Time now, sdk::Poll& poll,
            const std::string& url) const {
    if (auto* sighting = std::get_if<sdk::Sighting>(&description)) {
      poll.sightings.push_back(std::move(*sighting));
    } else if (auto* problem = std::get_if<core::Problem>(&description)) {
      poll.problems.push_back(std::move(*problem));
    } else {
      const auto& not_yet = std::get<NotYet>(description);
      pending.reason = not_yet.reason;
      const bool in_time = now - pending.since < settings_.pending_for;
      const auto place = place_of(url, pending.name, pending.version);
      if (in_time && cursor.pending.size() < max_pending)
        cursor.pending.push_back(std::move(pending));
      else if (in_time)
        poll.problems.push_back({"too-many-pending",
                                 "it is not ready (" + pending.reason + "), and " + std::to_string(max_pending) +
                                     " others are waited for already",
                                 place, "submit the candidate by hand once it is ready", false});
      else if (!not_yet.for_tag)
        poll.problems.push_back(
            {"given-up", "waited for it since " + core::to_text(pending.since) + ": " + pending.reason, place,
             "put that right and register the version again, or submit the candidate by hand", false});
    }
  }

  // The versions that were not ready before.
  core::Result<void> look_again(MlflowRegistry& registry, MlflowCursor& cursor, core::Time now, sdk::Poll& poll) const {
    const auto waiting = std::exchange(cursor.pending, {});
    const auto enough = registry.remaining() / 2;
    std::size_t looked = 0;
    for (const auto& pending : waiting) {
      // Slow answers must not use up the time for new versions; who had no turn comes first at the next poll.
      if (registry.remaining() < enough) break;
      ++looked;
      auto version = registry.version(pending.name, pending.version);
      if (!version && (version.error().code == "unreachable" || version.error().code == "timeout"))
        return version.error();
      if (!version)
        take(NotYet{core::to_text(version.error()), false}, pending, cursor, now, poll, registry.url());
      else if (*version)  // a version that was deleted is not waited for
        take(describe(registry, **version), pending, cursor, now, poll, registry.url());
    }
    cursor.pending.insert(cursor.pending.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(looked), waiting.end());
    return {};
  }

  core::Result<void> look_for_new(MlflowRegistry& registry, MlflowCursor& cursor, core::Time now,
                                  sdk::Poll& poll) const {
    std::map<SeenVersion, ModelVersion> found;  // the oldest of what is new
    std::int64_t newest = 0;
    std::string page;
    for (int pages = 0;; ++pages) {
      if (pages == max_pages)
        return core::Problem{"too-many-versions", "more than " + std::to_string(max_pages) + " pages of model versions",
                             registry.url(), "raise `page_size` of the source", false};
      auto read = registry.newest(settings_.page_size, page, only_model());
      if (!read) return read.error();
      bool at_horizon = false;
      for (auto& version : read->versions) {
        if (version.created < cursor.horizon()) at_horizon = true;
        if (at_horizon) break;
        newest = std::max(newest, version.created);
        if (!wanted(version) || cursor.was_handled(version)) continue;
        const SeenVersion key{version.created, version.name, version.version};
        found.emplace(key, std::move(version));
        if (found.size() > batch) {
          found.erase(std::prev(found.end()));
          poll.more = true;
        }
      }
      page = read->next_page;
      if (at_horizon || page.empty()) break;
    }
    std::int64_t reached = 0;
    for (const auto& [key, version] : found) {
      if (reached > 0 && registry.remaining() < std::chrono::seconds(1)) {
        poll.more = true;
        break;
      }
      auto description = describe(registry, version);
      const auto* not_yet = std::get_if<NotYet>(&description);
      const bool by_creation = not_yet != nullptr && not_yet->for_tag;
      const auto since = by_creation ? core::Time(core::Duration(version.created)) : now;
      take(std::move(description), {version.name, version.version, since, ""}, cursor, now, poll, registry.url());
      cursor.handled(version);
      reached = key.created;
    }
    // What was not handled is newer than what was: the mark stays behind it.
    cursor.move_mark(poll.more ? reached : newest);
    return {};
  }

  // A single model without wildcards is searched for by name. Quotes and % would need escaping that differs by version.
  std::string only_model() const {
    if (settings_.models.size() != 1) return {};
    const auto& model = settings_.models.front();
    const bool plain = std::all_of(model.begin(), model.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
             c == '.';
    });
    return plain ? model : std::string();
  }

  std::string name_;
  MlflowSettings settings_;
};

}  // namespace

sdk::SourceKind mlflow_kind() {
  return {"mlflow", "Model versions of an MLflow tracking server, with the files, metrics and people of their runs.",
          core::declared::any_shape<MlflowSettings>(),
          [](const std::string& name, const nlohmann::json& with) -> core::Result<std::unique_ptr<sdk::Source>> {
            auto settings = core::declared::from_json<MlflowSettings>(with);
            if (!settings) return settings.error();
            return std::unique_ptr<sdk::Source>(std::make_unique<MlflowSource>(name, std::move(*settings)));
          }};
}

}  // namespace penstock::sources
