#include "daemon/cli/backup.hpp"

#include <iostream>

#include "daemon/backup.hpp"
#include "daemon/backup_files.hpp"
#include "daemon/cli/client.hpp"

namespace penstock::cli {
namespace {

using nlohmann::json;

std::string text_of_backup(const json& backup) {
  return text_of(backup, "folder") + "  " + std::to_string(backup.value("files", 0)) + " files, " +
         std::to_string(backup.value("bytes", std::int64_t{0})) + " bytes, up to event " +
         std::to_string(backup.value("events", std::int64_t{0})) + "\n";
}

}  // namespace

Exit backup(Client& client, Output output) {
  return show(client.post("/v1/backups", json::object()), output, text_of_backup);
}

Exit restore(const std::string& folder, const std::string& data, const std::string& postgres_file,
             const std::string& schema, Output output) {
  std::optional<journal::PostgresOptions> postgres;
  if (!postgres_file.empty()) {
    auto connection = small_file(postgres_file);
    if (!connection) {
      std::cerr << "penstock: " << core::to_text(connection.error()) << "\n";
      return Exit::usage;
    }
    // What a file ends with.
    while (connection->ends_with('\n')) connection->pop_back();
    postgres.emplace();
    postgres->connection = std::move(*connection);
    postgres->schema = schema;
  }
  const auto restored = restore_backup(folder, data, postgres);
  if (!restored) {
    std::cerr << "penstock: " << core::to_text(restored.error()) << "\n";
    return Exit::usage;
  }
  const json document{{"id", restored->id},
                      {"data", data},
                      {"events", restored->events},
                      {"files", restored->files},
                      {"bytes", restored->bytes}};
  if (output.json)
    std::cout << document.dump(2) << "\n";
  else
    std::cout << data << "  " << restored->files << " files, " << restored->bytes << " bytes, up to event "
              << restored->events << ": every one is what it was\n";
  return Exit::done;
}

}  // namespace penstock::cli
