// The other side: its refs, and what they lead to.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugins/sources/git_repository.hpp"
#include "plugins/sources/git_stream.hpp"

namespace penstock::sources {

struct GitCredentials {
  std::string user;
  std::string password;
  bool empty() const { return user.empty() && password.empty(); }
};

struct GitRefs {
  std::map<std::string, std::string> heads;  // "refs/heads/main" -> object id; branches and tags only
  std::string default_branch;                // "refs/heads/main"; empty when the server does not say
};

// One connection, made under the session's limits, without redirects and proxies. Credentials are given once.
class GitRemote {
 public:
  static core::Result<GitRemote> connect(const GitRepository& mirror, const std::string& url,
                                         const GitCredentials& credentials, GitSession& session);
  // As the server told them when the connection was made; more than 200 000 are a Problem.
  core::Result<GitRefs> refs() const;
  // Fetches what these refs lead to into the mirror, under the same names.
  core::Result<void> download(const std::vector<std::string>& refs);

  // Sends what the mirror's ref `from` leads to, as the ref `to` of the repository; never by force. Makes a connection
  // of its own. Problems "moved-on" (`to` has gone on without us) and "not-accepted" (the server says no), both
  // transient.
  static core::Result<void> push(const GitRepository& mirror, const std::string& url, const GitCredentials& credentials,
                                 GitSession& session, const std::string& from, const std::string& to);

 private:
  struct Context {
    GitCredentials credentials;
    GitSession* session = nullptr;
    int asked = 0;  // for credentials
    std::string url;
    std::string refused{};  // why the server did not take a ref
  };
  GitRemote(RemoteHandle remote, std::unique_ptr<Context> context)
      : context_(std::move(context)), remote_(std::move(remote)) {}
  static git_remote_callbacks callbacks(Context& context);
  static core::Result<RemoteHandle> make(const GitRepository& mirror, const std::string& url, GitSession& session);

  // Before the remote, which points to it until it is freed.
  std::unique_ptr<Context> context_;
  RemoteHandle remote_;
};

}  // namespace penstock::sources
