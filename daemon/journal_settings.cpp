#include "daemon/journal_settings.hpp"

#include "daemon/journal/postgres.hpp"
#include "daemon/settings_checks.hpp"

namespace penstock {

const core::declared::Shape<JournalEntry>& JournalEntry::shape() {
  using J = JournalEntry;
  static const auto shape =
      core::declared::Shape<J>("Journal", "A PostgreSQL database that several daemons keep their journal in.")
          .required("postgres", &J::postgres,
                    "A libpq connection string or URI, by reference: `host=db dbname=penstock user=penstock "
                    "password=…`.")
          .optional("schema", &J::schema, "The schema in it; created when it is not there.",
                    {.min_length = 1, .max_length = 40})
          .optional("lease", &J::lease, "How long a daemon may be silent before the others declare it dead.",
                    {.minimum = 1000, .maximum = 60'000});
  return shape;
}

void resolve_journal(Settings& settings, SecretReader& secrets, SettingsFaults& faults) {
  if (!settings.journal || !faults.sound("journal")) return;
  auto& entry = *settings.journal;
  faults.senseless("limits.journal_mb", settings.limits.journal_mb != 0,
                   "the journal is in PostgreSQL, which has its own limits");
  entry.connection = faults.secret(entry.postgres, "journal.postgres", secrets);
  // What a file ends with.
  while (entry.connection.ends_with('\n')) entry.connection.pop_back();
  if (entry.connection.empty()) return;
  const auto passwords = journal::secrets_of_connection(entry.connection, entry.schema);
  if (passwords)
    settings.secret_values.insert(settings.secret_values.end(), passwords->begin(), passwords->end());
  else
    faults.add("journal", core::to_text(passwords.error()));
}

}  // namespace penstock
