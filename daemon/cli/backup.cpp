#include "daemon/cli/backup.hpp"

#include <iostream>

#include "daemon/backup.hpp"
#include "daemon/backup_files.hpp"
#include "daemon/cli/client.hpp"

namespace penstock::cli {
namespace {

using nlohmann::json;

// Whoever gives up earlier and tries again makes one beside the other until the disk is full.
constexpr std::chrono::hours longest_backup(24);
constexpr std::uintmax_t longest_connection = std::uintmax_t{64} << 10;
constexpr auto blanks = " \t\r\n";

std::string text_of_backup(const json& backup) {
  return text_of(backup, "folder") + "  " + std::to_string(backup.value("files", 0)) + " files, " +
         std::to_string(backup.value("bytes", std::int64_t{0})) + " bytes, up to event " +
         std::to_string(backup.value("events", std::int64_t{0})) + "\n";
}

std::string text_of_restored(const std::string& data, const Restored& restored) {
  return data + "  " + std::to_string(restored.files) + " files, " + std::to_string(restored.bytes) +
         " bytes, up to event " + std::to_string(restored.events) +
         (restored.lists_store ? ": every one is what it was\n"
                               : ": each of them is what it was. Whether evidence or artifacts are missing cannot be "
                                 "told: the backup is of an earlier Penstock, which did not list them\n");
}

// A connection in the place of the file's name may hold a password.
bool may_be_connection(const std::string& file) {
  return file.find_first_of("= \t\r\n") != std::string::npos || file.find("://") != std::string::npos;
}

core::Result<std::string> connection_in(const std::string& file) {
  auto text = small_file(file, longest_connection);
  if (!text && may_be_connection(file))
    return core::Problem{"usage", "what it names is no file; a FILE that holds the connection was expected",
                         "--postgres", "write the connection into a file that only you can read, and name that"};
  if (!text) return text;
  text->erase(text->find_last_not_of(blanks) + 1);
  // libpq would go to a database of its own choice.
  if (text->empty())
    return core::Problem{"usage", "the file is empty; a FILE that holds the connection was expected", file,
                         "write it there: host=db dbname=penstock user=penstock password=…"};
  return text;
}

}  // namespace

Exit backup(Client& client, Output output) {
  return show(client.post("/v1/backups", json::object(), {}, longest_backup), output, text_of_backup);
}

Exit restore(const std::string& folder, const std::string& data, const std::optional<std::string>& postgres_file,
             const std::string& schema, Output output) {
  std::optional<journal::PostgresOptions> postgres;
  if (postgres_file) {
    auto connection = connection_in(*postgres_file);
    if (!connection) {
      std::cerr << "penstock: " << core::to_text(connection.error()) << "\n";
      return Exit::usage;
    }
    postgres.emplace();
    postgres->connection = std::move(*connection);
    postgres->schema = schema;
  }
  const auto restored = restore_backup(folder, data, postgres);
  if (!restored) {
    std::cerr << "penstock: " << core::to_text(restored.error()) << "\n";
    return Exit::usage;
  }
  const json document{{"id", restored->id},         {"data", data},
                      {"events", restored->events}, {"files", restored->files},
                      {"bytes", restored->bytes},   {"lists_store", restored->lists_store}};
  std::cout << (output.json ? document.dump(2) + "\n" : text_of_restored(data, *restored));
  return Exit::done;
}

}  // namespace penstock::cli
