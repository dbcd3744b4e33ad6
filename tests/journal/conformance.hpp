// What every adapter must do. Each test case is written once and made for every adapter of PENSTOCK_JOURNALS; a new
// adapter joins by a type with open() and its name there.
#pragma once

#include <stdlib.h>

#include <filesystem>

#include "daemon/journal/postgres.hpp"
#include "tests/catch.hpp"
#include "tests/journal/mailbox.hpp"
#include "tests/journal/postgres_server.hpp"
#include "tests/journal/rows.hpp"

namespace penstock::journal::testing {

// A folder of its own, gone at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "penstock-journal-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder: " + name);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

struct Memory {
  std::unique_ptr<Journal> open(Post post) { return open_memory(std::move(post)); }
};

struct Sqlite {
  TemporaryFolder folder;
  std::unique_ptr<Journal> open(Post post) { return open_sqlite(folder / "journal.db", std::move(post)).value(); }
};

// A schema of its own in a real server.
struct Postgres {
  PostgresServer& server = PostgresServer::shared();
  std::string schema = server.fresh_schema();
  // As another daemon would; the same schema each time.
  std::unique_ptr<Journal> open(Post post, PostgresOptions options = {}) {
    options.connection = server.connection();
    options.schema = schema;
    return open_postgres(std::move(options), std::move(post)).value();
  }
};

#define PENSTOCK_JOURNALS \
  penstock::journal::testing::Memory, penstock::journal::testing::Sqlite, penstock::journal::testing::Postgres

// An open journal and somebody who waits for its answers.
template <class Adapter>
struct Given {
  Adapter adapter;
  Mailbox mailbox;
  std::unique_ptr<Journal> journal = adapter.open(mailbox.post());

  core::Result<Receipt> commit(Write write) { return testing::commit(*journal, mailbox, std::move(write)); }
  Receipts commit(std::vector<Write> writes) { return testing::commit(*journal, mailbox, std::move(writes)); }
  // Commits what must be kept.
  Receipt kept(Write write) { return commit(std::move(write)).value(); }
  std::string refused(Write write) {
    const auto receipt = commit(std::move(write));
    return receipt ? "kept" : receipt.error().code;
  }
};

}  // namespace penstock::journal::testing
