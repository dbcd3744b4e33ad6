#include "plugins/sources/git_library.hpp"

#include <mutex>

#include "plugins/sources/git_stream.hpp"

namespace penstock::sources {

void start_git() {
  static std::once_flag once;
  std::call_once(once, [] {
    git_libgit2_init();
    // url.*.insteadOf, http.proxy and the like of the daemon's user must not decide where a source leads.
    for (const auto level :
         {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL})
      git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, static_cast<int>(level), "");
    // The owner check protects the git command from the programs that a stranger's configuration names. libgit2 starts
    // none of them, and a local repository (`allow_local`) belongs to whoever pushes to it.
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    // Objects and references are on the disk when a call returns: what a sink has taken must stay.
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
    register_git_streams();
  });
}

std::string hex_of(const git_oid& id) {
  char text[GIT_OID_HEXSZ + 1];
  git_oid_tostr(text, sizeof text, &id);
  return text;
}

bool read_oid(const std::string& hex, git_oid& id) {
  return hex.size() == GIT_OID_HEXSZ && git_oid_fromstr(&id, hex.c_str()) == 0;
}

core::Problem git_problem(const std::string& doing, const std::string& where, int error, const GitSession* session) {
  if (session != nullptr && session->stopped()) return *session->stopped();
  // May be missing, when a callback returned the error.
  const auto* last = git_error_last();
  const std::string said =
      last != nullptr && last->message != nullptr ? last->message : "error " + std::to_string(error);
  core::Problem problem{"git-failed", "cannot " + doing + ": " + said, where, "", true};
  if (error == GIT_EAUTH) {
    problem.code = "access-refused";
    problem.hint = "check the user and password of the endpoint that `credentials` names";
    problem.transient = false;
  } else if (error == GIT_ECERTIFICATE) {
    problem.code = "certificate-refused";
    problem.hint = "let the system trust the authority that signed the server's certificate";
    problem.transient = false;
  }
  return problem;
}

}  // namespace penstock::sources
