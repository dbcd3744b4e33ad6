// Where the database is, and what of it may be told.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/core/result.hpp"

namespace penstock::journal {

class PostgresAddress {
 public:
  // `connection`: a libpq connection string or URI (PostgreSQL documentation, "Connection Strings"); it may hold the
  // password. `schema`: 1 to 40 lower-case letters, digits and underscores, beginning with a letter. Problem
  // "bad-connection", which repeats nothing of the string.
  static core::Result<PostgresAddress> parse(const std::string& connection, std::string schema);

  // What libpq is given.
  const std::vector<std::pair<std::string, std::string>>& options() const { return options_; }
  const std::string& schema() const { return schema_; }
  // "database penstock on /run/postgresql, schema penstock": for people.
  std::string told() const;
  // The text without the passwords of the connection string.
  std::string scrubbed(std::string text) const;
  // Those passwords, for the log's scrubber.
  const std::vector<std::string>& secrets() const { return secrets_; }

  bool operator==(const PostgresAddress&) const = default;

 private:
  std::vector<std::pair<std::string, std::string>> options_;
  std::vector<std::string> secrets_;
  std::string schema_;
};

}  // namespace penstock::journal
