#include "plugins/sources/git_stream.hpp"

#include <fcntl.h>
#include <git2/errors.h>
#include <git2/sys/stream.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace penstock::sources {

struct GitSession::State {
  GitLimits limits;
  std::uint64_t received = 0;
  std::optional<core::Problem> stopped;
  std::string peer;  // "host:port" of the first connection
};

namespace {

using SteadyClock = std::chrono::steady_clock;

thread_local std::shared_ptr<GitSession::State> current;

struct Stream {
  git_stream base;  // first, so that libgit2's pointer is ours
  std::string host;
  std::string port;
  std::shared_ptr<GitSession::State> state;
  int descriptor = -1;
  std::string place() const { return host + ":" + port; }
};

Stream& stream_of(git_stream* base) { return *reinterpret_cast<Stream*>(base); }

int refuse(Stream& stream, core::Problem problem) {
  git_error_set_str(GIT_ERROR_NET, problem.message.c_str());
  // The first reason is the cause; what follows (a failed TLS handshake) is its consequence.
  if (!stream.state->stopped) stream.state->stopped = std::move(problem);
  return -1;
}

int fail(Stream& stream, const std::string& what, int error) {
  return refuse(stream, {"unreachable", what + ": " + std::strerror(error), stream.place(),
                         "check that the git server is there and may be reached from here", true});
}

// Waits for the socket until the sooner of the session's end and `within`. 0 = ready.
int wait_for(Stream& stream, short events, core::Duration within, const char* what) {
  const auto start = SteadyClock::now();
  const auto until = std::min(stream.state->limits.until, start + within);
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now()).count();
    // Also when bytes are there: a server that trickles always has some.
    if (left <= 0) {
      const bool whole = until == stream.state->limits.until;
      return refuse(stream, {"timeout",
                             whole ? "the exchange with the git server was not over when its time was"
                                   : std::string("the git server did not ") + what + " within " + core::to_text(within),
                             stream.place(), "look whether the server is well; this is tried again", true});
    }
    pollfd entry{stream.descriptor, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return 0;
    if (ready < 0 && errno != EINTR) return fail(stream, "waiting for the git server failed", errno);
  }
}

int connect_to(Stream& stream, const Address& address) {
  stream.descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (stream.descriptor < 0) return fail(stream, "cannot make a socket", errno);
  const int on = 1;
  ::setsockopt(stream.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  int error = 0;
  if (::connect(stream.descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0) {
    if (errno != EINPROGRESS) {
      error = errno;
    } else {
      if (wait_for(stream, POLLOUT, stream.state->limits.connect, "take the connection") != 0) return -1;
      socklen_t size = sizeof error;
      ::getsockopt(stream.descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    }
  }
  if (error != 0) return fail(stream, "no connection to the git server at " + to_text(address), error);
  return 0;
}

int on_connect(git_stream* base) {
  auto& stream = stream_of(base);
  const auto& limits = stream.state->limits;
  // libgit2 1.5 follows a first redirect even when it is told not to. The first connection leads to the configured url.
  if (stream.state->peer.empty()) stream.state->peer = stream.place();
  if (stream.state->peer != stream.place())
    return refuse(stream, {"redirected", "the git server redirects to " + stream.place(), stream.state->peer,
                           "configure that address when it is meant; redirects are not followed", false});
  auto addresses = resolve(stream.host, stream.port, std::min(limits.until, SteadyClock::now() + limits.connect));
  if (!addresses) return refuse(stream, addresses.error());
  // One address that is not allowed refuses the name: a name that leads both ways is a trick, or a mistake.
  for (const auto& address : *addresses) {
    const auto reach = reach_of(address);
    if (reach == Reach::everywhere || (reach == Reach::inside && limits.allow_private)) continue;
    return refuse(stream,
                  {"address-refused", stream.host + " is at " + to_text(address) + ", which is not a public address",
                   stream.place(),
                   reach == Reach::inside ? "set `allow_private: true` on the source when that is meant"
                                          : "correct the url; link-local and reserved addresses are never used",
                   false});
  }
  for (const auto& address : *addresses) {
    stream.state->stopped.reset();  // an address that did not answer is no failure when the next one does
    if (connect_to(stream, address) == 0) return 0;
    if (stream.descriptor >= 0) ::close(std::exchange(stream.descriptor, -1));
  }
  return -1;
}

ssize_t on_read(git_stream* base, void* data, size_t size) {
  auto& stream = stream_of(base);
  auto& state = *stream.state;
  for (;;) {
    if (wait_for(stream, POLLIN, state.limits.silence, "send anything") != 0) return -1;
    const auto count = ::recv(stream.descriptor, data, size, 0);
    if (count < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
    if (count < 0) return fail(stream, "reading from the git server failed", errno);
    state.received += static_cast<std::uint64_t>(count);
    if (state.received > state.limits.max_received)
      return refuse(
          stream, {"too-large", "the git server sent more than " + std::to_string(state.limits.max_received) + " bytes",
                   stream.place(), "raise `max_fetch` of the source when the repository is that large", false});
    return count;
  }
}

ssize_t on_write(git_stream* base, const char* data, size_t size, int) {
  auto& stream = stream_of(base);
  for (;;) {
    if (wait_for(stream, POLLOUT, stream.state->limits.silence, "take what was sent") != 0) return -1;
    const auto count = ::send(stream.descriptor, data, size, MSG_NOSIGNAL);
    if (count < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
    if (count < 0) return fail(stream, "writing to the git server failed", errno);
    return count;
  }
}

int on_close(git_stream* base) {
  auto& stream = stream_of(base);
  if (stream.descriptor >= 0) ::close(std::exchange(stream.descriptor, -1));
  return 0;
}

void on_free(git_stream* base) {
  on_close(base);
  delete &stream_of(base);
}

int on_init(git_stream** out, const char* host, const char* port) {
  if (!current) {
    git_error_set_str(GIT_ERROR_NET, "a connection was asked for outside a GitSession, which sets its limits");
    return -1;
  }
  // libgit2 owns it and gives it back to on_free; a unique_ptr cannot be handed through its C interface.
  auto* stream = new Stream{};
  stream->base.version = GIT_STREAM_VERSION;
  stream->base.connect = on_connect;
  stream->base.read = on_read;
  stream->base.write = on_write;
  stream->base.close = on_close;
  stream->base.free = on_free;
  stream->host = host;
  stream->port = port;
  stream->state = current;
  *out = &stream->base;
  return 0;
}

}  // namespace

GitSession::GitSession(const GitLimits& limits) : state_(std::make_shared<State>()) {
  state_->limits = limits;
  current = state_;
}

GitSession::~GitSession() { current.reset(); }

const std::optional<core::Problem>& GitSession::stopped() const { return state_->stopped; }
bool GitSession::is_late() const { return SteadyClock::now() >= state_->limits.until; }
std::uint64_t GitSession::received() const { return state_->received; }
void GitSession::allow_received(std::uint64_t bytes) { state_->limits.max_received = state_->received + bytes; }
void GitSession::stop(core::Problem problem) {
  if (!state_->stopped) state_->stopped = std::move(problem);
}

void register_git_streams() {
  git_stream_registration registration{};
  registration.version = GIT_STREAM_VERSION;
  registration.init = on_init;
  git_stream_register(GIT_STREAM_STANDARD, &registration);
}

}  // namespace penstock::sources
