// Strong types for what must not be mixed up: times, digests, and the names of things.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace penstock::core {

using Duration = std::chrono::milliseconds;
// Wall-clock time, UTC, to the millisecond: what is stored, shown and compared.
using Time = std::chrono::sys_time<Duration>;

// "2026-11-21T04:05:06.789Z" (RFC 3339).
std::string to_text(Time time);
// Reads RFC 3339 with `Z` or a numeric offset; nothing for anything else.
std::optional<Time> parse_time(std::string_view text);

// "90s", "10m", "72h", "7d", "250ms", or a sequence such as "1h30m". Whole numbers only.
std::optional<Duration> parse_duration(std::string_view text);
std::string to_text(Duration duration);

// A SHA-256 digest, "sha256:" and 64 lower-case hex digits. Made by runtime/digest (the core holds no cryptography).
class Digest {
 public:
  Digest() = default;
  static std::optional<Digest> parse(std::string_view text);
  // `hex` must be 64 lower-case hex digits; used by the code that computes digests.
  static Digest from_hex(std::string hex);

  // Without the "sha256:" prefix; empty for a default-constructed digest.
  const std::string& hex() const { return hex_; }
  std::string text() const { return hex_.empty() ? std::string() : "sha256:" + hex_; }
  // The first 12 hex digits, for people.
  std::string brief() const { return hex_.substr(0, 12); }
  bool empty() const { return hex_.empty(); }
  auto operator<=>(const Digest&) const = default;

 private:
  std::string hex_;
};

// The id of a candidate: the digest of its canonical content.
using CandidateId = Digest;

// Time-ordered, made outside the core, "prm_" and 26 characters.
using PromotionId = std::string;

// One model in one environment.
struct LaneKey {
  std::string model;
  std::string environment;
  auto operator<=>(const LaneKey&) const = default;
};
// "fraud in production"
std::string to_text(const LaneKey& key);

// Matches `*` (any run of characters) and `?` (one character) against the whole text.
bool glob_match(std::string_view pattern, std::string_view text);

// An enum whose values have names specialises this with `static constexpr std::array<std::pair<E, const char*>, N>
// names`.
template <class E>
struct EnumNames;

template <class E>
std::string_view name_of(E value) {
  for (const auto& [candidate, name] : EnumNames<E>::names)
    if (candidate == value) return name;
  return "?";
}

template <class E>
std::optional<E> value_of(std::string_view name) {
  for (const auto& [candidate, candidate_name] : EnumNames<E>::names)
    if (name == candidate_name) return candidate;
  return std::nullopt;
}

}  // namespace penstock::core
