#include "plugins/gates/data_contract/worker/limits.hpp"

#include <sys/resource.h>

namespace penstock::gates::data_contract::worker {
namespace {

constexpr std::int64_t mebibyte = 1 << 20;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

bool limit(__rlimit_resource resource, std::int64_t amount) {
  const rlimit value{static_cast<rlim_t>(amount), static_cast<rlim_t>(amount)};
  return setrlimit(resource, &value) == 0;
}

}  // namespace

bool limit_process(std::int64_t memory_mb, int threads) {
  // Stacks and the arenas of malloc are reserved for each thread long before they are used.
  const auto address_space = (2 * memory_mb + 1024 + threads * std::int64_t{128}) * mebibyte;
  bool good = limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, 256);
  good = limit(RLIMIT_FSIZE, (std::int64_t{64} << 10) * mebibyte) && good;
  if (!sanitized) good = limit(RLIMIT_AS, address_space) && good;
  return good;
}

}  // namespace penstock::gates::data_contract::worker
