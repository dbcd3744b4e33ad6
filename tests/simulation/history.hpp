// What has happened, one line each, and the digest over it: the same seed gives the same history, byte for byte.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "daemon/runtime/digest.hpp"
#include "tests/simulation/schedule.hpp"

namespace penstock::simulation {

class History {
 public:
  explicit History(const Schedule& schedule) : schedule_(schedule) {}

  // "   12.345678  daemon 1  …"
  void tell(std::string_view who, std::string_view what);
  // Goes into the digest only.
  void seal(std::string_view what);
  core::Digest digest() { return bytes_.finish(); }  // once
  // The newest lines, oldest first.
  std::string last_lines() const;
  std::int64_t lines() const { return lines_; }
  // Every line to stdout as it happens.
  void aloud(bool yes) { aloud_ = yes; }

 private:
  const Schedule& schedule_;
  runtime::Sha256 bytes_;
  std::deque<std::string> last_;
  std::int64_t lines_ = 0;
  bool aloud_ = false;
};

}  // namespace penstock::simulation
