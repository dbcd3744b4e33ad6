// The tiles and bundles that are stored: of each the file that the signed log needs, and whether those beside it agree
// with it. Internal to verify().
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "daemon/audit/tiles.hpp"
#include "daemon/audit/verify_faults.hpp"

namespace penstock::audit {

struct StoredTile {
  std::string file;
  std::string bytes;
  bool is_whole = false;  // it has what its name says; where not, a fault tells
};

class StoredTiles {
 public:
  StoredTiles(std::filesystem::path folder, Faults& faults) : folder_(std::move(folder)), faults_(faults) {}

  // A file that is there: each of them says something, partial ones too.
  void note(const Tile& tile);
  // The file that is needed, or the narrowest wider one that is there in its place.
  StoredTile read(const Tile& needed);

 private:
  // Nothing: it is not there.
  std::optional<StoredTile> read_if_there(const Tile& tile);

  std::filesystem::path folder_;
  Faults& faults_;
  std::map<std::pair<int, std::uint64_t>, std::set<std::uint64_t>> partial_;  // widths, by level and number
};

}  // namespace penstock::audit
