// `journal` in penstock.yaml: a PostgreSQL database in the place of the file, for several daemons.
#pragma once

#include <string>

#include "daemon/core/declared.hpp"

namespace penstock {

struct JournalEntry {
  core::declared::SecretRef postgres;  // the connection string, because it may hold the password
  std::string schema = "penstock";
  core::Duration lease = std::chrono::seconds(3);
  std::string connection;  // resolved
  static const core::declared::Shape<JournalEntry>& shape();
};

}  // namespace penstock
