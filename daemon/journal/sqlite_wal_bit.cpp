#include "daemon/journal/sqlite_wal_bit.hpp"

#include <bit>
#include <optional>

namespace penstock::journal {
namespace {

constexpr std::size_t salts_at = 8;
constexpr std::size_t checksum_at = 16;

// The one bit in which two strings of the same length differ.
std::optional<std::size_t> difference(std::string_view a, std::string_view b) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto differing = static_cast<unsigned>(static_cast<unsigned char>(a[i] ^ b[i]));
    if (differing == 0) continue;
    if (found || std::popcount(differing) != 1) return std::nullopt;
    found = i * 8 + static_cast<std::size_t>(std::countr_zero(differing));
  }
  return found;
}

std::string big_endian(WalChecksum sums) {
  std::string bytes;
  for (const auto sum : {sums.first, sums.second})
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(static_cast<unsigned char>(sum >> shift));
  return bytes;
}

// What one more in a word does to the sums at the end. In front of the last piece each further one turns (a, b) into
// (a + b, a + 2 b).
struct Effect {
  std::uint32_t first;
  std::uint32_t second;
  void pass_a_piece() {
    first += second;
    second += first;
  }
};

// The bits of 4 bytes as a word: bit `weight` of the word is this one of the bytes.
std::size_t bit_in_bytes(std::size_t weight, bool big_endian) {
  return big_endian ? (3 - weight / 8) * 8 + weight % 8 : weight;
}

// The bit of the word at `at` whose flip explains that the sums are off by `off`, if there is one. How often 2 divides
// both sides tells which one that would be.
void add_bit_of_word(std::string_view frame, std::size_t at, const Effect& effect, WalChecksum off, bool big_endian,
                     std::vector<std::size_t>& bits) {
  const auto wanted = off.first != 0 ? off.first : off.second;
  const auto given = off.first != 0 ? effect.first : effect.second;
  if (wanted == 0 || given == 0 || std::countr_zero(wanted) < std::countr_zero(given)) return;
  const auto weight = static_cast<std::size_t>(std::countr_zero(wanted) - std::countr_zero(given));
  const auto bit = at * 8 + bit_in_bytes(weight, big_endian);
  const bool is_set = (static_cast<unsigned char>(frame[bit / 8]) >> bit % 8 & 1) != 0;
  const auto change = is_set ? 0U - (std::uint32_t{1} << weight) : std::uint32_t{1} << weight;
  if (effect.first * change == off.first && effect.second * change == off.second) bits.push_back(bit);
}

}  // namespace

std::vector<std::size_t> bits_that_break(std::string_view frame, WalChecksum before, std::string_view salts,
                                         bool big_endian_words) {
  const auto found_salts = frame.substr(salts_at, 8);
  const auto computed = wal_checksum(wal_checksum(before, frame.substr(0, 8), big_endian_words),
                                     frame.substr(wal_frame_header_bytes), big_endian_words);
  const auto stored = stored_wal_checksum(frame.data() + checksum_at);
  std::vector<std::size_t> bits;
  if (found_salts != salts) {
    if (const auto bit = difference(found_salts, salts); bit && computed == stored) bits.push_back(salts_at * 8 + *bit);
    return bits;
  }
  if (const auto bit = difference(frame.substr(checksum_at, 8), big_endian(computed)))
    bits.push_back(checksum_at * 8 + *bit);
  const WalChecksum off{stored.first - computed.first, stored.second - computed.second};
  Effect of_first{1, 1};   // the first word of a piece, at its end
  Effect of_second{0, 1};  // the second one
  const auto try_piece = [&](std::size_t at) {
    add_bit_of_word(frame, at, of_first, off, big_endian_words, bits);
    add_bit_of_word(frame, at + 4, of_second, off, big_endian_words, bits);
    of_first.pass_a_piece();
    of_second.pass_a_piece();
  };
  for (auto at = frame.size() - 8; at >= wal_frame_header_bytes; at -= 8) try_piece(at);
  try_piece(0);
  return bits;
}

}  // namespace penstock::journal
