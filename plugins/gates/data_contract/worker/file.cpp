#include "plugins/gates/data_contract/worker/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace penstock::gates::data_contract::worker {
namespace {

constexpr std::size_t piece_bytes = 1 << 20;

core::Problem unreadable(const std::string& path, const std::string& why) {
  return {"unreadable", "cannot be read: " + why, path, "look at the file and its permissions"};
}

std::int64_t modified(const struct stat& status) {
  return static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
}

}  // namespace

File::File(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor), piece_(piece_bytes) {}
File::File(File&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      modified_ns_(other.modified_ns_),
      failure_(std::move(other.failure_)),
      piece_(std::move(other.piece_)) {}
File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

core::Result<File> File::open(const std::string& path) {
  // Not blocking, so that a pipe under this name cannot hold us before we see what it is.
  File file(path, ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.descriptor_ < 0 || ::fstat(file.descriptor_, &status) != 0) return unreadable(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return unreadable(path, "not a regular file");
  file.size_ = static_cast<std::uint64_t>(status.st_size);
  file.modified_ns_ = modified(status);
  return file;
}

std::string File::handle() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

std::string_view File::read() {
  for (;;) {
    const auto count = ::read(descriptor_, piece_.data(), piece_.size());
    if (count >= 0) return {piece_.data(), static_cast<std::size_t>(count)};
    if (errno == EINTR) continue;
    failure_ = std::strerror(errno);
    return {};
  }
}

void File::rewind() { ::lseek(descriptor_, 0, SEEK_SET); }

core::Result<void> File::intact() const {
  if (!failure_.empty()) return unreadable(path_, failure_);
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) return unreadable(path_, std::strerror(errno));
  if (static_cast<std::uint64_t>(status.st_size) == size_ && modified(status) == modified_ns_) return {};
  return core::Problem{"changed", "was written to while it was checked", path_,
                       "give every version of the data a file of its own", true};
}

core::Result<std::string> read_small(const std::string& path, std::size_t max_bytes) {
  auto file = File::open(path);
  if (!file) return file.error();
  if (file->size() > max_bytes)
    return core::Problem{"too-large",
                         std::to_string(file->size()) + " bytes; at most " + std::to_string(max_bytes) + " are read",
                         path, "split it"};
  std::string content;
  for (auto piece = file->read(); !piece.empty() && content.size() <= max_bytes; piece = file->read()) content += piece;
  if (auto intact = file->intact(); !intact) return intact.error();
  return content;
}

}  // namespace penstock::gates::data_contract::worker
