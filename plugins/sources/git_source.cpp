#include <algorithm>

#include "daemon/core/json_writing.hpp"
#include "plugins/sources/candidate_file.hpp"
#include "plugins/sources/git_candidates.hpp"
#include "plugins/sources/git_export.hpp"
#include "plugins/sources/git_remote.hpp"
#include "plugins/sources/gto_tags.hpp"
#include "plugins/sources/sources.hpp"
#include "plugins/sources/yaml_document.hpp"

namespace penstock::sources {
namespace {

constexpr std::size_t batch = 50;         // refs handled by one poll
constexpr std::size_t max_refs = 10'000;  // looked at
constexpr std::uint64_t max_advertised = 32 << 20;
const std::string heads_prefix = "refs/heads/";
const std::string tags_prefix = "refs/tags/";

// What each ref led to when it was last handled.
struct GitCursor {
  std::map<std::string, std::string> heads;
  std::string told;  // what was said of the refs as a whole, so that it is said once
};

GitCursor read_cursor(const std::string& text, const std::string& scope) {
  GitCursor cursor;
  const auto document = nlohmann::json::parse(text, nullptr, false);
  // An unreadable cursor and one of another configuration start anew: candidates that are seen twice are one.
  if (!document.is_object() || document.value("scope", nlohmann::json()) != scope) return cursor;
  if (const auto heads = document.find("heads"); heads != document.end() && heads->is_object())
    for (const auto& [name, oid] : heads->items())
      if (oid.is_string()) cursor.heads[name] = oid.get<std::string>();
  if (const auto told = document.find("told"); told != document.end() && told->is_string())
    cursor.told = told->get<std::string>();
  return cursor;
}

std::string cursor_text(const GitCursor& cursor, const std::string& scope) {
  return core::json_text({{"format", 1}, {"scope", scope}, {"heads", cursor.heads}, {"told", cursor.told}});
}

bool any_matches(const std::vector<std::string>& patterns, const std::string& name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const auto& pattern) { return core::glob_match(pattern, name); });
}

class GitSource : public sdk::Source {
 public:
  GitSource(std::string name, GitSettings settings) : name_(std::move(name)), settings_(std::move(settings)) {}

  core::Result<sdk::Poll> poll(const std::string& text, core::Time deadline, sdk::SourceTools& tools) override {
    const auto scope = scope_of(tools);
    auto cursor = read_cursor(text, scope);
    auto mirror = GitRepository::open(mirror_of(tools));
    if (!mirror) return mirror.error();
    GitSession session(limits(deadline, tools));
    auto credentials = find_credentials(tools);
    if (!credentials) return credentials.error();
    auto remote = GitRemote::connect(*mirror, settings_.url, *credentials, session);
    if (!remote) return remote.error();
    auto refs = remote->refs();
    if (!refs) return refs.error();
    sdk::Poll poll;
    const auto wanted = choose(*refs, cursor, poll);
    if (wanted.size() > max_refs)
      return core::Problem{"too-many-refs",
                           std::to_string(wanted.size()) + " branches and tags are looked at; at most " +
                               std::to_string(max_refs) + " can be",
                           settings_.url, "narrow `branches` and `tags` of the source", false};
    std::erase_if(cursor.heads, [&](const auto& head) { return !wanted.contains(head.first); });
    if (auto done = report(*mirror, *remote, session, wanted, cursor, poll); !done) {
      // A failure while reading what was fetched is the mirror's: it is made anew.
      if (!session.stopped() && done.error().code != "timeout") {
        std::error_code ignored;
        std::filesystem::remove_all(mirror_of(tools), ignored);
      }
      return done.error();
    }
    poll.cursor = cursor_text(cursor, scope);
    return poll;
  }

  core::Result<void> fetch(const core::Candidate& candidate, const std::filesystem::path& folder,
                           std::uint64_t max_bytes, core::Time deadline, sdk::SourceTools& tools) override {
    if (!candidate.git || candidate.git->repository != settings_.url || !candidate.artifact)
      return core::Problem{"not-found", "the candidate does not come from this repository, or names no files in it",
                           settings_.url, "give git.repository, git.commit and artifact.uri as the source reports them",
                           false};
    const auto path = normal_path(candidate.artifact->uri);
    const auto& commit = candidate.git->commit;
    git_oid id;
    if (!path || !read_oid(commit, id))
      return core::Problem{"unsafe-name",
                           "the candidate's commit or path is none: " + commit + " " + candidate.artifact->uri,
                           settings_.url, "submit it as the source reports it", false};
    auto mirror = GitRepository::open(mirror_of(tools));
    if (!mirror) return mirror.error();
    GitSession session(limits(deadline, tools));
    if (!mirror->has(commit))
      if (auto fetched = fetch_everything(*mirror, session, tools); !fetched) return fetched.error();
    if (!mirror->has(commit))
      return core::Problem{"not-found", "no branch or tag leads to the commit " + commit + " any more", settings_.url,
                           "push it again, or withdraw the promotion", false};
    return export_from_git(*mirror, commit, *path, folder, {max_bytes, [&] { return session.is_late(); }});
  }

 private:
  static std::filesystem::path mirror_of(const sdk::SourceTools& tools) { return tools.scratch / "mirror.git"; }

  std::string scope_of(sdk::SourceTools& tools) const {
    const nlohmann::json described{settings_.url, settings_.branches, settings_.tags, settings_.candidates,
                                   settings_.gto};
    return tools.crypto.sha256(described.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)).brief();
  }

  GitLimits limits(core::Time deadline, sdk::SourceTools& tools) const {
    GitLimits limits;
    limits.until = std::chrono::steady_clock::now() + (deadline - tools.clock.now());
    limits.allow_private = settings_.allow_private;
    limits.max_received = max_advertised;
    return limits;
  }

  core::Result<GitCredentials> find_credentials(sdk::SourceTools& tools) const {
    if (settings_.credentials.empty()) return GitCredentials{};
    auto endpoint = tools.endpoints.find(settings_.credentials.text);
    if (!endpoint) return endpoint.error();
    // An endpoint that names a server gives its password to no other.
    if (!endpoint->url.empty() && settings_.url != endpoint->url && !settings_.url.starts_with(endpoint->url + "/"))
      return core::Problem{"access-refused", "the endpoint " + settings_.credentials.text + " is for " + endpoint->url,
                           settings_.url, "name the endpoint that is for this server under `credentials`", false};
    const auto colon = endpoint->basic_auth.find(':');
    if (colon == std::string::npos)
      return core::Problem{"access-refused",
                           "the endpoint " + settings_.credentials.text + " holds no user and password", settings_.url,
                           "configure its basic_auth; a token goes in place of the password", false};
    return GitCredentials{endpoint->basic_auth.substr(0, colon), endpoint->basic_auth.substr(colon + 1)};
  }

  // The refs that are looked at, and what they lead to. Git takes any bytes for a name; what is no UTF-8 can stand in
  // no document, and is told of.
  std::map<std::string, std::string> choose(const GitRefs& refs, GitCursor& cursor, sdk::Poll& poll) const {
    std::map<std::string, std::string> wanted;
    std::vector<std::string> unreadable;
    const bool default_branch =
        std::find(settings_.branches.begin(), settings_.branches.end(), "HEAD") != settings_.branches.end();
    for (const auto& [name, oid] : refs.heads) {
      const bool is_tag = name.starts_with(tags_prefix);
      const auto brief = name.substr(is_tag ? tags_prefix.size() : heads_prefix.size());
      if (is_tag ? any_matches(settings_.tags, brief) || (settings_.gto && parse_gto_tag(brief))
                 : any_matches(settings_.branches, brief) || (default_branch && name == refs.default_branch)) {
        if (is_utf8(name))
          wanted[name] = oid;
        else
          unreadable.push_back(name);
      }
    }
    std::vector<core::Problem> notices;
    // An empty repository has no HEAD either; one that has branches should lead to one of them.
    const bool is_lost = default_branch && !refs.heads.empty() && !refs.heads.contains(refs.default_branch);
    if (is_lost)
      notices.push_back({"unborn-head", "the repository's HEAD leads to no branch that has commits", settings_.url,
                         "name the branches under `branches` of the source, or set the repository's default branch",
                         false});
    if (!unreadable.empty())
      notices.push_back({"unreadable-name",
                         std::to_string(unreadable.size()) + " branches and tags that match are not looked at, " +
                             core::json_text(unreadable.front()) + " among them: their names are not UTF-8",
                         settings_.url, "rename them, or narrow `branches` and `tags` of the source", false});
    std::string told;
    for (const auto& notice : notices) told += core::to_text(notice) + "\n";
    if (cursor.told != told) poll.problems.insert(poll.problems.end(), notices.begin(), notices.end());
    cursor.told = told;
    return wanted;
  }

  core::Result<void> report(const GitRepository& mirror, GitRemote& remote, GitSession& session,
                            const std::map<std::string, std::string>& wanted, GitCursor& cursor,
                            sdk::Poll& poll) const {
    std::vector<ChangedRef> changed;
    std::vector<std::string> missing;
    for (const auto& [name, oid] : wanted) {
      const auto before = cursor.heads.find(name);
      if (before != cursor.heads.end() && before->second == oid) continue;
      if (changed.size() == batch) {
        poll.more = true;
        break;
      }
      changed.push_back({name, oid, before == cursor.heads.end() ? "" : before->second, {}});
      if (!mirror.has(oid)) missing.push_back(name);
    }
    if (!missing.empty()) {
      session.allow_received(static_cast<std::uint64_t>(settings_.max_fetch));
      if (auto fetched = remote.download(missing); !fetched) return fetched.error();
    }
    std::vector<ChangedRef> readable;
    for (auto& ref : changed) {
      auto commit = mirror.commit(ref.oid);
      if (commit) {
        ref.commit = std::move(*commit);
        readable.push_back(std::move(ref));
      } else if (commit.error().transient) {
        return commit.error();
      } else {
        auto problem = commit.error();
        problem.where = ref.name + " in " + settings_.url;
        poll.problems.push_back(std::move(problem));
        cursor.heads[ref.name] = ref.oid;
      }
    }
    std::stable_sort(readable.begin(), readable.end(),
                     [](const auto& a, const auto& b) { return a.commit.at < b.commit.at; });
    const GitCandidates candidates(mirror, settings_, name_, [&] { return session.is_late(); });
    bool handled_one = false;
    for (const auto& ref : readable) {
      if (auto done = candidates.report(ref, poll); !done) {
        if (done.error().code != "timeout" || !handled_one) return done.error();
        poll.more = true;  // the rest at the next poll
        return {};
      }
      cursor.heads[ref.name] = ref.oid;
      handled_one = true;
    }
    return {};
  }

  // For a mirror that was lost: the commit may be reached from any branch or tag.
  core::Result<void> fetch_everything(const GitRepository& mirror, GitSession& session, sdk::SourceTools& tools) const {
    auto credentials = find_credentials(tools);
    if (!credentials) return credentials.error();
    auto remote = GitRemote::connect(mirror, settings_.url, *credentials, session);
    if (!remote) return remote.error();
    auto refs = remote->refs();
    if (!refs) return refs.error();
    if (refs->heads.empty()) return {};
    session.allow_received(static_cast<std::uint64_t>(settings_.max_fetch));
    return remote->download({"refs/heads/*", "refs/tags/*"});
  }

  std::string name_;
  GitSettings settings_;
};

}  // namespace

sdk::SourceKind git_kind() {
  return {"git", "Candidate files and GTO tags of a git repository, over https, http or git.",
          core::declared::any_shape<GitSettings>(),
          [](const std::string& name, const nlohmann::json& with) -> core::Result<std::unique_ptr<sdk::Source>> {
            auto settings = core::declared::from_json<GitSettings>(with);
            if (!settings) return settings.error();
            if (auto url = check_git_url(*settings, name); !url) return url.error();
            return std::unique_ptr<sdk::Source>(std::make_unique<GitSource>(name, std::move(*settings)));
          }};
}

}  // namespace penstock::sources
