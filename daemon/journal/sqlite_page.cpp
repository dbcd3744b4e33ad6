#include "daemon/journal/sqlite_page.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace penstock::journal {
namespace {

constexpr std::size_t content_bytes = sqlite_page_bytes - sqlite_reserved_bytes;
constexpr std::size_t words = content_bytes / 4;

std::uint32_t word_at(const unsigned char* bytes) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap32(word);
  return word;
}

struct Sums {
  std::uint64_t plain = 0;
  std::uint64_t weighted = 0;
};

// The weighted sum stays below 1020 * 1021 / 2 * 2^32 + 1020 * 2^50 < 2^61: nothing wraps round.
Sums sums_of(SqlitePage page, std::int64_t number) {
  // Never 0, so that a page of zeros is not whole; odd and large, so that two pages' sums are far from each other.
  Sums sums;
  sums.plain = (std::uint64_t{1} << 48) + static_cast<std::uint64_t>(number) * 0x10001;
  for (std::size_t i = 0; i < content_bytes; i += 4) {
    sums.plain += word_at(&page[i]);
    sums.weighted += sums.plain;
  }
  return sums;
}

void put(std::uint64_t value, unsigned char* bytes) {
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(value >> (8 * i));
}
std::uint64_t taken(const unsigned char* bytes) {
  std::uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = (value << 8) | bytes[i];
  return value;
}

std::string hex(const unsigned char* bytes) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < sqlite_reserved_bytes; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

// Of the checksum's own bits.
std::optional<std::size_t> flipped_in_checksum(const Sums& found, const Sums& stored) {
  const auto plain = found.plain ^ stored.plain;
  const auto weighted = found.weighted ^ stored.weighted;
  if (std::popcount(plain) + std::popcount(weighted) != 1) return std::nullopt;
  const auto bit = plain != 0 ? std::countr_zero(plain) : 64 + std::countr_zero(weighted);
  return content_bytes * 8 + static_cast<std::size_t>(bit);
}

}  // namespace

PageChecksum checksum_of(SqlitePage page, std::int64_t number) {
  const auto sums = sums_of(page, number);
  PageChecksum checksum{};
  put(sums.plain, checksum.data());
  put(sums.weighted, checksum.data() + 8);
  return checksum;
}

bool is_whole(SqlitePage page, std::int64_t number) {
  const auto checksum = checksum_of(page, number);
  return std::equal(checksum.begin(), checksum.end(), page.begin() + content_bytes);
}

std::optional<std::size_t> flipped_bit(SqlitePage page, std::int64_t number) {
  const auto found = sums_of(page, number);
  const Sums stored{taken(&page[content_bytes]), taken(&page[content_bytes + 8])};
  if (const auto bit = flipped_in_checksum(found, stored)) return bit;
  // A flipped bit adds or takes away 2^b in one word, and that times the word's distance from the end.
  const bool was_cleared = stored.plain > found.plain;
  const auto plain = was_cleared ? stored.plain - found.plain : found.plain - stored.plain;
  const auto weighted = was_cleared ? stored.weighted - found.weighted : found.weighted - stored.weighted;
  if (std::popcount(plain) != 1 || plain >> 32 != 0 || weighted % plain != 0) return std::nullopt;
  const auto distance = weighted / plain;
  if (distance < 1 || distance > words) return std::nullopt;
  const auto word = words - static_cast<std::size_t>(distance);
  const bool is_set = (word_at(&page[word * 4]) & plain) != 0;
  if (is_set == was_cleared) return std::nullopt;
  return word * 32 + static_cast<std::size_t>(std::countr_zero(plain));
}

std::string name_of_bit(std::size_t bit, std::int64_t first_byte) {
  return "bit " + std::to_string(bit % 8) + " of byte " +
         std::to_string(first_byte + static_cast<std::int64_t>(bit / 8));
}

std::string what_is_wrong(SqlitePage page, std::int64_t number) {
  const auto first_byte = (number - 1) * static_cast<std::int64_t>(sqlite_page_bytes);
  auto told = "page " + std::to_string(number) + ", at byte " + std::to_string(first_byte) + ", has the checksum " +
              hex(checksum_of(page, number).data()) + " and was written with " + hex(&page[content_bytes]);
  if (const auto bit = flipped_bit(page, number)) told += ": " + name_of_bit(*bit, first_byte) + " was flipped";
  return told;
}

}  // namespace penstock::journal
