#include "daemon/runtime/child_process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <thread>

#include "daemon/runtime/child_start.hpp"
#include "daemon/runtime/utf8.hpp"

namespace penstock::runtime {
namespace {

using Steady = std::chrono::steady_clock;

// Between SIGTERM and SIGKILL: enough to remove a lock file, too short to matter to who waits.
constexpr std::chrono::milliseconds grace(500);
// After SIGKILL a process ends at once, unless the kernel holds it in a call to a disk that does not answer.
constexpr std::chrono::seconds kernel_grace(5);
constexpr std::size_t piece_size = 64 << 10;
constexpr std::size_t last_words_size = 400;

// Writing to a child that closed its stdin raises SIGPIPE, which would end the daemon. It is blocked for this thread,
// and one that arose is taken away before the thread gets its mask back.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoBrokenPipe() {
    const timespec at_once{};
    if (raised && ::sigismember(&before_, SIGPIPE) == 0) ::sigtimedwait(&pipe_, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;
  bool raised = false;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

class Run {
 public:
  // `before_reaping` is called once the group has been killed, while its number still cannot be given to anybody else.
  Run(const sdk::ProcessRequest& request, StartedChild child, Steady::time_point begin,
      std::function<void()> before_reaping)
      : request_(request),
        child_(std::move(child)),
        begin_(begin),
        act_at_(begin + request.timeout),
        before_reaping_(std::move(before_reaping)) {}

  core::Result<sdk::ProcessResult> to_end() {
    while (!exchange_until_next_act()) {
      if (stage_ == Stage::killed) return give_up();
      // First the polite signal, then the one that cannot be refused.
      overdue_ = true;
      stop(stage_ == Stage::running ? Stage::asked : Stage::killed);
    }
    return collect();
  }

 private:
  enum class Stage { running, asked, killed };

  void stop(Stage next) {
    stage_ = next;
    ::kill(-child_.pid, next == Stage::asked ? SIGTERM : SIGKILL);
    act_at_ = Steady::now() + (next == Stage::asked ? grace : std::chrono::milliseconds(kernel_grace));
  }

  // True when the leader has ended, false when it is time to act.
  bool exchange_until_next_act() {
    for (;;) {
      if (given_ == request_.input.size()) child_.input.close();
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(act_at_ - Steady::now()).count();
      if (left <= 0) return false;
      // poll() passes over negative descriptors: the closed ones.
      pollfd waiting[] = {{child_.ended.get(), POLLIN, 0},
                          {child_.output.get(), POLLIN, 0},
                          {child_.errors.get(), POLLIN, 0},
                          {child_.input.get(), POLLOUT, 0}};
      if (::poll(waiting, std::size(waiting), static_cast<int>(std::min<long>(left, 60'000))) < 0) continue;
      if (waiting[1].revents != 0) read_output(piece_size);
      if (waiting[2].revents != 0) read_errors(piece_size);
      if (waiting[3].revents != 0) give_input();
      if (waiting[0].revents != 0) return true;
    }
  }

  // At most `most` bytes; closes the descriptor at its end.
  std::string_view read_piece(Descriptor& from, std::size_t most) {
    const auto count = ::read(from.get(), piece_, std::min(most, piece_size));
    if (count > 0) return {piece_, static_cast<std::size_t>(count)};
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) from.close();
    return {};
  }

  std::size_t read_output(std::size_t most) {
    const auto piece = read_piece(child_.output, most);
    if (too_large_) return piece.size();
    too_large_ = result_.output.size() + piece.size() > request_.max_output;
    if (too_large_) {
      stop(Stage::killed);
    } else {
      result_.output += piece;
    }
    return piece.size();
  }

  std::size_t read_errors(std::size_t most) {
    const auto piece = read_piece(child_.errors, most);
    result_.errors += piece;
    // Cut only now and then: moving the rest to the front for every piece would cost more than reading it.
    if (result_.errors.size() > request_.max_errors + 4 * piece_size) keep_last_errors();
    return piece.size();
  }

  void keep_last_errors() {
    if (result_.errors.size() > request_.max_errors)
      result_.errors.erase(0, result_.errors.size() - request_.max_errors);
  }

  void give_input() {
    const auto left = std::string_view(request_.input).substr(given_);
    const auto count = ::write(child_.input.get(), left.data(), std::min(left.size(), piece_size));
    if (count >= 0) {
      given_ += static_cast<std::size_t>(count);
    } else if (errno == EPIPE) {
      // It does not want the rest, which is its right.
      broken_pipe_.raised = true;
      child_.input.close();
      given_ = request_.input.size();
    }
  }

  // What was in the pipe when the leader ended. Not until its end: a process outside the group may hold it open.
  void drain() {
    int waiting = 0;
    if (child_.output && ::ioctl(child_.output.get(), FIONREAD, &waiting) == 0)
      for (auto left = static_cast<std::size_t>(waiting); left > 0;) {
        const auto count = read_output(left);
        if (count == 0) break;
        left -= count;
      }
    waiting = 0;
    if (child_.errors && ::ioctl(child_.errors.get(), FIONREAD, &waiting) == 0)
      for (auto left = static_cast<std::size_t>(waiting); left > 0;) {
        const auto count = read_errors(left);
        if (count == 0) break;
        left -= count;
      }
    keep_last_errors();
  }

  core::Result<sdk::ProcessResult> collect() {
    // Before the leader is reaped: until then nobody else can be given its number.
    ::kill(-child_.pid, SIGKILL);
    before_reaping_();
    int status = 0;
    pid_t reaped = -1;
    while ((reaped = ::waitpid(child_.pid, &status, 0)) < 0 && errno == EINTR) {
    }
    drain();
    result_.took = std::chrono::duration_cast<core::Duration>(Steady::now() - begin_);
    if (too_large_) return too_large();
    if (overdue_) return timeout("; it was ended");
    if (reaped < 0)
      return core::Problem{"lost", "the program ended, but its exit code was taken by somebody else",
                           request_.argv.front(), "start the daemon without ignoring SIGCHLD"};
    result_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    result_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    return std::move(result_);
  }

  // A thread waits for it, so that it is reaped whenever the kernel lets it go; this one has other work.
  core::Problem give_up() {
    before_reaping_();
    std::thread([pid = child_.pid] {
      while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
      }
    }).detach();
    keep_last_errors();
    return too_large_ ? too_large() : timeout(", and it cannot be killed: the kernel holds it");
  }

  core::Problem too_large() const {
    return {
        "too-large",
        "the program wrote more than " + std::to_string(request_.max_output) + " bytes to its output and was killed",
        request_.argv.front(), "make it write less, or raise the limit of its output"};
  }
  core::Problem timeout(const std::string& end) const {
    auto message = "the program did not end within " + core::to_text(request_.timeout) + end;
    if (!result_.errors.empty()) {
      const auto from = result_.errors.size() - std::min(result_.errors.size(), last_words_size);
      message += "; its last words on stderr: " + printable(result_.errors.substr(from));
    }
    return {"timeout", message, request_.argv.front(), "make it faster, or give it a longer deadline", true};
  }

  const sdk::ProcessRequest& request_;
  StartedChild child_;
  Steady::time_point begin_;
  Steady::time_point act_at_;
  std::function<void()> before_reaping_;
  Stage stage_ = Stage::running;
  bool overdue_ = false;
  bool too_large_ = false;
  std::size_t given_ = 0;
  sdk::ProcessResult result_;
  NoBrokenPipe broken_pipe_;
  char piece_[piece_size];
};

}  // namespace

core::Result<sdk::ProcessResult> ChildProcess::run(const sdk::ProcessRequest& request) {
  const auto begin = Steady::now();
  auto started = start_child(request, begin + request.timeout);
  if (!started) return started.error();
  const auto leader = started->pid;
  {
    const std::lock_guard lock(mutex_);
    leaders_.insert(leader);
  }
  const auto strike_off = [this, leader] {
    const std::lock_guard lock(mutex_);
    leaders_.erase(leader);
  };
  return Run(request, std::move(*started), begin, strike_off).to_end();
}

void ChildProcess::end_all() {
  const std::lock_guard lock(mutex_);
  for (const auto leader : leaders_) ::kill(-leader, SIGKILL);
}

}  // namespace penstock::runtime
