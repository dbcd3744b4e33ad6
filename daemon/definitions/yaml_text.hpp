// What can be said of a text before YAML is read out of it. Internal to the reader.
#pragma once

#include <string_view>
#include <vector>

#include "daemon/core/declared_value.hpp"

namespace penstock::definitions {

// Turns offsets and byte columns into lines and columns that an editor shows.
class Positions {
 public:
  explicit Positions(std::string_view text);
  // The mark of the byte at `offset`.
  core::declared::Mark at(std::size_t offset) const;
  // Of a line and a column that count bytes from 0.
  core::declared::Mark at(int line, int byte_column) const;
  int lines() const { return static_cast<int>(starts_.size()); }
  // The text of a line, from 0, without its end.
  std::string_view line(int number) const;

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

// Adds a fault for a document or a line too long to be parsed in bounded time, and for the first byte that is not UTF-8
// (RFC 3629: no overlong forms, no surrogates) or is a control character other than tab and line end (YAML 1.2.2 §5.1).
// True when there was none.
bool check_text(std::string_view text, std::size_t max_bytes, const Positions& positions,
                core::declared::Faults& faults);

}  // namespace penstock::definitions
