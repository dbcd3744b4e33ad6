// A witness' key, and what it signs.
#pragma once

#include "daemon/audit/cosignature.hpp"
#include "daemon/runtime/digest.hpp"
#include "daemon/runtime/ed25519.hpp"

namespace penstock::audit::testing {

class WitnessKey {
 public:
  explicit WitnessKey(std::string name) : name_(std::move(name)), key_(runtime::ed25519_new_key()) {}

  Verifier verifier() const { return {name_, runtime::ed25519_public_key(key_), KeyKind::witness}; }
  std::string signature(const std::string& text, std::uint64_t seconds) const {
    return runtime::Ed25519Signer(key_).sign("cosignature/v1\ntime " + std::to_string(seconds) + "\n" + text);
  }
  std::string line(std::uint64_t seconds, const std::string& signature) const {
    std::string time;
    for (int shift = 56; shift >= 0; shift -= 8) time += static_cast<char>(seconds >> shift & 255);
    return "\u2014 " + name_ + " " + runtime::base64(verifier().id() + time + signature) + "\n";
  }
  std::string cosign(const std::string& text, std::uint64_t seconds) const {
    return line(seconds, signature(text, seconds));
  }

 private:
  std::string name_;
  std::string key_;
};

}  // namespace penstock::audit::testing
