#include "daemon/journal/postgres_address.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

namespace penstock::journal {
namespace {

constexpr std::size_t longest_schema = 40;

bool is_schema_name(const std::string& name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= longest_schema && name.front() >= 'a' && name.front() <= 'z' &&
         std::all_of(name.begin(), name.end(), fits);
}

core::Problem bad(const std::string& observed, const std::string& hint) {
  return {"bad-connection", observed, "", hint, false};
}

std::string value_of(const std::vector<std::pair<std::string, std::string>>& options, const std::string& key) {
  const auto found = std::find_if(options.begin(), options.end(), [&](const auto& one) { return one.first == key; });
  return found == options.end() ? std::string() : found->second;
}

}  // namespace

core::Result<PostgresAddress> PostgresAddress::parse(const std::string& connection, std::string schema) {
  if (!is_schema_name(schema))
    return bad("the schema's name is not 1 to 40 lower-case letters, digits and underscores, beginning with a letter",
               "name another schema; Penstock creates it itself");
  // libpq's own message repeats parts of the string, and a password may be one of them.
  char* said = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> parsed(
      PQconninfoParse(connection.c_str(), &said), PQconninfoFree);
  PQfreemem(said);
  if (!parsed || connection.find('\0') != std::string::npos)
    return bad("this is no PostgreSQL connection string",
               "write it as `host=… dbname=… user=… password=…` or `postgresql://user:password@host/database`");
  PostgresAddress address;
  address.schema_ = std::move(schema);
  for (const auto* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    address.options_.emplace_back(option->keyword, option->val);
    // libpq marks what must not be shown with a star.
    if (option->dispchar != nullptr && *option->dispchar == '*' && *option->val != '\0')
      address.secrets_.emplace_back(option->val);
  }
  return address;
}

std::string PostgresAddress::told() const {
  const auto host = value_of(options_, "host");
  const auto database = value_of(options_, "dbname");
  return "database " + (database.empty() ? "of the user's name" : database) + " on " +
         (host.empty() ? "the default host" : host) + ", schema " + schema_;
}

std::string PostgresAddress::scrubbed(std::string text) const {
  for (const auto& secret : secrets_)
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at))
      text.replace(at, secret.size(), "***"), at += 3;
  return text;
}

}  // namespace penstock::journal
