#include "plugins/sources/git_remote.hpp"

namespace penstock::sources {
namespace {

constexpr std::size_t max_refs = 200'000;

// As libgit2 initialises them. It refuses a version that it does not know, and then what is called with it does so too.
template <typename Options>
Options initialised(int (*init)(Options*, unsigned), unsigned version) {
  Options options{};
  init(&options, version);
  return options;
}

}  // namespace

git_remote_callbacks GitRemote::callbacks(Context& context) {
  auto callbacks = initialised(git_remote_init_callbacks, GIT_REMOTE_CALLBACKS_VERSION);
  callbacks.payload = &context;
  callbacks.credentials = [](git_credential** out, const char*, const char*, unsigned int allowed,
                             void* payload) -> int {
    auto& state = *static_cast<Context*>(payload);
    // libgit2 asks again after each refusal; the same answer will not be liked better.
    if (++state.asked > 1 || state.credentials.empty() || (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) == 0) {
      state.session->stop({"access-refused",
                           state.credentials.empty() ? "the git server asks for credentials"
                                                     : "the git server refused the user and password",
                           state.url,
                           "name an endpoint with user and password under `credentials` of the source, and check them",
                           false});
      return GIT_EAUTH;
    }
    return git_credential_userpass_plaintext_new(out, state.credentials.user.c_str(),
                                                 state.credentials.password.c_str());
  };
  callbacks.transfer_progress = [](const git_indexer_progress*, void* payload) -> int {
    auto& state = *static_cast<Context*>(payload);
    if (!state.session->is_late()) return 0;
    state.session->stop({"timeout", "fetching was not over when its time was", state.url,
                         "give the source more time; what was fetched is kept when a fetch ends", true});
    return GIT_EUSER;
  };
  return callbacks;
}

core::Result<RemoteHandle> GitRemote::make(const GitRepository& mirror, const std::string& url, GitSession& session) {
  auto options = initialised(git_remote_create_options_init, GIT_REMOTE_CREATE_OPTIONS_VERSION);
  options.repository = mirror.handle();
  options.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
  RemoteHandle remote;
  const int error = fill(remote, [&](auto** out) { return git_remote_create_with_opts(out, url.c_str(), &options); });
  if (error != 0) return git_problem("use the url", url, error, &session);
  return remote;
}

core::Result<GitRemote> GitRemote::connect(const GitRepository& mirror, const std::string& url,
                                           const GitCredentials& credentials, GitSession& session) {
  auto made = make(mirror, url, session);
  if (!made) return made.error();
  auto remote = std::move(*made);
  auto context = std::make_unique<Context>();
  context->credentials = credentials;
  context->session = &session;
  context->url = url;
  auto connecting = initialised(git_remote_connect_options_init, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
  connecting.callbacks = callbacks(*context);
  connecting.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
  const int error = git_remote_connect_ext(remote.get(), GIT_DIRECTION_FETCH, &connecting);
  if (error != 0) return git_problem("read the refs of the repository", url, error, &session);
  return GitRemote(std::move(remote), std::move(context));
}

core::Result<void> GitRemote::push(const GitRepository& mirror, const std::string& url,
                                   const GitCredentials& credentials, GitSession& session, const std::string& from,
                                   const std::string& to) {
  Context context{credentials, &session, 0, url};
  auto remote = make(mirror, url, session);
  if (!remote) return remote.error();
  auto options = initialised(git_push_options_init, GIT_PUSH_OPTIONS_VERSION);
  options.pb_parallelism = 1;
  options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
  options.callbacks = callbacks(context);
  options.callbacks.push_update_reference = [](const char*, const char* status, void* payload) -> int {
    if (status != nullptr) static_cast<Context*>(payload)->refused = status;
    return 0;
  };
  auto spec = from + ":" + to;
  auto* pointer = spec.data();
  const git_strarray specs{&pointer, 1};
  const int error = git_remote_push(remote->get(), &specs, &options);
  if (error == GIT_ENONFASTFORWARD) return core::Problem{"moved-on", to + " has moved on meanwhile", url, "", true};
  if (error == 0 && !context.refused.empty())
    return core::Problem{"not-accepted", "the git server did not take " + to + ": " + context.refused, url,
                         "see what the server allows on that branch", true};
  if (error != 0) return git_problem("push to the repository", url, error, &session);
  return {};
}

core::Result<GitRefs> GitRemote::refs() const {
  const git_remote_head** heads = nullptr;
  std::size_t count = 0;
  const int error = git_remote_ls(&heads, &count, remote_.get());
  if (error != 0) return git_problem("read the refs of the repository", context_->url, error, context_->session);
  if (count > max_refs)
    return core::Problem{"too-large",
                         std::to_string(count) + " refs; at most " + std::to_string(max_refs) + " are read",
                         context_->url, "use a repository of its own for candidates", false};
  GitRefs refs;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = heads[i]->name;
    if (name == "HEAD" && heads[i]->symref_target != nullptr) refs.default_branch = heads[i]->symref_target;
    const bool is_ours = name.starts_with("refs/heads/") || name.starts_with("refs/tags/");
    // "refs/tags/v1^{}" is what the tag object leads to; it is found by peeling.
    if (is_ours && !name.ends_with("^{}") && git_reference_is_valid_name(name.c_str()) == 1)
      refs.heads[name] = hex_of(heads[i]->oid);
  }
  return refs;
}

core::Result<void> GitRemote::download(const std::vector<std::string>& refs) {
  std::vector<std::string> specs;
  for (const auto& ref : refs) specs.push_back("+" + ref + ":" + ref);
  std::vector<char*> pointers;
  for (auto& spec : specs) pointers.push_back(spec.data());
  const git_strarray wanted{pointers.data(), pointers.size()};
  auto options = initialised(git_fetch_options_init, GIT_FETCH_OPTIONS_VERSION);
  options.callbacks = callbacks(*context_);
  options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
  options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
  options.update_fetchhead = 0;
  int error = git_remote_download(remote_.get(), &wanted, &options);
  if (error == 0)
    error = git_remote_update_tips(remote_.get(), &options.callbacks, 0, GIT_REMOTE_DOWNLOAD_TAGS_NONE, nullptr);
  if (error != 0) return git_problem("fetch from the repository", context_->url, error, context_->session);
  return {};
}

}  // namespace penstock::sources
