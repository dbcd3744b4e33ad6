// Files of a journal as a test keeps and changes them, and all that a journal tells.
#pragma once

#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/journal/faulty_disk.hpp"
#include "tests/journal/numbered.hpp"

namespace penstock::journal::testing {

// Where faults are made by the test, a disk that is quick in memory serves as well as a real one.
inline void use_quick_disk() {
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
}

inline std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return (std::ostringstream() << file.rdbuf()).str();
}

struct Files {
  std::string database;
  std::string log;
  void write(const std::string& path) const {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << database;
    std::filesystem::remove(path + "-wal");
    if (!log.empty()) std::ofstream(path + "-wal", std::ios::binary | std::ios::trunc) << log;
  }
  static Files read(const std::string& path) { return {content(path), content(path + "-wal")}; }
};

inline std::string with_flipped(std::string bytes, std::size_t bit) {
  bytes.at(bit / 8) = static_cast<char>(bytes.at(bit / 8) ^ (1 << bit % 8));
  return bytes;
}

inline Write numbered_and_audited(std::int64_t number) {
  auto write = numbered(number);
  write.audit = {{0, numbered_name(number), "entry " + std::to_string(number)}};
  write.remember = {{"key " + std::to_string(number), "answer", at(1'000'000)}};
  write.policies = {{digest(1000 + static_cast<std::uint64_t>(number)), std::string(3000, 'p')}};
  return write;
}

// So many Writes, and the journal closed: everything is in the database.
inline Files closed_files(std::int64_t count) {
  TemporaryFolder folder;
  Mailbox mailbox;
  {
    const auto journal = open_sqlite(folder / "journal.db", mailbox.post()).value();
    for (std::int64_t number = 0; number < count; ++number)
      REQUIRE(commit(*journal, mailbox, numbered_and_audited(number)));
  }
  return Files::read(folder / "journal.db");
}

// As a killed daemon leaves them: `in_database` Writes there, and `in_log` more in the log alone.
inline Files killed_files(std::int64_t in_database, std::int64_t in_log) {
  TemporaryFolder folder;
  Mailbox mailbox;
  closed_files(in_database).write(folder / "journal.db");
  FaultyDisk disk;
  const auto journal = open_sqlite(folder / "journal.db", mailbox.post()).value();
  disk.fail_writes("journal.db", SQLITE_FULL);  // no checkpoint succeeds
  for (std::int64_t number = in_database; number < in_database + in_log; ++number)
    REQUIRE(commit(*journal, mailbox, numbered_and_audited(number)));
  auto files = Files::read(folder / "journal.db");
  disk.fail_writes("", 0);
  return files;
}

// All that it holds, of the `numbered` Writes; or the first problem.
inline core::Result<std::string> everything(Journal& journal) {
  std::ostringstream told;
  const auto lane = journal.lane(fraud);
  if (!lane) return lane.error();
  told << lane->version << " " << lane->state << "\n";
  const auto put = [&](const PromotionRow& row) {
    told << row.id << row.candidate.hex() << row.version << row.phase << row.ended << core::to_text(row.opened_at)
         << core::to_text(row.changed_at) << row.document << "\n";
  };
  for (const auto& row : lane->promotions) put(row);
  PromotionQuery all_promotions;
  all_promotions.limit = 10'000;
  const auto promotions = journal.promotions(all_promotions);
  if (!promotions) return promotions.error();
  for (const auto& row : *promotions) put(row);
  CandidateQuery all_candidates;
  all_candidates.limit = 10'000;
  const auto candidates = journal.candidates(all_candidates);
  if (!candidates) return candidates.error();
  for (const auto& row : *candidates)
    told << row.id.hex() << row.document << row.model << row.version << row.submitter << row.trigger
         << core::to_text(row.seen_at) << "\n";
  for (std::int64_t number = 0; number < lane->version; ++number) {
    const auto name = numbered_name(number);
    const auto one = journal.promotion(name);
    const auto events = journal.events_of(name, 100);
    const auto entries = journal.audit_of(name, 100);
    const auto candidate = journal.candidate(digest(static_cast<std::uint64_t>(number)));
    const auto policy = journal.policy(digest(1000 + static_cast<std::uint64_t>(number)));
    const auto answer = journal.remembered("key " + std::to_string(number), at(0));
    if (!one) return one.error();
    if (!events) return events.error();
    if (!entries) return entries.error();
    if (!candidate) return candidate.error();
    if (!policy) return policy.error();
    if (!answer) return answer.error();
    told << one->has_value() << events->size() << entries->size() << candidate->has_value()
         << (*policy ? (*policy)->document : "none") << answer->value_or("none") << "\n";
  }
  const auto events = journal.events(0, 10'000);
  if (!events) return events.error();
  for (const auto& row : *events)
    told << row.seq << core::to_text(row.at) << row.lane.model << row.promotion << row.name << row.document << "\n";
  const auto entries = journal.audit(0, 10'000);
  if (!entries) return entries.error();
  for (const auto& row : *entries) told << row.index << row.promotion << row.entry << "\n";
  const auto spans = journal.live_spans(fraud, std::nullopt, 10'000);
  if (!spans) return spans.error();
  told << text(*spans) << "\n";
  const auto cursor = journal.cursor("git");
  if (!cursor) return cursor.error();
  told << cursor->value_or("none") << "\n";
  // Last, because it writes.
  const auto due = journal.claim(at(10'000'000), at(20'000'000), 10'000);
  if (!due) return due.error();
  for (const auto& row : *due) told << row.key << row.promotion << core::to_text(row.due) << row.document << "\n";
  return told.str();
}

}  // namespace penstock::journal::testing
