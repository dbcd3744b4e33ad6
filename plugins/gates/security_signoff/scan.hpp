// One scan of one artifact: its rules, its report, and what all parsers of hostile bytes share. Everything here runs in
// the worker process, never in the daemon.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "plugins/gates/security_signoff/allow_list.hpp"
#include "plugins/gates/security_signoff/report.hpp"

namespace penstock::gates::security {

struct ScanRules {
  AllowList allow;
  bool allow_code = false;  // Python source is accepted as text
  std::uint64_t max_file_bytes = std::uint64_t{64} << 30;
  std::uint64_t max_unpacked_bytes = std::uint64_t{8} << 30;  // of all compressed archive members together
};

// A file's or an archive member's bytes. Of a compressed member that is large only the beginning is kept.
struct Content {
  std::string_view bytes;
  std::uint64_t size = 0;
  bool is_whole() const { return bytes.size() == size; }
};
inline Content whole(std::string_view bytes) { return {bytes, bytes.size()}; }

class Scan {
 public:
  static constexpr int max_depth = 4;  // archives inside archives
  static constexpr std::size_t kept_member_bytes = std::size_t{128} << 20;

  Scan(const ScanRules& rules, Report& report) : rules_(rules), report_(report) {}

  const ScanRules& rules() const { return rules_; }
  // `where` is printable: the file's path, then the members inside it.
  void remark(Level level, std::string rule, const std::string& where, std::string observed, std::string needed) {
    worst_ = std::max(worst_, level);
    ++remark_count_;
    report_.add({level, std::move(rule), std::move(observed), std::move(needed), where});
  }
  std::uint64_t remark_count() const { return remark_count_; }
  // The worst level remarked since the last call.
  Level take_worst() { return std::exchange(worst_, Level::clean); }
  // False when unpacking so many more bytes exceeds the artifact's allowance.
  bool allow_unpacked(std::uint64_t bytes) {
    if (bytes > rules_.max_unpacked_bytes - unpacked_) return false;
    unpacked_ += bytes;
    return true;
  }

 private:
  const ScanRules& rules_;
  Report& report_;
  Level worst_ = Level::clean;
  std::uint64_t unpacked_ = 0;
  std::uint64_t remark_count_ = 0;
};

// Where a member or an offset is, for remarks.
inline std::string inside(const std::string& where, std::string_view member) {
  return where + " > " + printable(member);
}
inline std::string at_byte(const std::string& where, std::uint64_t offset) {
  return where + ", byte " + std::to_string(offset);
}

// Looks at one file's or member's bytes, by content; `name` only tells what it claims to be. Returns the kind, for the
// report. `depth` counts the archives around it.
std::string look_at(Scan& scan, const Content& content, std::string_view name, const std::string& where, int depth);

// Every file below `folder`, in the order of their paths. Problem "unreadable" when the folder cannot be listed or a
// file cannot be opened: a scan is whole or it is none.
core::Result<Report> scan_folder(const std::filesystem::path& folder, const ScanRules& rules);

}  // namespace penstock::gates::security
