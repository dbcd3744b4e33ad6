// Children that do not end, do not stop, or leave others behind.
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/catch.hpp"
#include "tests/runtime/folder.hpp"
#include "tests/runtime/shell.hpp"

using namespace penstock;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// Whether a process has `word` among its arguments. A zombie has none.
bool somebody_has(const std::string& word) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline");
    std::string argument;
    while (std::getline(file, argument, '\0'))
      if (argument == word) return true;
  }
  return false;
}

// Killed processes go when the kernel gets to them, which is soon.
bool nobody_has(const std::string& word) {
  for (int i = 0; i < 100 && somebody_has(word); ++i) std::this_thread::sleep_for(5ms);
  return !somebody_has(word);
}

// A number of seconds that only this test, in this run, sleeps for.
std::string own_number(int test) { return std::to_string(100 + test) + std::to_string(::getpid()); }

// Enough for a program to begin and to say what it has to say, on a busy machine as well; what is measured is how long
// it takes after that.
constexpr auto to_begin = 1s;

core::Problem timed_out(sdk::ProcessRequest request, core::Duration timeout, std::chrono::milliseconds at_most) {
  request.timeout = timeout;
  const auto begin = std::chrono::steady_clock::now();
  const auto result = run(request);
  CHECK(std::chrono::steady_clock::now() - begin < at_most);
  REQUIRE(result.has_error());
  CHECK(result.error().code == "timeout");
  return result.error();
}

}  // namespace

TEST_CASE("the deadline ends a whole group of processes") {
  const auto number = own_number(1);
  const auto problem =
      timed_out(shell("echo stuck at 7 >&2; sleep " + number + " & sleep " + number), to_begin, to_begin + 2800ms);
  CHECK(problem.message.find("did not end within 1s") != std::string::npos);
  CHECK(problem.message.find("last words on stderr: stuck at 7") != std::string::npos);
  CHECK(problem.where == "/bin/sh");
  CHECK(problem.transient);
  CHECK(nobody_has(number));
}

TEST_CASE("a program that ignores SIGTERM is killed half a second later, with its children") {
  const auto number = own_number(2);
  timed_out(shell("trap '' TERM; sleep " + number + " & while :; do sleep 0.01; done"), to_begin, to_begin + 3900ms);
  CHECK(nobody_has(number));
}

TEST_CASE("a program that cleans up on SIGTERM is given the time to") {
  const TestFolder folder;
  auto request = shell("trap 'echo cleaned > done; exit 0' TERM; while :; do sleep 0.01; done");
  request.directory = folder.path();
  timed_out(request, to_begin, to_begin + 2750ms);
  CHECK(folder.read("done") == "cleaned\n");
}

TEST_CASE("a child whose parent ends on SIGTERM does not survive by ignoring it") {
  const auto number = own_number(3);
  timed_out(shell("(trap '' TERM; exec sleep " + number + ") & sleep " + number), to_begin, to_begin + 2800ms);
  CHECK(nobody_has(number));
}

TEST_CASE("a program that closes its output and lives on is bounded by the deadline") {
  const auto number = own_number(4);
  timed_out(shell("exec >&- 2>&-; sleep " + number), to_begin, to_begin + 2800ms);
  CHECK(nobody_has(number));
}

TEST_CASE("a program that neither reads its input nor ends is bounded by the deadline") {
  auto request = shell("exec sleep " + own_number(5));
  request.input.assign(5 << 20, 'x');
  timed_out(request, 50ms, 3s);
}

TEST_CASE("a deadline that has passed is a timeout, not an endless wait") {
  timed_out(shell("sleep " + own_number(6)), 0ms, 3s);
  timed_out(shell("sleep " + own_number(6)), -5s, 3s);
  CHECK(nobody_has(own_number(6)));
}

TEST_CASE("what a program leaves in the background is ended with it, and its open pipe is not waited for") {
  const auto number = own_number(7);
  const auto begin = std::chrono::steady_clock::now();
  const auto result = run(shell("sleep " + number + " & echo answer; exit 4")).value();
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
  CHECK(result.output == "answer\n");
  CHECK(result.exit_code == 4);
  CHECK(nobody_has(number));
}

TEST_CASE("all children end at once when the daemon leaves, with the processes they started") {
  const auto number = own_number(9);
  runtime::ChildProcess children;
  const auto request = shell("trap '' TERM; sleep " + number + " & sleep " + number);
  std::thread caller([&] { CHECK(children.run(request).value().signal == SIGKILL); });
  for (int i = 0; i < 400 && !somebody_has(number); ++i) std::this_thread::sleep_for(5ms);
  REQUIRE(somebody_has(number));
  children.end_all();
  caller.join();
  CHECK(nobody_has(number));
  children.end_all();  // nobody runs: nobody is killed
}

TEST_CASE("a process that left the group and holds the pipe does not hold up the answer") {
  const auto begin = std::chrono::steady_clock::now();
  const auto result =
      run(shell("setsid sleep 3 & echo answer; while ! grep -qs sleep /proc/$!/comm; do :; done")).value();
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
  CHECK(result.output == "answer\n");
}

TEST_CASE("gigabytes of output are stopped at the limit, and their writer with them") {
  auto request = shell("exec yes " + own_number(8));
  request.max_output = 1 << 20;
  const auto begin = std::chrono::steady_clock::now();
  const auto result = run(request);
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
  REQUIRE(result.has_error());
  CHECK(result.error().code == "too-large");
  CHECK(result.error().message.find("1048576 bytes") != std::string::npos);
  CHECK(nobody_has(own_number(8)));
}

TEST_CASE("the limit of the output is the last size that is accepted") {
  auto request = shell("head -c 100000 /dev/zero");
  request.max_output = 100000;
  CHECK(run(request).value().output.size() == 100000);
  request.max_output = 99999;
  CHECK(run(request).error().code == "too-large");
  request.argv.back() = "exit 0";
  request.max_output = 0;
  CHECK(run(request).value().output.empty());
}

TEST_CASE("of long errors the last bytes are kept, without holding up the program") {
  auto request = shell("head -c 3000000 /dev/zero | tr '\\0' x >&2; echo the end >&2; echo fine");
  request.max_errors = 1000;
  const auto result = run(request).value();
  CHECK(result.output == "fine\n");
  CHECK(result.errors.size() == 1000);
  CHECK(result.errors.ends_with("xxthe end\n"));
}

TEST_CASE("errors without end are bounded by the deadline") {
  const auto problem = timed_out(shell("exec yes '\033[31mred' >&2"), to_begin, to_begin + 2800ms);
  CHECK(problem.message.size() < 3000);
  CHECK(problem.message.find('\x1b') == std::string::npos);
}
