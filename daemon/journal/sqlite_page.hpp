// The checksum that every page of the journal's file carries in its last 16 bytes, which SQLite reserves for that
// (https://www.sqlite.org/fileformat2.html#database_header, offset 20). SQLite itself keeps none.
//
// Two sums over the page's 32-bit words, exact in 64 bits: of the words, and of the words times their distance from the
// end; both begin with the page's number. One or two flipped bits, anywhere in the page or in the checksum, always
// change it, and so does a page in another one's place. Any other change at random is missed with a chance below 2^-60.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace penstock::journal {

constexpr std::size_t sqlite_page_bytes = 4096;
constexpr std::size_t sqlite_reserved_bytes = 16;
using SqlitePage = std::span<const unsigned char, sqlite_page_bytes>;
// SQLite takes its locks on the bytes of this page and writes nothing there (the "lock-byte page"), in a file of more
// than 1 GiB.
constexpr std::int64_t sqlite_lock_page = (std::int64_t{1} << 30) / static_cast<std::int64_t>(sqlite_page_bytes) + 1;

// Pages are numbered from 1.
using PageChecksum = std::array<unsigned char, sqlite_reserved_bytes>;
PageChecksum checksum_of(SqlitePage page, std::int64_t number);
bool is_whole(SqlitePage page, std::int64_t number);

// The bit (of 8 * sqlite_page_bytes, the lowest of a byte first) that makes the page whole when it is turned round;
// nothing when there is none.
std::optional<std::size_t> flipped_bit(SqlitePage page, std::int64_t number);

// What was observed, for people.
std::string what_is_wrong(SqlitePage page, std::int64_t number);
// "bit 3 of byte 17", from `first_byte` on.
std::string name_of_bit(std::size_t bit, std::int64_t first_byte);

}  // namespace penstock::journal
