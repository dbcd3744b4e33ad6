#include "daemon/settings_checks.hpp"

#include <algorithm>

#include "daemon/definitions/written.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock {
namespace {

// Standard Webhooks 1.0 asks for 24 to 64 bytes; below 24 a secret can be guessed from one signed message.
constexpr std::size_t shortest_secret = 24;
constexpr std::string_view encoded_prefix = "whsec_";

}  // namespace

bool SettingsFaults::sound(const std::string& path) const {
  return std::none_of(all_.begin(), all_.end(), [&path](const core::declared::Fault& fault) {
    if (!fault.path.starts_with(path)) return false;
    return fault.path.size() == path.size() || fault.path[path.size()] == '.' || fault.path[path.size()] == '[';
  });
}

void SettingsFaults::name(const std::string& path, const std::string& name) {
  if (!name.empty() && !definitions::is_name(name))
    add(path, core::declared::quote(name) +
                  " is no name: it takes the letters a-z, digits, `-`, `_` and `.`, begins and ends with a letter or "
                  "digit, and has 63 characters at most");
}

void SettingsFaults::refers(const std::string& path, const std::string& name, const std::vector<std::string>& known,
                            const std::string& what) {
  if (name.empty()) return add(path, "missing: the name of a " + what);
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  auto message = "there is no " + what + " " + core::declared::quote(name);
  if (const auto near = core::declared::nearest(name, known); !near.empty()) {
    message += ", did you mean `" + near + "`?";
  } else {
    for (std::size_t i = 0; i < known.size(); ++i) message += (i == 0 ? "; there are `" : ", `") + known[i] + "`";
  }
  add(path, std::move(message));
}

void SettingsFaults::senseless(const std::string& path, bool is_written, const std::string& why) {
  if (is_written) add(path, why + "; remove it");
}

std::string SettingsFaults::secret(const core::declared::SecretRef& reference, const std::string& path,
                                   SecretReader& secrets) {
  return secrets.read(reference, places_.mark(path), path, all_);
}

std::string SettingsFaults::signing_secret(const core::declared::SecretRef& reference, const std::string& path,
                                           bool encoded, SecretReader& secrets) {
  if (reference.empty()) {
    add(path, "missing: Penstock takes and sends nothing unsigned. Write {env: NAME} or {file: PATH}");
    return {};
  }
  auto value = secret(reference, path, secrets);
  if (value.empty()) return value;
  std::size_t bytes = value.size();
  if (encoded && value.starts_with(encoded_prefix)) {
    const auto key = runtime::from_base64(std::string_view(value).substr(encoded_prefix.size()));
    if (!key) {
      add(path,
          "what follows `whsec_` in the secret is not base64: make one with "
          "`echo whsec_$(openssl rand -base64 32)`");
      return {};
    }
    bytes = key->size();
  }
  if (bytes < shortest_secret)
    add(path, "the secret has " + std::to_string(bytes) + " bytes, at least " + std::to_string(shortest_secret) +
                  " are needed: make one with `openssl rand -base64 32`");
  return value;
}

}  // namespace penstock
