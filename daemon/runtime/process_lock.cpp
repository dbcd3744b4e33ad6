#include "daemon/runtime/process_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace penstock::runtime {
namespace {

core::Problem failed(const std::string& what, const std::filesystem::path& file, int error) {
  return {"failed", what + " the lock file: " + std::generic_category().message(error), file.string(), "", false};
}

core::Problem in_use(int descriptor, const std::filesystem::path& file) {
  std::array<char, 32> bytes{};
  const auto size = ::pread(descriptor, bytes.data(), bytes.size(), 0);
  std::string owner(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  owner.erase(owner.find_last_not_of(" \n") + 1);
  if (owner.empty()) owner = "unknown, see `fuser " + file.string() + "`";
  return {"in-use", "process id " + owner, file.string(), "", false};
}

}  // namespace

core::Result<ProcessLock> ProcessLock::take(const std::filesystem::path& file) {
  Descriptor opened(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!opened) return failed("cannot open", file, errno);
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK ? in_use(opened.get(), file) : failed("cannot lock", file, errno);
  const auto owner = std::to_string(::getpid()) + "\n";
  // A full disk must not keep the daemon from starting: the id only makes somebody else's message better.
  if (::ftruncate(opened.get(), 0) == 0 && ::pwrite(opened.get(), owner.data(), owner.size(), 0) < 0) errno = 0;
  return ProcessLock(std::move(opened));
}

}  // namespace penstock::runtime
