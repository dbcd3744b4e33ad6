#include "daemon/runtime/descriptor.hpp"

#include <unistd.h>

#include <cerrno>
#include <memory>

namespace penstock::runtime {
namespace {

// Large enough that system calls are lost beside hashing, small enough for every thread to have one.
constexpr std::size_t piece_size = 256 << 10;

}  // namespace

void Descriptor::close() {
  if (number_ < 0) return;
  const int error = errno;
  ::close(std::exchange(number_, -1));
  errno = error;
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_pieces(int descriptor, const std::function<bool(std::string_view)>& take) {
  const auto piece = std::make_unique_for_overwrite<char[]>(piece_size);
  for (;;) {
    const auto count = ::read(descriptor, piece.get(), piece_size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) return true;
    if (!take({piece.get(), static_cast<std::size_t>(count)})) {
      errno = 0;
      return false;
    }
  }
}

}  // namespace penstock::runtime
