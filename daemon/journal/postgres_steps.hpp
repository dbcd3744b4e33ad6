// The SQL of the schema: what it was first, and each change since.
#pragma once

#include <array>
#include <cstdint>

namespace penstock::journal {

constexpr std::int64_t postgres_schema_version = 2;

// postgres_steps[v] makes version v + 1 out of version v.
extern const std::array<const char*, postgres_schema_version> postgres_steps;

}  // namespace penstock::journal
