#include "daemon/audit/tiles.hpp"

#include <algorithm>
#include <charconv>

namespace penstock::audit {
namespace {

constexpr int highest_level = 7;  // a 64-bit size has no more

// 1234067 is "x001/x234/067".
std::string path_of(std::uint64_t n) {
  const auto digits = [](std::uint64_t part) {
    const auto text = std::to_string(part);
    return std::string(3 - text.size(), '0') + text;
  };
  auto path = digits(n % 1000);
  for (n /= 1000; n > 0; n /= 1000) path = "x" + digits(n % 1000) + "/" + path;
  return path;
}

std::string with_width(std::string path, std::uint64_t width) {
  if (width < tile_width) path += ".p/" + std::to_string(width);
  return path;
}

// A number as this program writes it: no sign, no leading zero.
std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [read, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || read != text.data() + text.size() || std::to_string(value) != text) return std::nullopt;
  return value;
}

}  // namespace

std::string tile_path(int level, std::uint64_t n, std::uint64_t width) {
  return with_width("tile/" + std::to_string(level) + "/" + path_of(n), width);
}

std::string bundle_path(std::uint64_t n, std::uint64_t width) {
  return with_width("tile/entries/" + path_of(n), width);
}

std::uint64_t width_of(int level, std::uint64_t n, std::uint64_t size) {
  const auto row = size >> (tile_height * std::max(level, 0));
  return row <= n * tile_width ? 0 : std::min(tile_width, row - n * tile_width);
}

std::string path_of(const Tile& tile) {
  return tile.level < 0 ? bundle_path(tile.n, tile.width) : tile_path(tile.level, tile.n, tile.width);
}

std::optional<Tile> tile_of(std::string_view path) {
  if (!path.starts_with("tile/")) return std::nullopt;
  path.remove_prefix(5);
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  Tile tile;
  const auto level = number(path.substr(0, slash));
  if (path.starts_with("entries/"))
    tile.level = -1;
  else if (level && *level <= highest_level)
    tile.level = static_cast<int>(*level);
  else
    return std::nullopt;
  auto rest = path.substr(slash + 1);
  tile.width = tile_width;
  if (const auto partial = rest.find(".p/"); partial != std::string_view::npos) {
    const auto width = number(rest.substr(partial + 3));
    if (!width || *width == 0 || *width >= tile_width) return std::nullopt;
    tile.width = *width;
    rest = rest.substr(0, partial);
  }
  if (rest.size() > 27) return std::nullopt;  // beyond 64 bits
  for (const char c : rest)
    if (c >= '0' && c <= '9') tile.n = tile.n * 10 + static_cast<std::uint64_t>(c - '0');
  // Whatever is not written as it would be here is something else.
  if (path_of(tile.n) != rest) return std::nullopt;
  return tile;
}

std::string encode_tile(std::span<const Hash> hashes) {
  std::string bytes;
  bytes.reserve(hashes.size() * sizeof(Hash));
  for (const auto& hash : hashes) bytes.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  return bytes;
}

std::optional<Hashes> decode_tile(std::string_view bytes) {
  if (bytes.size() % sizeof(Hash) != 0) return std::nullopt;
  Hashes hashes(bytes.size() / sizeof(Hash));
  for (auto& hash : hashes) {
    std::copy_n(bytes.data(), hash.size(), reinterpret_cast<char*>(hash.data()));
    bytes.remove_prefix(hash.size());
  }
  return hashes;
}

void append_entry(std::string& bundle, std::string_view entry) {
  bundle += static_cast<char>(static_cast<unsigned char>(entry.size() >> 8));
  bundle += static_cast<char>(static_cast<unsigned char>(entry.size() & 0xff));
  bundle += entry;
}

std::optional<std::vector<std::string>> decode_bundle(std::string_view bytes) {
  std::vector<std::string> entries;
  while (!bytes.empty()) {
    if (bytes.size() < 2) return std::nullopt;
    const auto size =
        static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) * 256 + static_cast<unsigned char>(bytes[1]);
    if (bytes.size() - 2 < size) return std::nullopt;
    entries.emplace_back(bytes.substr(2, size));
    bytes.remove_prefix(2 + size);
  }
  return entries;
}

Hash Edge::root() const {
  Hashes subtrees;
  for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) fold(*row, subtrees);
  return join(subtrees);
}

Edge Edge::of(std::uint64_t size, std::vector<Hashes> rows) {
  Edge edge;
  edge.size_ = size;
  edge.rows_ = std::move(rows);
  return edge;
}

}  // namespace penstock::audit
