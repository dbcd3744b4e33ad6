// Which bit of a frame was flipped, if it was one.
#pragma once

#include <string_view>
#include <vector>

#include "daemon/journal/sqlite_wal.hpp"

namespace penstock::journal {

// The bits of the frame (its header and page; the lowest bit of a byte first) of which each by itself makes it check
// after `before` and with `salts` when it is turned round. Often it is one; a word's highest bits do the same to the
// sums, which are modulo 2^32, in many words. The sums are linear, so that every bit is tried without going through the
// frame again.
std::vector<std::size_t> bits_that_break(std::string_view frame, WalChecksum before, std::string_view salts,
                                         bool big_endian);

}  // namespace penstock::journal
