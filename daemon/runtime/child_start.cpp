#include "daemon/runtime/child_start.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace penstock::runtime {
namespace {

// What the child tells when it does not get as far as the program.
struct Failure {
  const char* step;  // a literal, at the same address in parent and child
  int error;
};

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

// Everything the child needs, computed before the fork: after it, only async-signal-safe calls are allowed, because
// another thread may have held any lock, that of the allocator included.
struct Plan {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  const char* directory;
  rlimit memory{};
  rlimit file{};
  int input;
  int output;
  int errors;
  int report;
  pid_t parent;
};

core::Problem cannot_start(const sdk::ProcessRequest& request, const std::string& reason, int error = 0) {
  const bool short_of_something = error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
  return {"cannot-start",
          "the program cannot be started: " + reason + (error != 0 ? std::string(": ") + std::strerror(error) : ""),
          request.argv.empty() ? "" : request.argv.front(),
          short_of_something ? "the machine is short of processes, memory or open files: look at its limits and load"
                             : "check that the program and its interpreter exist, are executable, and fit the limits",
          short_of_something};
}

// False: errno says why. Both ends lie above the standard descriptors, so that moving one there overwrites no other.
bool make_pipe(Pipe& pipe) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  pipe = {Descriptor(ends[0]), Descriptor(ends[1])};
  for (auto* end : {&pipe.read_end, &pipe.write_end}) {
    if (end->get() > STDERR_FILENO) continue;
    *end = Descriptor(::fcntl(end->get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!*end) return false;
  }
  return true;
}

// 0 means "as it is". A limit above the one that holds already could not be set.
rlimit limit_of(int resource, std::size_t wanted) {
  rlimit present{};
  ::getrlimit(static_cast<__rlimit_resource_t>(resource), &present);
  if (wanted == 0) return present;
  const auto limit = std::min<rlim_t>(wanted, present.rlim_max);
  return {limit, limit};
}

[[noreturn]] void fail(const Plan& plan, const char* step) {
  const Failure failure{step, errno};
  static_cast<void>(!::write(plan.report, &failure, sizeof failure));
  ::_exit(127);
}

[[noreturn]] void become_program(const Plan& plan) {
  if (::setsid() < 0) fail(plan, "a session of its own");
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail(plan, "dying with the daemon");
  if (::getppid() != plan.parent) ::_exit(127);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(plan, "giving up privileges");
  // Handlers end with exec, but an ignored signal would stay ignored.
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &by_default, nullptr);
  const rlimit no_core{0, 0};
  if (::setrlimit(RLIMIT_CORE, &no_core) != 0 || ::setrlimit(RLIMIT_AS, &plan.memory) != 0 ||
      ::setrlimit(RLIMIT_FSIZE, &plan.file) != 0)
    fail(plan, "its limits");
  if (::chdir(plan.directory) != 0) fail(plan, "its working directory");
  if (::dup2(plan.input, STDIN_FILENO) < 0 || ::dup2(plan.output, STDOUT_FILENO) < 0 ||
      ::dup2(plan.errors, STDERR_FILENO) < 0)
    fail(plan, "its standard input and output");
  if (::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) != 0) fail(plan, "closing other files");
  ::umask(077);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(plan.arguments.front(), plan.arguments.data(), plan.environment.data());
  fail(plan, "executing it");
}

// No signal is handled between fork and exec: the daemon's handlers must not run in the child.
pid_t fork_into(const Plan& plan) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) become_program(plan);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::string mistake_in(const sdk::ProcessRequest& request) {
  const auto holds_null = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  if (request.argv.empty() || !request.argv.front().starts_with('/')) return "its path is not absolute";
  if (std::any_of(request.argv.begin(), request.argv.end(), holds_null)) return "an argument holds a null byte";
  if (holds_null(request.directory.string())) return "its working directory holds a null byte";
  for (const auto& [name, value] : request.environment)
    if (name.empty() || name.find('=') != std::string::npos || holds_null(name) || holds_null(value))
      return "its environment has a name that is empty or holds '=', or a null byte";
  return {};
}

// Waits until the program executes, which closes the pipe, or the child reports why it does not.
core::Result<void> await_exec(const sdk::ProcessRequest& request, int report,
                              std::chrono::steady_clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd waiting{report, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::clamp<long>(left, 0, 60'000)));
    if (ready < 0 && errno != EINTR) return cannot_start(request, "waiting for it", errno);
    if (ready > 0) break;
    if (left <= 0)
      return core::Problem{"timeout", "the program did not begin within " + core::to_text(request.timeout),
                           request.argv.front(), "check the load of the machine and the disk the program is on", true};
  }
  Failure failure{};
  ssize_t count = 0;
  while ((count = ::read(report, &failure, sizeof failure)) < 0 && errno == EINTR) {
  }
  if (count == sizeof failure) return cannot_start(request, failure.step, failure.error);
  return {};
}

}  // namespace

core::Result<StartedChild> start_child(const sdk::ProcessRequest& request,
                                       std::chrono::steady_clock::time_point deadline) {
  if (const auto mistake = mistake_in(request); !mistake.empty()) return cannot_start(request, mistake);
  Pipe input, output, errors, report;
  for (auto* pipe : {&input, &output, &errors, &report})
    if (!make_pipe(*pipe)) return cannot_start(request, "pipes to it", errno);
  for (const auto* end : {&input.write_end, &output.read_end, &errors.read_end})
    if (::fcntl(end->get(), F_SETFL, O_NONBLOCK) != 0) return cannot_start(request, "pipes to it", errno);

  auto arguments = request.argv;
  std::vector<std::string> environment;
  for (const auto& [name, value] : request.environment) environment.push_back(name + "=" + value);
  const auto directory = request.directory.empty() ? std::string("/") : request.directory.string();
  const Plan plan{pointers_to(arguments),
                  pointers_to(environment),
                  directory.c_str(),
                  limit_of(RLIMIT_AS, request.max_memory),
                  limit_of(RLIMIT_FSIZE, request.max_file),
                  input.read_end.get(),
                  output.write_end.get(),
                  errors.write_end.get(),
                  report.write_end.get(),
                  ::getpid()};
  const pid_t pid = fork_into(plan);
  if (pid < 0) return cannot_start(request, "a process for it", errno);
  for (auto* end : {&input.read_end, &output.write_end, &errors.write_end, &report.write_end}) end->close();

  // By number: the header of glibc 2.36 declares the function for C only.
  Descriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  auto begun = ended ? await_exec(request, report.read_end.get(), deadline)
                     : core::Result<void>(cannot_start(request, "watching it", errno));
  if (!begun) {
    ::kill(pid, SIGKILL);
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return begun.error();
  }
  return StartedChild{pid, std::move(ended), std::move(input.write_end), std::move(output.read_end),
                      std::move(errors.read_end)};
}

}  // namespace penstock::runtime
