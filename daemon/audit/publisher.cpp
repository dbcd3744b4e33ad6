#include "daemon/audit/publisher.hpp"

#include <pthread.h>

#include "daemon/audit/log_reader.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock::audit {
namespace {

constexpr int entries_at_once = 2048;
constexpr std::chrono::seconds pause_after_failure(1);
core::Problem differs(const std::string& what, const std::filesystem::path& folder) {
  return {"audit-differs", what + "; nothing was changed", folder.string(),
          "restore the journal or the folder, whichever is older than it should be; or begin another log with a new "
          "folder and a new key (`penstock audit keygen`), and keep the old one",
          false};
}

bool is_for_good(const core::Problem& problem) {
  return problem.code == "audit-differs" || problem.code == "audit-damaged";
}

}  // namespace

core::Result<std::unique_ptr<Publisher>> Publisher::open(Parts parts) {
  auto writer = LogWriter::open(parts.folder, parts.signer);
  if (!writer) return writer.error();
  std::unique_ptr<Publisher> publisher(new Publisher(std::move(parts), std::move(*writer)));
  if (auto same = publisher->compare(); !same) return same.error();
  publisher->state_.published = publisher->writer_.size();
  publisher->thread_ = std::thread([self = publisher.get()] { self->serve(); });
  pthread_setname_np(publisher->thread_.native_handle(), "audit");
  return publisher;
}

Publisher::Publisher(Parts parts, LogWriter writer)
    : parts_(std::move(parts)), verifier_(parts_.signer.verifier()), writer_(std::move(writer)) {}

Publisher::~Publisher() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  called_.notify_one();
  thread_.join();
}

core::Result<void> Publisher::compare() {
  const auto size = writer_.size();
  const auto journalled = parts_.journal.audit_size();
  if (!journalled) return journalled.error();
  if (size > static_cast<std::uint64_t>(*journalled))
    return differs("the audit log's files have " + std::to_string(size) + " entries and the journal " +
                       std::to_string(*journalled) +
                       ": the journal is not the one they were made from, or an older copy",
                   parts_.folder);
  if (size == 0) return {};
  // The whole history is `audit verify`'s business; that the newest entries are the same ones is ours.
  const auto n = (size - 1) / tile_width;
  const auto written = LogReader(parts_.folder, size).bundle(n);
  if (!written) return written.error();
  const auto rows = parts_.journal.audit(static_cast<std::int64_t>(n * tile_width), static_cast<int>(written->size()));
  if (!rows) return rows.error();
  for (std::size_t i = 0; i < written->size(); ++i)
    if (i >= rows->size() || (*rows)[i].entry != (*written)[i])
      return differs("entry " + std::to_string(n * tile_width + i) + " is another one in the journal than in the files",
                     parts_.folder);
  return {};
}

void Publisher::wake() {
  {
    const std::lock_guard lock(mutex_);
    if (woken_) return;
    woken_ = true;
  }
  called_.notify_one();
}

void Publisher::keep(Cosigned cosigned) {
  {
    const std::lock_guard lock(mutex_);
    // Of one witness only the newest is kept.
    std::erase_if(cosigned_, [&](const Cosigned& one) { return one.file == cosigned.file; });
    cosigned_.push_back(std::move(cosigned));
    woken_ = true;
  }
  called_.notify_one();
}

core::Result<void> Publisher::keep_cosigned() {
  std::vector<Cosigned> all;
  {
    const std::lock_guard lock(mutex_);
    all.swap(cosigned_);
  }
  for (const auto& one : all)
    if (auto kept = writer_.keep_cosignature(one.file, one.note, one.line); !kept) return kept;
  return {};
}

PublisherState Publisher::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Publisher::serve() {
  if (parts_.published) parts_.published();
  for (bool stopping = false; !stopping;) {
    {
      std::unique_lock lock(mutex_);
      called_.wait_for(lock, parts_.idle, [this] { return woken_ || stopping_; });
      woken_ = false;
      stopping = stopping_;
    }
    auto done = publish_all();
    if (done) done = keep_cosigned();
    tell(done);
    if (!done && is_for_good(done.error())) return;  // history is not overwritten
    std::unique_lock lock(mutex_);
    const auto pause = done ? parts_.pause : std::chrono::milliseconds(pause_after_failure);
    called_.wait_for(lock, pause, [this] { return stopping_; });
  }
  if (auto kept = writer_.keep_checkpoint(); !kept) tell(kept);
}

core::Result<void> Publisher::publish_all() {
  for (;;) {
    const auto rows = parts_.journal.audit(static_cast<std::int64_t>(writer_.size()), entries_at_once);
    if (!rows) return rows.error();
    if (rows->empty()) return {};
    std::vector<std::string> entries;
    entries.reserve(rows->size());
    for (const auto& row : *rows) {
      if (static_cast<std::uint64_t>(row.index) != writer_.size() + entries.size())
        return differs("the journal has no entry " + std::to_string(writer_.size() + entries.size()), parts_.folder);
      entries.push_back(row.entry);
    }
    const auto now = std::chrono::steady_clock::now();
    const bool keep = now - kept_at_ >= parts_.between_kept;
    if (auto appended = writer_.append(entries, keep); !appended) return appended;
    if (keep) kept_at_ = now;
    {
      const std::lock_guard lock(mutex_);
      state_.published = writer_.size();
    }
    if (parts_.published) parts_.published();
    if (entries.size() < static_cast<std::size_t>(entries_at_once)) return {};
  }
}

void Publisher::tell(const core::Result<void>& done) {
  core::Problem before;
  {
    const std::lock_guard lock(mutex_);
    before = std::exchange(state_.problem, done ? core::Problem() : done.error());
    state_.refused = !done && is_for_good(done.error());
  }
  if (done && !before.code.empty()) runtime::log_info("audit.published_again");
  // Once, not at every try.
  if (!done && !(done.error() == before))
    runtime::log_error("audit.problem", {{"problem", core::to_text(done.error())}});
}

}  // namespace penstock::audit
