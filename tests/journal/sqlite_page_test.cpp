// The checksum of a page: every single bit, pairs of bits, and pages in the places of others.
#include "daemon/journal/sqlite_page.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/chance.hpp"

using namespace penstock::journal;

namespace {

using Bytes = std::array<unsigned char, sqlite_page_bytes>;
constexpr std::size_t bits = sqlite_page_bytes * 8;

void write_checksum(Bytes& page, std::int64_t number) {
  const auto checksum = checksum_of(page, number);
  std::copy(checksum.begin(), checksum.end(), page.end() - sqlite_reserved_bytes);
}

Bytes random_page(std::uint64_t seed, std::int64_t number) {
  penstock::tests::Chance chance(seed);
  Bytes page{};
  for (auto& byte : page) byte = static_cast<unsigned char>(chance.bits());
  write_checksum(page, number);
  return page;
}

Bytes filled_page(unsigned char byte, std::int64_t number) {
  Bytes page{};
  page.fill(byte);
  write_checksum(page, number);
  return page;
}

void flip(Bytes& page, std::size_t bit) { page[bit / 8] = static_cast<unsigned char>(page[bit / 8] ^ (1 << bit % 8)); }

}  // namespace

TEST_CASE("every single flipped bit of a page is found, and named") {
  constexpr std::int64_t largest = 0xfffffffe;  // that SQLite has
  for (auto [page, number] :
       {std::pair(random_page(1, 7), std::int64_t{7}), std::pair(filled_page(0, 1), std::int64_t{1}),
        std::pair(filled_page(0xff, largest), largest)}) {
    REQUIRE(is_whole(page, number));
    REQUIRE_FALSE(flipped_bit(page, number));
    std::size_t missed = 0;
    for (std::size_t bit = 0; bit < bits; ++bit) {
      flip(page, bit);
      if (is_whole(page, number) || flipped_bit(page, number) != bit) ++missed;
      flip(page, bit);
    }
    CHECK(missed == 0);
  }
}

TEST_CASE("two flipped bits are found, wherever they are") {
  auto page = random_page(2, 3);
  penstock::tests::Chance chance(3);
  std::size_t missed = 0;
  for (int i = 0; i < 50'000; ++i) {
    const auto one = chance.bits() % bits;
    // Often the same bit of another word, where sums might make up for it.
    const auto other = i % 2 == 0 ? chance.bits() % bits : (one + 32 * (1 + chance.bits() % 1000)) % bits;
    if (one == other) continue;
    flip(page, one);
    flip(page, other);
    if (is_whole(page, 3)) ++missed;
    flip(page, one);
    flip(page, other);
  }
  CHECK(missed == 0);
}

TEST_CASE("a page in the place of another one, exchanged halves and a page of zeros are found") {
  const auto page = random_page(4, 5);
  for (std::int64_t number = 1; number < 3000; ++number) CHECK(is_whole(page, number) == (number == 5));
  auto exchanged = page;
  std::rotate(exchanged.begin(), exchanged.begin() + 512, exchanged.end() - sqlite_reserved_bytes);
  CHECK_FALSE(is_whole(exchanged, 5));
  CHECK_FALSE(flipped_bit(exchanged, 5));
  for (std::int64_t number = 1; number < 3000; ++number) CHECK_FALSE(is_whole(Bytes{}, number));
}

TEST_CASE("what is wrong names page, place, checksums and the bit") {
  auto page = filled_page(0, 3);
  flip(page, 8 * 17 + 4);
  const auto told = what_is_wrong(page, 3);
  CHECK_THAT(told, Catch::Contains("page 3, at byte 8192,") && Catch::Contains("bit 4 of byte 8209 was flipped"));
  page[100] = 1;
  CHECK_THAT(what_is_wrong(page, 3), !Catch::Contains("flipped"));
}
