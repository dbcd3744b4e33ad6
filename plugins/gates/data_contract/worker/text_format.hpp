// What the `format` of a string demands.
#pragma once

#include <optional>
#include <string>

namespace penstock::gates::data_contract::worker {

enum class TextFormat {
  checked,      // `shape` is a regular expression for the whole text
  free,         // says how a text is used, not how it is written: password, binary
  unsupported,  // the standard's list is open
};

// email (the HTML standard's "valid e-mail address"), uuid (RFC 9562), uri (RFC 3986: scheme and no white space),
// hostname (RFC 1123), ipv4, ipv6 (RFC 4291, section 2.2), byte (RFC 4648, section 4), date, time and date-time (RFC
// 3339).
TextFormat text_format(const std::string& name, std::string& shape);

}  // namespace penstock::gates::data_contract::worker
