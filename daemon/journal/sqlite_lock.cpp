#include "daemon/journal/sqlite_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace penstock::journal {
namespace {

core::Problem cannot(const std::string& what, const std::string& path, int error) {
  return {"journal-failed", what + " " + path + ": " + std::generic_category().message(error), path,
          "let penstockd's user write the journal's folder, and create the folder where it is missing", false};
}

core::Problem in_use(int descriptor, const std::string& path, const std::string& lock_path) {
  std::array<char, 32> bytes{};
  const auto size = pread(descriptor, bytes.data(), bytes.size(), 0);
  std::string owner(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  owner.erase(owner.find_last_not_of(" \n") + 1);
  if (owner.empty()) owner = "unknown, see `fuser " + lock_path + "`";
  return {"journal-in-use", "another penstockd has the journal open (process id " + owner + ")", path,
          "stop that process first, or give this one a journal of its own", false};
}

}  // namespace

core::Result<SqliteLock> SqliteLock::take(const std::string& path) {
  const auto lock_path = path + ".lock";
  SqliteLock lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lock.descriptor_ < 0) return cannot("cannot open the lock file", lock_path, errno);
  if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return in_use(lock.descriptor_, path, lock_path);
    return cannot("cannot lock", lock_path, errno);
  }
  const auto owner = std::to_string(getpid()) + "\n";
  // A full disk must not keep the daemon from starting: the id only makes somebody else's message better.
  if (ftruncate(lock.descriptor_, 0) == 0 && pwrite(lock.descriptor_, owner.data(), owner.size(), 0) < 0) errno = 0;
  return lock;
}

SqliteLock::~SqliteLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace penstock::journal
