#include "daemon/journal/sqlite_wal.hpp"

#include <bit>
#include <cstring>
#include <vector>

#include "daemon/journal/sqlite_page.hpp"
#include "daemon/journal/sqlite_wal_bit.hpp"

namespace penstock::journal {
namespace {

constexpr std::size_t frame_bytes = wal_frame_header_bytes + sqlite_page_bytes;
constexpr std::uint32_t format_version = 3007000;

std::uint32_t big_endian_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// One frame, where it is in the file.
struct Frame {
  std::string_view bytes;
  std::uint32_t page() const { return big_endian_at(bytes, 0); }
  std::uint32_t pages_after_commit() const { return big_endian_at(bytes, 4); }  // 0: no commit
  std::string_view salts() const { return bytes.substr(8, 8); }
  WalChecksum stored() const { return stored_wal_checksum(bytes.data() + 16); }
  WalChecksum computed(WalChecksum before, bool big_endian) const {
    return wal_checksum(wal_checksum(before, bytes.substr(0, 8), big_endian), bytes.substr(wal_frame_header_bytes),
                        big_endian);
  }
};

class Reading {
 public:
  Reading(std::string_view bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

  std::size_t count() const { return (bytes_.size() - wal_header_bytes) / frame_bytes; }
  static std::size_t offset_of(std::size_t n) { return wal_header_bytes + n * frame_bytes; }
  Frame frame(std::size_t n) const { return {bytes_.substr(offset_of(n), frame_bytes)}; }
  bool follows(std::size_t n, WalChecksum before, std::string_view salts) const {
    return frame(n).page() != 0 && frame(n).salts() == salts &&
           frame(n).computed(before, big_endian_) == frame(n).stored();
  }

  // Takes in the frames from `n` on that follow one another; gives the first that does not.
  std::size_t take(std::size_t n, WalChecksum before, std::string_view salts) {
    std::map<std::uint32_t, std::size_t> uncommitted;
    for (; n < count() && follows(n, before, salts); ++n) {
      const auto one = frame(n);
      uncommitted[one.page()] = offset_of(n) + wal_frame_header_bytes;
      before = one.stored();
      if (one.pages_after_commit() == 0) continue;
      content.frames = n + 1;
      content.pages = one.pages_after_commit();
      for (const auto& [page, offset] : uncommitted) content.newest[page] = offset;
      uncommitted.clear();
    }
    before_broken = before;
    return n;
  }

  // Whether a commit is among the frames from `n` on that follow one another.
  bool commit_follows(std::size_t n, WalChecksum before, std::string_view salts) const {
    for (; n < count() && follows(n, before, salts); ++n) {
      if (frame(n).pages_after_commit() != 0) return true;
      before = frame(n).stored();
    }
    return false;
  }

  // Those bits of the broken frame that make it check, with a commit in it or behind it.
  std::vector<std::size_t> bits_that_hide_a_commit(std::size_t broken, std::string_view salts) const {
    const auto one = frame(broken);
    const auto bits = bits_that_break(one.bytes, before_broken, salts, big_endian_);
    const bool commit_is_behind = !bits.empty() && commit_follows(broken + 1, one.stored(), salts);
    std::vector<std::size_t> hiding;
    for (const auto bit : bits) {
      std::string header(one.bytes.substr(0, wal_frame_header_bytes));
      if (bit / 8 < header.size()) header[bit / 8] = static_cast<char>(header[bit / 8] ^ (1 << bit % 8));
      const Frame healed{header};
      const bool same_checksum = healed.stored() == one.stored();
      const bool goes_on = same_checksum ? commit_is_behind : commit_follows(broken + 1, healed.stored(), salts);
      if (healed.page() != 0 && (healed.pages_after_commit() != 0 || goes_on)) hiding.push_back(bit);
    }
    return hiding;
  }

  // Two commits in one run behind the broken frame.
  bool goes_on_behind(std::size_t broken, std::string_view salts) const {
    int commits = 0;
    for (auto n = broken + 1; n < count(); ++n) {
      if (!follows(n, frame(n - 1).stored(), salts))
        commits = 0;
      else if (frame(n).pages_after_commit() != 0 && ++commits == 2)
        return true;
    }
    return false;
  }

  void judge(std::size_t broken, std::string_view salts) {
    const auto one = frame(broken);
    const auto name = "frame " + std::to_string(broken) + " (page " + std::to_string(one.page()) + ")";
    if (const auto bits = bits_that_hide_a_commit(broken, salts); !bits.empty()) {
      std::optional<std::size_t> only;
      if (bits.size() == 1) only = offset_of(broken) * 8 + bits.front();
      content.damage = {
          offset_of(broken),
          name + " does not have its checksum: " + (only ? name_of_bit(*only, 0) : "one bit of it") + " was flipped",
          only};
    } else if (goes_on_behind(broken, salts)) {
      content.damage = {offset_of(broken),
                        name +
                            " does not have its checksum, and behind it are transactions that were begun after it "
                            "was on the disk",
                        std::nullopt};
    }
  }

  WalContent content;
  WalChecksum before_broken;

 private:
  const std::string_view bytes_;
  const bool big_endian_;
};

bool header_checks(std::string_view bytes) {
  const auto big_endian = wal_is_big_endian(bytes);
  return big_endian && wal_checksum({}, bytes.substr(0, 24), *big_endian) == stored_wal_checksum(bytes.data() + 24);
}

// What the frames say without their header: those that follow the first one, which nothing vouches for.
WalContent read_without_header(std::string_view bytes) {
  WalContent best;
  for (const bool big_endian : {false, true}) {
    Reading reading(bytes, big_endian);
    if (reading.count() == 0) return best;
    const auto first = reading.frame(0);
    reading.content.newest[first.page()] = Reading::offset_of(0) + wal_frame_header_bytes;
    if (first.pages_after_commit() != 0) reading.content.frames = 1;
    reading.take(1, first.stored(), first.salts());
    if (reading.content.frames > best.frames) best = std::move(reading.content);
  }
  return best;
}

}  // namespace

WalChecksum wal_checksum(WalChecksum sums, std::string_view bytes, bool big_endian) {
  const bool swapped = big_endian != (std::endian::native == std::endian::big);
  for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
    std::uint32_t pair[2];
    std::memcpy(pair, bytes.data() + i, sizeof pair);
    sums.first += (swapped ? __builtin_bswap32(pair[0]) : pair[0]) + sums.second;
    sums.second += (swapped ? __builtin_bswap32(pair[1]) : pair[1]) + sums.first;
  }
  return sums;
}

WalChecksum stored_wal_checksum(const char* bytes) {
  const std::string_view both(bytes, 8);
  return {big_endian_at(both, 0), big_endian_at(both, 4)};
}

std::optional<bool> wal_is_big_endian(std::string_view header) {
  const auto magic = big_endian_at(header, 0);
  if (magic != 0x377f0682 && magic != 0x377f0683) return std::nullopt;
  return magic == 0x377f0683;
}

WalContent read_wal(std::string_view bytes) {
  // A header alone, or a part of one: nothing was ever behind it, or it is in the database.
  if (bytes.size() < wal_header_bytes + frame_bytes) return {};
  const auto header = bytes.substr(0, wal_header_bytes);
  if (!header_checks(header)) {
    auto content = read_without_header(bytes);
    content.header_is_broken = true;
    return content;
  }
  if (big_endian_at(header, 4) != format_version || big_endian_at(header, 8) != sqlite_page_bytes) {
    WalContent content;
    content.damage = {0,
                      "the log has format " + std::to_string(big_endian_at(header, 4)) + " and pages of " +
                          std::to_string(big_endian_at(header, 8)) + " bytes",
                      std::nullopt};
    return content;
  }
  Reading reading(bytes, *wal_is_big_endian(header));
  const auto salts = header.substr(16, 8);
  const auto broken = reading.take(0, stored_wal_checksum(header.data() + 24), salts);
  if (broken < reading.count()) reading.judge(broken, salts);
  return std::move(reading.content);
}

}  // namespace penstock::journal
