// Addresses (URLs) as text that is kept and shown.
#pragma once

#include <string>

namespace penstock::core {

// The address without what lets in whoever holds it: a user or password before the host, and the parameters of its
// query that are a signature, a token or a password. Text without "://" is no address and stays as it is.
std::string without_credentials(std::string address);

}  // namespace penstock::core
