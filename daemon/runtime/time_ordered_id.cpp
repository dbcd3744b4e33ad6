// Randomness and the ids made of it.
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <mutex>
#include <stdexcept>

#include "daemon/runtime/digest.hpp"

namespace penstock::runtime {
namespace {

constexpr std::int64_t last_millisecond = (std::int64_t{1} << 48) - 1;

// What an id is made of: 48 bits of Unix milliseconds, then 80 bits that are random for the first id of a millisecond
// and count up from there (the ULID specification's monotonic order).
struct Moment {
  std::int64_t milliseconds = -1;
  std::array<unsigned char, 10> rest{};
  std::string drawn{};  // randomness for later ones: a generator takes long to begin

  void follow(std::int64_t now) {
    if (now > milliseconds) return start(now);
    // The clock stands still or went back: later ids must sort later all the same.
    for (auto byte = rest.rbegin(); byte != rest.rend(); ++byte)
      if (++*byte != 0) return;
    start(milliseconds + 1);
  }

 private:
  void start(std::int64_t at) {
    milliseconds = at;
    if (drawn.size() < rest.size()) drawn = random_bytes(100 * rest.size());
    std::copy_n(drawn.end() - static_cast<std::ptrdiff_t>(rest.size()), rest.size(), rest.begin());
    drawn.resize(drawn.size() - rest.size());
  }
};

// Crockford's base 32: 128 bits from the left, with two zero bits before them.
std::string spell(const Moment& moment) {
  std::array<unsigned char, 16> bytes{};
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(moment.milliseconds >> (40 - 8 * i) & 0xff);
  std::copy(moment.rest.begin(), moment.rest.end(), bytes.begin() + 6);
  std::string text;
  std::uint32_t held = 0;
  unsigned held_bits = 2;
  for (const auto byte : bytes) {
    held = (held << 8 | byte) & 0xffff;
    held_bits += 8;
    while (held_bits >= 5) {
      held_bits -= 5;
      text += "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[held >> held_bits & 31];
    }
  }
  return text;
}

}  // namespace

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
    throw std::runtime_error("OpenSSL has no randomness to give");
  return bytes;
}

std::string time_ordered_id(std::string_view prefix, core::Time now) {
  static std::mutex mutex;
  static Moment last;
  const auto milliseconds = std::clamp<std::int64_t>(now.time_since_epoch().count(), 0, last_millisecond);
  std::string text(prefix);
  const std::lock_guard lock(mutex);
  last.follow(milliseconds);
  text += spell(last);
  return text;
}

}  // namespace penstock::runtime
