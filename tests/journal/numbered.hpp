// Writes of one lane that follow one another, each of which touches every table: what was kept can be told from the
// lane's version alone.
#pragma once

#include "tests/journal/conformance.hpp"
#include "tests/journal/live.hpp"

namespace penstock::journal::testing {

inline std::string numbered_name(std::int64_t number) {
  auto text = std::to_string(number);
  return "prm_" + std::string(8 - text.size(), '0') + text;
}

inline Write numbered(std::int64_t number) {
  const auto name = numbered_name(number);
  auto write = opening(name, static_cast<std::uint64_t>(number), number);
  write.promotions.front().document = std::string(static_cast<std::size_t>(number % 7) * 1000, 'x');
  write.events.push_back(event(name, "check_reported"));
  write.outbox = {due_row("check/" + std::to_string(number), at(number), name)};
  write.cursors["git"] = std::to_string(number);
  write.lane_state = std::to_string(number);
  write.live_changes = {began(name, static_cast<std::uint64_t>(number), number)};
  if (number > 0) write.live_changes.push_back(ended(numbered_name(number - 1), number));
  return write;
}

// That the journal holds just the first so many of them, each as a whole.
inline void check_holds_numbered(Journal& journal, std::int64_t count) {
  CHECK(journal.lane(fraud)->version == count);
  if (count == 0) {
    CHECK(journal.newest_seq().value() == 0);
    return;
  }
  CHECK(journal.cursor("git").value() == std::to_string(count - 1));
  CHECK(journal.lane(fraud)->state == std::to_string(count - 1));
  CHECK(journal.live_spans(fraud, std::nullopt, 10'000'000)->size() == static_cast<std::size_t>(count));
  CHECK(journal.live_spans(fraud, at(count), 1)->at(0).promotion == numbered_name(count - 1));
  CHECK(journal.newest_seq().value() == 2 * count);
  CHECK(journal.lane(fraud)->promotions.size() == static_cast<std::size_t>(count));
  CHECK(journal.claim(at(10'000'000), at(20'000'000), 10'000'000)->size() == static_cast<std::size_t>(count));
  CHECK(journal.candidate(digest(static_cast<std::uint64_t>(count - 1)))->has_value());
  CHECK_FALSE(journal.candidate(digest(static_cast<std::uint64_t>(count)))->has_value());
}

}  // namespace penstock::journal::testing
