// What the scan worker takes from itself before it looks at a stranger's bytes.
#pragma once

#include <string>

namespace penstock::gates::security {

// No new privileges, no core dumps, no files written, bounded memory and processor time, and no system call that opens
// a socket, starts a program or looks into another process. Empty on success, otherwise what could not be taken: then
// the worker must not go on.
std::string give_up_rights();

}  // namespace penstock::gates::security
