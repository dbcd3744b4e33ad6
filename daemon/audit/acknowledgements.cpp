#include "daemon/audit/acknowledgements.hpp"

#include <pthread.h>

#include "daemon/audit/folder.hpp"
#include "daemon/audit/log_reader.hpp"
#include "daemon/audit/log_writer.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock::audit {
namespace {

constexpr std::chrono::milliseconds look_again(200);

}  // namespace

struct Acknowledgements::One {
  NamedAcknowledger named;
  core::AcknowledgerState state;
  bool woken = true;
  bool behind = false;  // somebody else is adding to it
  std::thread thread;
};

Acknowledgements::Acknowledgements(Parts parts) : parts_(std::move(parts)) {
  for (auto& named : parts_.all) {
    auto one = std::make_unique<One>();
    one->state.name = named.name;
    one->state.kind = named.kind;
    one->named = std::move(named);
    all_.push_back(std::move(one));
  }
  for (auto& one : all_) {
    one->thread = std::thread([this, target = one.get()] { serve(*target); });
    pthread_setname_np(one->thread.native_handle(), "audit-sink");
  }
}

Acknowledgements::~Acknowledgements() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  called_.notify_all();
  for (auto& one : all_) one->thread.join();
}

void Acknowledgements::wake() {
  {
    const std::lock_guard lock(mutex_);
    for (auto& one : all_) one->woken = true;
  }
  called_.notify_all();
}

std::vector<core::AcknowledgerState> Acknowledgements::states() const {
  const std::lock_guard lock(mutex_);
  std::vector<core::AcknowledgerState> states;
  for (const auto& one : all_) states.push_back(one->state);
  return states;
}

core::Result<std::uint64_t> Acknowledgements::bring(One& one) {
  auto note = read_file(parts_.folder / checkpoint_file, longest_note);
  if (!note) return note.error();
  if (!*note) return std::uint64_t{0};
  const auto checkpoint = open_checkpoint(**note, parts_.verifier);
  if (!checkpoint) return checkpoint.error();
  auto done = one.named.acknowledger->bring({parts_.folder, parts_.verifier, std::move(**note), *checkpoint});
  one.behind = done && *done < checkpoint->size;
  return done;
}

bool Acknowledgements::is_stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Acknowledgements::serve(One& one) {
  auto pause = parts_.first_pause;
  for (;;) {
    // What is brought from here on is the last of it, when nothing is published any more.
    const bool is_last = is_stopping();
    const auto done = bring(one);
    tell(one, done);
    std::unique_lock lock(mutex_);
    if (stopping_ && (is_last || !done)) return;
    if (!done) {
      // News do not make a sink well: nobody is called twice in a moment because of them.
      called_.wait_for(lock, pause, [this] { return stopping_; });
      if (stopping_) return;
      pause = std::min(pause * 2, parts_.longest_pause);
      continue;
    }
    pause = parts_.first_pause;
    called_.wait_for(lock, one.named.every, [this] { return stopping_; });
    called_.wait_for(lock, one.behind ? look_again : parts_.idle, [&] { return one.woken || stopping_; });
    one.woken = false;
  }
}

void Acknowledgements::tell(One& one, const core::Result<std::uint64_t>& done) {
  core::Problem before;
  const auto now = parts_.now();
  {
    const std::lock_guard lock(mutex_);
    before = std::exchange(one.state.problem, done ? core::Problem() : done.error());
    if (done) {
      one.state.entries = *done;
      one.state.at = now;
      one.state.failing_since.reset();
    } else if (!one.state.failing_since) {
      one.state.failing_since = now;
    }
  }
  if (done && !before.code.empty()) runtime::log_info("audit.acknowledged_again", {{"by", one.state.name}});
  // Once, not at every try.
  if (!done && !(done.error() == before))
    runtime::log_error("audit.not_acknowledged", {{"by", one.state.name}, {"problem", core::to_text(done.error())}});
}

}  // namespace penstock::audit
