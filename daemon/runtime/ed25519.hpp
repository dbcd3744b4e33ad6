// Ed25519 signatures (RFC 8032) over OpenSSL. Keys and signatures are raw bytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace penstock::runtime {

// A fresh private key: 32 bytes (RFC 8032 §5.1.5), a secret.
std::string ed25519_new_key();
// The 32 bytes that verify what the private key signs; empty when it has not 32 bytes.
std::string ed25519_public_key(std::string_view private_key);

// A private key that signs, made ready once. Safe from any thread; copies share it.
class Ed25519Signer {
 public:
  explicit Ed25519Signer(std::string_view private_key);
  // 64 bytes; empty when the private key had not 32.
  std::string sign(std::string_view message) const;

 private:
  struct Key;
  std::shared_ptr<const Key> key_;
};

// False also for a key or a signature of the wrong length.
bool ed25519_verify(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace penstock::runtime
