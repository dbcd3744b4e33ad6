// What a write-ahead log holds, read without SQLite, which takes the first frame that does not check for the log's end
// and drops the transactions behind it without a word. Format: https://www.sqlite.org/fileformat2.html#walformat.
//
// A log ends in the middle of a transaction when the machine stopped there; nobody was told of that transaction. A
// frame that does not check is more than such an end
// - when one flipped bit makes it check, and a commit follows in it or behind it; or
// - when behind it there is a run of frames, each checking against the one before it, with two commits: a transaction
// is
//   begun after the one before it was synced, so a crash leaves one at most.
// Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::journal {

constexpr std::size_t wal_header_bytes = 32;
constexpr std::size_t wal_frame_header_bytes = 24;

// What does not check, where nothing but damage explains it.
struct WalDamage {
  std::size_t offset = 0;          // of the header or frame, in bytes
  std::string what;                // what was observed
  std::optional<std::size_t> bit;  // counted from the file's begin: the one that was flipped, if only one explains it
};

struct WalContent {
  std::size_t frames = 0;                         // up to the last commit
  std::uint32_t pages = 0;                        // of the database, after it
  std::map<std::uint32_t, std::size_t> newest{};  // page -> where its newest content is in the file
  std::optional<WalDamage> damage{};
  // The header does not check although frames follow it. A crash explains that only while the log is begun anew, when
  // all of it is in the database: whoever has that compares. `newest` is then what the frames say by themselves.
  bool header_is_broken = false;
};

// All the bytes of the log; pages have sqlite_page_bytes.
WalContent read_wal(std::string_view bytes);

// The two sums of the format over whole 8-byte pieces, going on from those before them.
struct WalChecksum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  bool operator==(const WalChecksum&) const = default;
};
WalChecksum wal_checksum(WalChecksum before, std::string_view bytes, bool big_endian);
// As a header or frame header holds it, always big-endian.
WalChecksum stored_wal_checksum(const char* bytes);
// Whether the sums are over big-endian words; nothing when this is no log.
std::optional<bool> wal_is_big_endian(std::string_view header);

}  // namespace penstock::journal
