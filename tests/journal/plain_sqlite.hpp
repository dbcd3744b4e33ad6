// A journal's file as another program sees it.
#pragma once

#include <sqlite3.h>

#include "daemon/journal/sqlite_page.hpp"
#include "tests/journal/everything.hpp"

namespace penstock::journal::testing {

// As another program would: a plain connection.
class PlainSqlite {
 public:
  explicit PlainSqlite(const std::string& path) { REQUIRE(sqlite3_open(path.c_str(), &db_) == SQLITE_OK); }
  ~PlainSqlite() { sqlite3_close(db_); }
  PlainSqlite(const PlainSqlite&) = delete;
  PlainSqlite& operator=(const PlainSqlite&) = delete;
  // The rows, a line each, the columns between bars.
  std::vector<std::string> run(const std::string& sql) {
    std::vector<std::string> lines;
    const auto add = [](void* to, int count, char** values, char**) {
      std::string line;
      for (int i = 0; i < count; ++i) line += (values[i] == nullptr ? std::string("NULL") : values[i]) + "|";
      static_cast<std::vector<std::string>*>(to)->push_back(line);
      return 0;
    };
    INFO(sql.substr(0, 200));
    REQUIRE(sqlite3_exec(db_, sql.c_str(), add, &lines, nullptr) == SQLITE_OK);
    return lines;
  }

 private:
  sqlite3* db_ = nullptr;
};

// One of a former shape (tests/journal/shapes).
inline void make(const std::string& path, std::int64_t version) {
  const auto sql = content(PENSTOCK_SOURCE_DIR "/tests/journal/shapes/" + std::to_string(version) + ".sql");
  REQUIRE_FALSE(sql.empty());
  PlainSqlite(path).run(sql);
}

inline std::int64_t version_of(const std::string& path) {
  return std::stoll(PlainSqlite(path).run("PRAGMA user_version").at(0));
}

// All rows of the tables that are there now.
inline std::map<std::string, std::vector<std::string>> tables_of(const std::string& path) {
  PlainSqlite db(path);
  std::map<std::string, std::vector<std::string>> tables;
  for (auto name : db.run("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
    name.pop_back();
    tables[name] = db.run("SELECT * FROM " + name + " ORDER BY 1, 2");
  }
  return tables;
}

// The numbers of the pages whose checksum is missing or wrong.
inline std::vector<std::int64_t> pages_without_checksum(const std::string& path) {
  const auto bytes = content(path);
  std::vector<std::int64_t> found;
  for (std::int64_t number = 1; number * 4096 <= static_cast<std::int64_t>(bytes.size()); ++number) {
    const auto* page = reinterpret_cast<const unsigned char*>(bytes.data()) + (number - 1) * 4096;
    if (!is_whole(SqlitePage(page, sqlite_page_bytes), number)) found.push_back(number);
  }
  return found;
}

}  // namespace penstock::journal::testing
