#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>

#include "tests/catch.hpp"
#include "tests/runtime/folder.hpp"
#include "tests/runtime/shell.hpp"

using namespace penstock;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

TEST_CASE("a program's output, errors and exit code come back") {
  const auto result = run(shell("cat; echo out; echo err >&2; exit 3")).value();
  CHECK(result.output == "out\n");
  CHECK(result.errors == "err\n");
  CHECK(result.exit_code == 3);
  CHECK(result.signal == 0);
  CHECK(result.took < 10s);
}

TEST_CASE("a program ended by a signal says which") {
  const auto result = run(shell("echo before; kill -SEGV $$")).value();
  CHECK(result.signal == SIGSEGV);
  CHECK(result.output == "before\n");
}

TEST_CASE("input of any size goes through a program that echoes it") {
  auto request = shell("exec cat");
  for (const std::size_t size : {0U, 1U, 65536U, 3'000'000U}) {
    request.input.assign(size, 'x');
    request.max_output = 4 << 20;
    CHECK(run(request).value().output == request.input);
  }
}

TEST_CASE("big input to a program that does not read it is not waited for") {
  auto request = shell("echo done");
  request.input.assign(10 << 20, 'x');
  for (int i = 0; i < 20; ++i) CHECK(run(request).value().output == "done\n");
  request.argv.back() = "exec <&-; echo closed; sleep 0.02; echo done";
  CHECK(run(request).value().output == "closed\ndone\n");
  sigset_t pending;
  REQUIRE(::sigpending(&pending) == 0);
  CHECK(::sigismember(&pending, SIGPIPE) == 0);
}

TEST_CASE("the environment is what was given and nothing else") {
  ::setenv("PENSTOCK_TEST_SECRET", "secret", 1);
  sdk::ProcessRequest request;
  request.argv = {"/usr/bin/env"};
  CHECK(run(request).value().output.empty());
  request.environment = {{"A", "1"}, {"B", "two words"}};
  CHECK(run(request).value().output == "A=1\nB=two words\n");
}

TEST_CASE("a child has no descriptor but the standard three") {
  const int open_here = ::open("/etc/passwd", O_RDONLY);  // as a careless library would, without O_CLOEXEC
  const int far_away = ::fcntl(open_here, F_DUPFD, 500);
  const auto listing =
      run(shell("for fd in /proc/self/fd/*; do echo ${fd##*/}; done; readlink /proc/self/fd/500")).value();
  ::close(open_here);
  ::close(far_away);
  // The shell itself opens the folder it lists.
  CHECK((listing.output == "0\n1\n2\n" || listing.output == "0\n1\n2\n3\n"));
}

TEST_CASE("a child leads its own session, has no ignored or blocked signal, leaves no core file, gains no privileges") {
  struct sigaction ignored {};
  struct sigaction before {};
  ignored.sa_handler = SIG_IGN;
  REQUIRE(::sigaction(SIGPIPE, &ignored, &before) == 0);
  const auto result = run(
      shell("cut -d' ' -f1,5,6 /proc/$$/stat; grep -E 'Sig(Blk|Ign)|NoNewPrivs' /proc/self/status; ulimit -c; umask"));
  ::sigaction(SIGPIPE, &before, nullptr);
  const auto output = result.value().output;
  const auto first = output.substr(0, output.find(' '));
  CHECK(output.starts_with(first + " " + first + " " + first + "\n"));
  CHECK(output.find("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nNoNewPrivs:\t1\n0\n0077\n") !=
        std::string::npos);
}

TEST_CASE("a child works in the given directory, and in the root without one") {
  const TestFolder folder;
  auto request = shell("pwd");
  CHECK(run(request).value().output == "/\n");
  request.directory = folder.path();
  CHECK(run(request).value().output == fs::canonical(folder.path()).string() + "\n");
}

TEST_CASE("what cannot be started is a Problem that names the step") {
  const TestFolder folder;
  folder.write("not-executable", "text");
  const auto problem = [](auto change) {
    auto request = shell("true");
    change(request);
    return run(request).error();
  };
  CHECK(problem([](auto& request) { request.argv.clear(); }).code == "cannot-start");
  CHECK(problem([](auto& request) { request.argv = {"sh"}; }).message.find("not absolute") != std::string::npos);
  CHECK(problem([](auto& request) { request.argv = {"/no/such/program"}; }).where == "/no/such/program");
  CHECK(problem([&](auto& request) {
          request.argv = {(folder / "not-executable").string()};
        }).message.find("Permission denied") != std::string::npos);
  CHECK(problem([](auto& request) { request.directory = "/no/such/folder"; }).message.find("working directory") !=
        std::string::npos);
  CHECK(problem([](auto& request) { request.argv.push_back(std::string("a\0b", 3)); }).message.find("null byte") !=
        std::string::npos);
  CHECK(problem([](auto& request) { request.environment["A=B"] = "C"; }).code == "cannot-start");
  CHECK(problem([](auto& request) { request.argv.push_back(std::string(4 << 20, 'x')); }).message.find("too long") !=
        std::string::npos);
}

TEST_CASE("no descriptor and no child is left after many starts, failed ones included") {
  const auto open_now = [] { return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()); };
  auto missing = shell("true");
  missing.argv = {"/no/such/program"};
  run(shell("true")).value();
  const auto before = open_now();
  for (int i = 0; i < 20; ++i) {
    run(shell("true")).value();
    CHECK(run(missing).has_error());
  }
  CHECK(open_now() == before);
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("limits on memory and on files hold") {
  const TestFolder folder;
  auto request = shell("head -c 100000 /dev/zero > big; echo $?");
  request.directory = folder.path();
  request.max_file = 5000;
  run(request).value();
  CHECK(fs::file_size(folder / "big") == 5000);
  auto greedy = shell("exec head -c 1 /dev/zero");
  greedy.max_memory = 100'000;
  const auto refused = run(greedy);
  CHECK((refused.has_error() || refused->signal != 0 || refused->exit_code != 0));
  greedy.max_memory = std::size_t{1} << 40;
  CHECK(run(greedy).value().exit_code == 0);
}

TEST_CASE("several threads run programs at once without mixing them up") {
  std::vector<std::future<core::Result<sdk::ProcessResult>>> runs;
  for (int i = 0; i < 8; ++i)
    runs.push_back(std::async(std::launch::async, [i] { return run(shell("cat; exit " + std::to_string(i))); }));
  for (int i = 0; i < 8; ++i) CHECK(runs[static_cast<std::size_t>(i)].get().value().exit_code == i);
}
