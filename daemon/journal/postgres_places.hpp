// The places that a connection string names, one by one. libpq would try them in turn by itself, but it leaves one that
// is silent only when the kernel gives it up. PostgreSQL documentation: "Specifying Multiple Hosts".
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace penstock::journal {

using PostgresSettings = std::vector<std::pair<std::string, std::string>>;  // libpq's keywords, and their values

// `settings` once for each address of each host, in their order. One place, and `settings` as they are, where libpq has
// the hosts from a service file, or where the lists do not fit together, which it tells better. Blocks for as long as
// it takes to resolve the names; one that has no address is left to libpq, too.
std::vector<PostgresSettings> places_of(const PostgresSettings& settings);

}  // namespace penstock::journal
