// SHA-256 and HMAC-SHA256 over OpenSSL, and the encodings that go with them.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::runtime {

core::Digest sha256(std::string_view bytes);
// The 32 raw bytes, of one text behind the other.
using Hash = std::array<unsigned char, 32>;
Hash sha256_raw(std::string_view first, std::string_view second = {});
// Streams the file; Problem "unreadable" names it.
core::Result<core::Digest> sha256_file(const std::filesystem::path& file);

// For bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(std::string_view bytes);
  core::Digest finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// 32 raw bytes (RFC 2104, FIPS 180-4).
std::string hmac_sha256(std::string_view key, std::string_view bytes);
// Time does not depend on where they differ, only on the lengths.
bool equal_constant_time(std::string_view left, std::string_view right);

std::string base64(std::string_view bytes);                     // RFC 4648 §4, padded
std::optional<std::string> from_base64(std::string_view text);  // strict: no white space, padding, unused bits zero
std::string hex(std::string_view bytes);                        // lower case
std::optional<std::string> from_hex(std::string_view text);     // either case

// Cryptographically random bytes.
std::string random_bytes(std::size_t count);
// `prefix` ("prm_") and 26 characters of Crockford's base 32 in ULID order: later ids sort later, within one process
// strictly.
std::string time_ordered_id(std::string_view prefix, core::Time now);

}  // namespace penstock::runtime
