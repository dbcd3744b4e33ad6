// A file or member that is a pickle: every stream in it, and every byte.
#pragma once

#include "plugins/gates/security_signoff/pickle_vm.hpp"
#include "plugins/gates/security_signoff/scan.hpp"

namespace penstock::gates::security {

void scan_pickle(Scan& scan, std::string_view bytes, const std::string& where);
// torch's data.pkl: as above, one stream, and the storages it names.
std::vector<NamedStorage> scan_torch_pickle(Scan& scan, std::string_view bytes, const std::string& where);

// Whether bytes of another kind are also a pickle that does something: names a global off the allow-list and then calls
// or ends. Such a file is loaded as what its reader expects, not as what it looks like.
bool is_also_a_pickle(const ScanRules& rules, std::string_view bytes);

}  // namespace penstock::gates::security
