// skops: a zip of schema.json, a tree of nodes that each name a loader and a type, and the arrays they refer to. Every
// node is held against the allow-list under the rules of its loader; a loader, key or type that is not known fails.
// Source: skops.io 0.9 to 0.16, protocols 0 to 2.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "plugins/gates/security_signoff/scan.hpp"

namespace penstock::gates::security {

// The archive's members that nodes refer to.
std::set<std::string> scan_skops_schema(Scan& scan, std::string_view schema, const std::string& where);

}  // namespace penstock::gates::security
