// What a zip archive in an artifact is: a skops model, a torch checkpoint, an npz, or a bag of files; every member is
// looked at.
#pragma once

#include "plugins/gates/security_signoff/scan.hpp"

namespace penstock::gates::security {

// Returns the kind, for the report.
std::string scan_archive(Scan& scan, const Content& content, const std::string& where, int depth);

}  // namespace penstock::gates::security
