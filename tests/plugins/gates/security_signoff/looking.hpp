// Scans one file's bytes and tells what was remarked.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>

#include "plugins/gates/security_signoff/scan.hpp"
#include "tests/catch.hpp"
#include "tests/plugins/gates/security_signoff/bytes.hpp"

namespace penstock::tests {

namespace security = gates::security;
using security::Level;

struct Looked {
  security::Report report;
  std::string kind;
  Level level() const { return report.level; }
  bool has(const std::string& rule) const {
    for (const auto& remark : report.remarks)
      if (remark.rule == rule) return true;
    return false;
  }
  std::string told() const {
    std::string text = kind + ", " + std::string(core::name_of(report.level));
    for (const auto& remark : report.remarks)
      text += "\n" + remark.rule + " at " + remark.where + ": " + remark.observed;
    return text;
  }
};

inline Looked look(const std::string& bytes, const std::string& name = "model.pkl",
                   const security::ScanRules& rules = {}) {
  Looked looked;
  security::Scan scan(rules, looked.report);
  looked.kind = look_at(scan, security::whole(bytes), name, name, 0);
  return looked;
}

inline std::string fixture(const std::string& name) {
  const auto path = std::filesystem::path(PENSTOCK_SOURCE_DIR) / "tests/plugins/gates/security_signoff/fixtures" / name;
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace penstock::tests

// The whole list of remarks is shown when one of these fails.
#define CHECK_CLEAN(looked)                                 \
  do {                                                      \
    const auto& result = (looked);                          \
    INFO(result.told());                                    \
    CHECK(result.level() == penstock::tests::Level::clean); \
  } while (false)
#define CHECK_REMARK(looked, expected_level, rule)                   \
  do {                                                               \
    const auto& result = (looked);                                   \
    INFO(result.told());                                             \
    CHECK(result.level() == penstock::tests::Level::expected_level); \
    CHECK(result.has(rule));                                         \
  } while (false)
