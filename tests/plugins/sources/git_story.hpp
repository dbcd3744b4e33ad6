// Repositories made with the git command, and servers for them on loopback.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <functional>
#include <string>

#include "plugins/sources/sources.hpp"
#include "tests/catch.hpp"
#include "tests/plugins/sources/source_world.hpp"

namespace penstock::sources::test {

// Runs a shell command with a git that knows nothing of who runs it; the output without its last newline.
inline std::string shell(const std::string& command) {
  const auto whole =
      "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_ALLOW_PROTOCOL=file:git:http; set -e; " +
      command;
  FILE* pipe = ::popen(("sh -c '" + whole + "' 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot start sh");
  std::string output;
  char buffer[4096];
  for (std::size_t size; (size = ::fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, size);
  const int status = ::pclose(pipe);
  if (status != 0) throw std::runtime_error(command + " ended with " + std::to_string(status) + ": " + output);
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output;
}

struct GitStory : SourceWorld {
  fs::path served = empty_folder("served");
  fs::path bare = served / "models.git";
  fs::path work = folder.path() / "work";
  nlohmann::json settings{{"url", "file://" + bare.string()}, {"allow_local", true}};
  int day = 0;

  GitStory() {
    shell("git init -q --bare -b main " + bare.string());
    shell("git init -q -b main " + work.string());
  }
  std::string git(const std::string& arguments) { return shell("cd " + work.string() + " && git " + arguments); }
  void write(const std::string& file, const std::string& content) { write_file(work / file, content); }
  // Commits all files and pushes; the commit's id.
  std::string push(const std::string& author = "ada@example.org", const std::string& message = "Change",
                   bool force = false) {
    ++day;
    const auto date = "2026-01-01T00:" + std::string(day < 10 ? "0" : "") + std::to_string(day) + ":00Z";
    git("add -A && GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=" + author +
        " GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=push@example.org" + " GIT_AUTHOR_DATE=" + date +
        " GIT_COMMITTER_DATE=" + date + " git commit -q --allow-empty -m \"" + message + "\"");
    git(std::string("push -q ") + (force ? "--force " : "") + bare.string() + " HEAD");
    return git("rev-parse HEAD");
  }
  void tag(const std::string& name, bool annotated = true) {
    git("-c user.name=T -c user.email=tagger@example.org tag " + std::string(annotated ? "-a -m tag " : "") + "\"" +
        name + "\"");
    git("push -q " + bare.string() + " \"refs/tags/" + name + "\"");
  }
  std::unique_ptr<sdk::Source> source() {
    auto made = git_kind().make("repo", settings);
    REQUIRE(why(made) == "");
    return std::move(*made);
  }
  core::Result<sdk::Poll> try_poll(const std::string& cursor = "", core::Duration within = std::chrono::seconds(20)) {
    return source()->poll(cursor, in(within), tools);
  }
  sdk::Poll poll(const std::string& cursor = "") {
    auto result = try_poll(cursor);
    REQUIRE(why(result) == "");
    return std::move(*result);
  }
  core::Result<void> fetch(const core::Candidate& candidate, const fs::path& to, std::uint64_t max_bytes = 1 << 20) {
    return source()->fetch(candidate, to, max_bytes, in(std::chrono::seconds(20)), tools);
  }
};

}  // namespace penstock::sources::test
