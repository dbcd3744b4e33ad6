// One bundle of entries against the hashes of its tile, and what the entries say of time. Internal to verify().
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/audit/tiles.hpp"
#include "daemon/audit/verify_faults.hpp"

namespace penstock::audit {

// As many entries as can be divided, and whether that was all. They refer to the bundle.
struct Divided {
  std::vector<std::string_view> entries;
  bool whole = true;
};
Divided divide(std::string_view bundle);

// Where the entries, whose hashes are `found`, are not those that the tile's hashes were made of: what happened to
// them, as far as can be told. `first` is the index of the first one.
Faults compare_entries(std::uint64_t first, std::span<const Hash> found, std::span<const Hash> hashes,
                       const std::string& file);

// The entries' own account of time.
class Times {
 public:
  void read(std::uint64_t index, std::string_view entry, Report& report, Faults& faults);

 private:
  std::map<std::string, std::int64_t> up_;  // by daemon
  std::string last_;
};

}  // namespace penstock::audit
