// What a scan found: one record per file, one remark per thing that is not clean.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::gates::security {

// Ordered: the worst one decides, and only clean passes.
enum class Level {
  clean,    // looked at and understood, nothing against it
  warn,     // understood, and a person has to say whether it is meant
  unknown,  // not understood, too large, or damaged: no sign-off can be given
  unsafe,   // understood, and it may do harm when it is loaded
};

}  // namespace penstock::gates::security

namespace penstock::core {
template <>
struct EnumNames<gates::security::Level> {
  using Level = gates::security::Level;
  static constexpr std::array<std::pair<Level, const char*>, 4> names{
      {{Level::clean, "clean"}, {Level::warn, "warn"}, {Level::unknown, "unknown"}, {Level::unsafe, "unsafe"}}};
};
}  // namespace penstock::core

namespace penstock::gates::security {

struct Remark {
  Level level = Level::unknown;
  std::string rule;      // stable id: "pickle/global-not-allowed"
  std::string observed;  // printable, bounded
  std::string needed;
  std::string where;  // "model.zip > archive/data.pkl, byte 17"
  bool operator==(const Remark&) const = default;
};

struct FileRecord {
  std::string path;  // below the artifact's folder, printable
  std::string kind;  // "pickle", "skops", "text", …
  std::uint64_t size = 0;
  Level level = Level::clean;
  bool operator==(const FileRecord&) const = default;
};

// Deterministic: the same bytes under the same rules give the same report, byte for byte.
struct Report {
  static constexpr std::size_t max_remarks = 2000;
  static constexpr std::size_t max_listed_files = 10'000;

  std::string allow_list;  // its version
  // Regular files met, and those whose content was looked at: a sign-off needs them equal.
  std::uint64_t files_met = 0;
  std::uint64_t files_looked_at = 0;
  std::vector<FileRecord> files;  // at most max_listed_files, those first that are not clean; sorted by path
  std::vector<Remark> remarks;    // at most max_remarks
  std::uint64_t remarks_left_out = 0;
  Level level = Level::clean;  // the worst of all remarks, kept or left out

  void add(Remark remark);
};

nlohmann::json to_json(const Report& report);
// Strict: what a worker printed is a stranger's text.
core::Result<Report> report_from_json(const nlohmann::json& document);

// Text that came out of a file, safe to show: control characters and what is not ASCII as \xNN, at most `limit` bytes.
std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace penstock::gates::security
