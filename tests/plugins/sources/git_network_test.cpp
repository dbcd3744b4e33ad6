#include <csignal>

#include "plugins/sources/git_address.hpp"
#include "tests/plugins/sources/git_story.hpp"
#include "tests/plugins/sources/raw_server.hpp"

using namespace penstock;
using namespace penstock::sources::test;
using namespace std::chrono_literals;

namespace {

using SteadyClock = std::chrono::steady_clock;

// A poll of a server that misbehaves: the Problem, and that it came in time.
core::Problem problem_of_poll(const std::string& url, core::Duration within, bool allow_private = true) {
  GitStory story;
  story.settings = {{"url", url}, {"allow_private", allow_private}};
  const auto start = SteadyClock::now();
  const auto poll = story.try_poll("", within);
  const auto took = SteadyClock::now() - start;
  CHECK(took < within + 1s);
  REQUIRE_FALSE(poll);
  return poll.error();
}

// `git daemon` over the story's folder.
class GitDaemon {
 public:
  explicit GitDaemon(const fs::path& served) {
    {
      const RawServer chooser([](int, const std::atomic<bool>&) {});
      port_ = chooser.port();
    }
    child_ = ::fork();
    if (child_ == 0) {
      ::setpgid(0, 0);
      ::setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
      const auto base = "--base-path=" + served.string();
      const auto port = "--port=" + port_;
      ::execlp("git", "git", "daemon", "--export-all", "--listen=127.0.0.1", "--reuseaddr", base.c_str(), port.c_str(),
               nullptr);
      ::_exit(127);
    }
    ::setpgid(child_, child_);
    for (int tries = 0; tries < 500; ++tries) {
      const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port_)));
      const bool there = ::connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
      ::close(probe);
      if (there) return;
      ::poll(nullptr, 0, 10);
    }
    throw std::runtime_error("git daemon did not start");
  }
  ~GitDaemon() {
    ::kill(-child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  const std::string& port() const { return port_; }

 private:
  std::string port_;
  pid_t child_ = -1;
};

// One answer of `git http-backend` (CGI, RFC 3875) as HTTP.
std::string http_backend(const fs::path& served, const fs::path& scratch, const HttpAsked& asked) {
  const auto question = asked.target.find('?');
  const auto path = asked.target.substr(0, question);
  const auto query = question == std::string::npos ? "" : asked.target.substr(question + 1);
  write_file(scratch / "request", asked.body);
  shell("env GIT_PROJECT_ROOT=" + served.string() + " GIT_HTTP_EXPORT_ALL=1 PATH_INFO=" + path +
        " REQUEST_METHOD=" + asked.method + " QUERY_STRING=\"" + query +
        "\" CONTENT_TYPE=application/x-git-upload-pack-request CONTENT_LENGTH=" + std::to_string(asked.body.size()) +
        " git http-backend < " + (scratch / "request").string() + " > " + (scratch / "answer").string());
  const auto answer = read_file(scratch / "answer");
  const auto end = answer.find("\r\n\r\n");
  return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(answer.size() - end - 4) + "\r\n" +
         answer.substr(0, end) + answer.substr(end);
}

}  // namespace

TEST_CASE("a git server that says nothing ends at the deadline") {
  const RawServer server(hang);
  for (const std::string scheme : {"git", "http", "https"}) {
    INFO(scheme);
    const auto problem = problem_of_poll(scheme + "://127.0.0.1:" + server.port() + "/x.git", 200ms);
    CHECK(problem.code == "timeout");
    CHECK(problem.transient);
  }
  CHECK(server.connections() == 3);
}

TEST_CASE("a git server that sends a byte now and then ends at the deadline") {
  const RawServer over_git([](int connection, const auto& over) {
    trickle(connection, over, "00ff0123456789abcdef0123456789abcdef01234567 refs/heads/main\n");
  });
  CHECK(problem_of_poll("git://127.0.0.1:" + over_git.port() + "/x.git", 200ms).code == "timeout");
  const RawServer over_http([](int connection, const auto& over) {
    send_all(connection,
             "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\nContent-Length: "
             "100000\r\n\r\n");
    trickle(connection, over, "001e# service=git-upload-pack\n");
  });
  CHECK(problem_of_poll("http://127.0.0.1:" + over_http.port() + "/x.git", 200ms).code == "timeout");
  const RawServer in_headers([](int connection, const auto& over) {
    send_all(connection, "HTTP/1.1 200 OK\r\n");
    trickle(connection, over, "X: y\r\n");
  });
  CHECK(problem_of_poll("http://127.0.0.1:" + in_headers.port() + "/x.git", 200ms).code == "timeout");
}

TEST_CASE("a git server that sends garbage, or nothing and closes, is a problem that may pass") {
  const RawServer garbage([](int connection, const auto&) { send_all(connection, std::string(5000, 'z')); });
  CHECK(problem_of_poll("git://127.0.0.1:" + garbage.port() + "/x.git", 2s).transient);
  CHECK(problem_of_poll("https://127.0.0.1:" + garbage.port() + "/x.git", 2s).transient);
  const RawServer closing([](int, const auto&) {});
  CHECK(problem_of_poll("git://127.0.0.1:" + closing.port() + "/x.git", 2s).transient);
  CHECK(problem_of_poll("http://127.0.0.1:" + closing.port() + "/x.git", 2s).transient);
}

TEST_CASE("a git server that sends without end is cut off") {
  const RawServer endless([](int connection, const auto& over) {
    std::string line;
    for (int i = 0; i < 1000; ++i) line += "003f0123456789abcdef0123456789abcdef01234567 refs/heads/b00000\n";
    while (!over)
      if (::send(connection, line.data(), line.size(), MSG_NOSIGNAL) <= 0) return;
  });
  const auto problem = problem_of_poll("git://127.0.0.1:" + endless.port() + "/x.git", 60s);
  CHECK(problem.code == "too-large");
}

TEST_CASE("an address inside is refused unless it was meant, and nothing is sent to it") {
  const RawServer server(hang);
  const auto problem = problem_of_poll("http://127.0.0.1:" + server.port() + "/x.git", 2s, false);
  CHECK(problem.code == "address-refused");
  CHECK(problem.hint.find("allow_private") != std::string::npos);
  CHECK(problem_of_poll("http://localhost:" + server.port() + "/x.git", 2s, false).code == "address-refused");
  CHECK(server.connections() == 0);
  CHECK(problem_of_poll("http://169.254.169.254/x.git", 2s).code == "address-refused");
  CHECK(problem_of_poll("git://0.0.0.0:" + server.port() + "/x.git", 2s).code == "address-refused");
}

TEST_CASE("addresses are told apart, in IPv6 clothes too") {
  using sources::Reach;
  const auto reach = [](const std::string& text) {
    const auto found = sources::resolve(text, "80", SteadyClock::now() + 1s);
    REQUIRE(found.has_value());
    return sources::reach_of(found->at(0));
  };
  for (const std::string text : {"127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd00::1",
                                 "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"}) {
    INFO(text);
    CHECK(reach(text) == Reach::inside);
  }
  for (const std::string text : {"0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", "::", "fe80::1",
                                 "ff02::1", "::ffff:169.254.169.254", "2001:db8::1", "198.18.0.1", "::7f00:1"}) {
    INFO(text);
    CHECK(reach(text) == Reach::nowhere);
  }
  for (const std::string text : {"140.82.121.4", "2606:50c0:8000::153", "172.32.0.1", "100.128.0.1"}) {
    INFO(text);
    CHECK(reach(text) == Reach::everywhere);
  }
}

TEST_CASE("a server that is not there, is a problem that may pass") {
  std::string port;
  {
    const RawServer gone(hang);
    port = gone.port();
  }
  const auto problem = problem_of_poll("git://127.0.0.1:" + port + "/x.git", 2s);
  CHECK(problem.code == "unreachable");
  CHECK(problem.transient);
}

TEST_CASE("a name that is not resolved in time is given up") {
  const auto start = SteadyClock::now();
  const auto found = sources::resolve("no-such-host.invalid", "80", start + 200ms);
  REQUIRE_FALSE(found);
  CHECK(found.error().transient);
  CHECK(SteadyClock::now() < start + 1200ms);
}

TEST_CASE("a repository behind git daemon is polled and fetched") {
  GitStory story;
  story.write("m/candidate.yaml", "model: m\n");
  story.write("m/weights", std::string(200'000, 'w'));
  story.push();
  const GitDaemon daemon(story.served);
  story.settings = {{"url", "git://127.0.0.1:" + daemon.port() + "/models.git"}, {"allow_private", true}};
  const auto first = story.poll();
  REQUIRE(first.sightings.size() == 1);
  story.write("m/weights", "2");
  const auto commit = story.push();
  const auto second = story.poll(first.cursor);
  REQUIRE(second.sightings.size() == 1);
  CHECK(second.sightings[0].candidate.git->commit == commit);
  const auto copy = story.empty_folder("copy");
  REQUIRE(why(story.fetch(first.sightings[0].candidate, copy)) == "");
  CHECK(fs::file_size(copy / "weights") == 200'000);
}

TEST_CASE("a fetch that does not end leaves no half pack behind and is done at the next poll") {
  GitStory story;
  story.write("candidate.yaml", "model: m\n");
  story.push();
  const GitDaemon daemon(story.served);
  story.settings = {
      {"url", "git://127.0.0.1:" + daemon.port() + "/models.git"}, {"allow_private", true}, {"max_fetch", 1'000'000}};
  const auto first = story.poll();
  // Random bytes, which do not become smaller on the way.
  shell("head -c 3000000 /dev/urandom > " + (story.work / "weights").string());
  story.push();
  const auto refused = story.try_poll(first.cursor);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "too-large");
  CHECK(refused.error().hint.find("max_fetch") != std::string::npos);
  for (const auto& file : fs::directory_iterator(story.tools.scratch / "mirror.git" / "objects" / "pack"))
    CHECK((file.path().extension() == ".pack" || file.path().extension() == ".idx"));
  story.settings["max_fetch"] = 10'000'000;
  CHECK(story.poll(first.cursor).sightings.size() == 1);
}

TEST_CASE("a repository behind http with a password is polled; a wrong password is asked for once") {
  GitStory story;
  story.write("candidate.yaml", "model: m\n");
  story.push();
  const auto scratch = story.empty_folder("cgi");
  const auto right = "Basic " + runtime::base64("ci:right");
  std::atomic<int> refused{0};
  const RawServer server([&](int connection, const auto& over) {
    const auto asked = read_request(connection, over);
    if (asked.head.find(right) == std::string::npos) {
      ++refused;
      send_all(
          connection,
          "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"git\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    } else {
      send_all(connection, http_backend(story.served, scratch, asked));
    }
  });
  story.settings = {
      {"url", "http://127.0.0.1:" + server.port() + "/models.git"}, {"allow_private", true}, {"credentials", "host"}};
  story.endpoints.endpoints["host"].basic_auth = "ci:right";
  CHECK(story.poll().sightings.size() == 1);

  refused = 0;
  story.endpoints.endpoints["host"].basic_auth = "ci:wrong";
  const auto wrong = story.try_poll();
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == "access-refused");
  CHECK_FALSE(wrong.error().transient);
  CHECK(core::to_text(wrong.error()).find("wrong") == std::string::npos);
  CHECK(refused <= 2);

  story.settings.erase("credentials");
  CHECK(story.try_poll().error().message.find("asks for credentials") != std::string::npos);

  story.settings["credentials"] = "host";
  story.endpoints.endpoints["host"].url = "https://git.example.org";
  CHECK(story.try_poll().error().message.find("is for https://git.example.org") != std::string::npos);
}

TEST_CASE("redirects of a git server are not followed") {
  const RawServer inside(hang);
  const RawServer server([&](int connection, const auto& over) {
    read_request(connection, over);
    send_all(connection,
             "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:" + inside.port() +
                 "/x.git/info/refs?service=git-upload-pack\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  const auto problem = problem_of_poll("http://127.0.0.1:" + server.port() + "/x.git", 2s);
  CHECK(problem.code == "redirected");
  CHECK_FALSE(problem.transient);
  CHECK(inside.connections() == 0);
}
