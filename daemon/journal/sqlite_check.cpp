#include "daemon/journal/sqlite_check.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "daemon/journal/sqlite_page.hpp"
#include "daemon/journal/sqlite_schema.hpp"
#include "daemon/journal/sqlite_wal.hpp"
#include "daemon/runtime/descriptor.hpp"

namespace penstock::journal {
namespace {

constexpr auto page_bytes = static_cast<std::int64_t>(sqlite_page_bytes);
constexpr std::string_view magic("SQLite format 3\0", 16);
// https://www.sqlite.org/fileformat2.html#database_header
constexpr std::size_t page_size_at = 16, reserved_at = 20, pages_at = 28, version_at = 60, application_at = 68;
constexpr std::size_t header_bytes = 100;

core::Problem unreadable(const std::string& path) {
  return {"journal-failed", "cannot open the journal: " + std::generic_category().message(errno), path,
          "let penstockd's user read and write the file and its folder", false};
}
core::Problem no_journal(const std::string& observed, const std::string& path) {
  return {"journal-damaged", "the file is no Penstock journal: " + observed, path,
          "move the file away or name another one; Penstock creates its journal itself", false};
}
core::Problem damaged(const std::string& observed, const std::string& path) {
  return {"journal-damaged",
          "the journal is damaged, or another program has written to it: " + observed + "; nothing was changed", path,
          restore_a_backup, false};
}

std::uint32_t number_at(std::span<const unsigned char> bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8) | bytes[at + i];
  return value;
}

// Both files, read without SQLite.
class Check {
 public:
  explicit Check(std::string path) : path_(std::move(path)), log_path_(path_ + "-wal") {}

  core::Result<SqliteFound> run(std::int64_t whole_up_to) {
    if (const auto opened = open(); !opened) return opened.error();
    if (const auto read = read_log(); !read) return read.error();
    SqliteFound found;
    found.log_frames = static_cast<std::int64_t>(log_.frames);
    found.is_new = size_ == 0;
    if (log_.damage) return damaged_log(*log_.damage);
    if (size_ == 0 && log_.frames > 0)
      return damaged("its file is empty, and its write-ahead log has " + std::to_string(log_.frames) + " frames",
                     path_);
    if (size_ == 0) return found;
    if (const auto first = read_first_page(); !first) return first.error();
    found.version = number_at(first_, application_at) == sqlite_application_id ? number_at(first_, version_at) : 0;
    if (found.version < sqlite_checksums_since) return found;
    if (const auto shape = check_header(); !shape) return shape.error();
    if (const auto pages = check_pages(size_ <= whole_up_to); !pages) return pages.error();
    return found;
  }

 private:
  core::Result<void> open() {
    file_ = runtime::Descriptor(::open(path_.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!file_) return unreadable(path_);
    struct stat seen {};
    if (::fstat(file_.get(), &seen) != 0) return unreadable(path_);
    if (!S_ISREG(seen.st_mode)) return no_journal("it is not a regular file", path_);
    size_ = seen.st_size;
    return {};
  }

  core::Result<void> read_log() {
    const runtime::Descriptor opened(::open(log_path_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened && errno == ENOENT) return {};
    struct stat seen {};
    if (!opened || ::fstat(opened.get(), &seen) != 0) return unreadable(log_path_);
    if (!S_ISREG(seen.st_mode)) return damaged("it is not a regular file", log_path_);
    std::string bytes;
    bytes.reserve(static_cast<std::size_t>(seen.st_size));
    if (!runtime::read_pieces(opened.get(), [&](std::string_view piece) {
          bytes += piece;
          return true;
        }))
      return unreadable(log_path_);
    log_ = read_wal(bytes);
    if (log_.header_is_broken) return check_log_without_header(bytes);
    if (const auto first = log_.newest.find(1); first != log_.newest.end()) {
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(first->second), first_.size(), first_.begin());
      first_is_in_log_ = true;
    }
    return {};
  }

  core::Problem damaged_log(const WalDamage& damage) const {
    return damaged(damage.what + ", at byte " + std::to_string(damage.offset) + " of the write-ahead log", log_path_);
  }

  // SQLite would not look behind the header: that is no loss if all of it is in the database already.
  core::Result<void> check_log_without_header(const std::string& bytes) {
    const auto newest = std::exchange(log_.newest, {});
    const bool has_commits = std::exchange(log_.frames, 0) > 0;
    // What is reserved is not the same in both: the log's pages are not checked by it.
    std::array<unsigned char, sqlite_page_bytes> first{};
    const bool has_checksums = read(1, first) && first[reserved_at] == sqlite_reserved_bytes;
    const auto compared = has_checksums ? sqlite_page_bytes - sqlite_reserved_bytes : sqlite_page_bytes;
    for (const auto& [page, offset] : newest) {
      if (!has_commits) break;
      std::array<unsigned char, sqlite_page_bytes> stored{};
      if (!read(page, stored) || std::memcmp(stored.data(), bytes.data() + offset, compared) != 0)
        return damaged(
            "the header of the write-ahead log does not have its checksum, and the frames behind it are not "
            "all in the database (page " +
                std::to_string(page) + " is not)",
            log_path_);
    }
    return {};
  }

  // Whether all of it is in the file.
  bool read(std::int64_t number, std::span<unsigned char, sqlite_page_bytes> page) const {
    return ::pread(file_.get(), page.data(), page.size(), (number - 1) * page_bytes) == page_bytes;
  }

  core::Result<void> read_first_page() {
    if (!first_is_in_log_) {
      const auto size = ::pread(file_.get(), first_.data(), first_.size(), 0);
      if (size < 0) return unreadable(path_);
      // Before anything in it is believed: a flipped bit must not make it somebody else's.
      if (size == page_bytes && !is_whole(first_, 1) && flipped_bit(first_, 1))
        return damaged(what_is_wrong(first_, 1), path_);
      if (size < static_cast<ssize_t>(header_bytes))
        return no_journal("it does not begin like an SQLite database", path_);
    }
    if (std::memcmp(first_.data(), magic.data(), magic.size()) != 0)
      return no_journal("it does not begin like an SQLite database", path_);
    const auto id = number_at(first_, application_at);
    const auto version = number_at(first_, version_at);
    if (id != sqlite_application_id && id != 0)
      return no_journal("it is the SQLite database of another program", path_);
    if (id == sqlite_application_id && version > sqlite_schema_version)
      return core::Problem{
          "journal-newer",
          "the journal has schema version " + std::to_string(version) + ", this Penstock knows versions up to " +
              std::to_string(sqlite_schema_version),
          path_, "start the newer Penstock that wrote it, or restore the backup from before the upgrade", false};
    return {};
  }

  core::Result<void> check_header() const {
    const auto size = first_[page_size_at] * 256 + first_[page_size_at + 1];
    if (size != page_bytes || first_[reserved_at] != sqlite_reserved_bytes)
      return damaged("its header tells of pages of " + std::to_string(size) + " bytes with " +
                         std::to_string(first_[reserved_at]) + " for a checksum; needed are " +
                         std::to_string(page_bytes) + " and " + std::to_string(sqlite_reserved_bytes),
                     path_);
    if (!first_is_in_log_ && !is_whole(first_, 1)) return damaged(what_is_wrong(first_, 1), path_);
    return {};
  }

  bool is_in_log(std::int64_t number) const { return log_.newest.contains(static_cast<std::uint32_t>(number)); }

  // Those of the log's last commit, or of the header; a crash may have left more in the file.
  core::Result<void> check_pages(bool each) const {
    const std::int64_t needed = log_.frames > 0 ? log_.pages : number_at(first_, pages_at);
    const auto present = std::min(needed, size_ / page_bytes);
    for (auto number = present + 1; number <= needed; ++number)
      if (!is_in_log(number) && number != sqlite_lock_page)
        return damaged("page " + std::to_string(number) + " of " + std::to_string(needed) +
                           " is missing: the file has " + std::to_string(size_) + " bytes",
                       path_);
    std::string first_found;
    std::int64_t others = -1;
    for (std::int64_t number = 1; each && number <= present; ++number) {
      if (is_in_log(number) || number == sqlite_lock_page) continue;
      std::array<unsigned char, sqlite_page_bytes> page{};
      if (!read(number, page)) return unreadable(path_);
      if (is_whole(page, number)) continue;
      if (++others == 0) first_found = what_is_wrong(page, number);
    }
    if (others < 0) return {};
    return damaged(first_found + (others > 0 ? "; and " + std::to_string(others) + " more pages" : ""), path_);
  }

  const std::string path_;
  const std::string log_path_;
  runtime::Descriptor file_;
  std::int64_t size_ = 0;
  WalContent log_;
  std::array<unsigned char, sqlite_page_bytes> first_{};  // as the newest commit left it
  bool first_is_in_log_ = false;
};

}  // namespace

core::Result<SqliteFound> check_sqlite_file(const std::string& path, std::int64_t whole_up_to) {
  return Check(path).run(whole_up_to);
}

}  // namespace penstock::journal
