#include "daemon/runtime/ed25519.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "daemon/runtime/digest.hpp"

namespace penstock::runtime {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t signature_size = 64;

using OwnedKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

OwnedKey private_key_of(std::string_view bytes) {
  return {EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(bytes), bytes.size()), &EVP_PKEY_free};
}

// OpenSSL without Ed25519 or memory is not something a caller could act on.
void require(bool held, const char* step) {
  if (!held) throw std::runtime_error(std::string("OpenSSL refused ") + step);
}

}  // namespace

std::string ed25519_new_key() { return random_bytes(key_size); }

std::string ed25519_public_key(std::string_view private_key) {
  if (private_key.size() != key_size) return {};
  const auto key = private_key_of(private_key);
  std::array<unsigned char, key_size> bytes{};
  std::size_t size = bytes.size();
  require(key != nullptr && EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) == 1, "an Ed25519 key");
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

struct Ed25519Signer::Key {
  OwnedKey key;
};

Ed25519Signer::Ed25519Signer(std::string_view private_key) {
  if (private_key.size() != key_size) return;
  auto key = private_key_of(private_key);
  require(key != nullptr, "an Ed25519 key");
  key_ = std::make_shared<const Key>(Key{std::move(key)});
}

std::string Ed25519Signer::sign(std::string_view message) const {
  if (key_ == nullptr) return {};
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::array<unsigned char, signature_size> signature{};
  std::size_t size = signature.size();
  require(context != nullptr && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_->key.get()) == 1 &&
              EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(message), message.size()) == 1,
          "to sign with Ed25519");
  return {reinterpret_cast<const char*>(signature.data()), size};
}

bool ed25519_verify(std::string_view public_key, std::string_view message, std::string_view signature) {
  if (public_key.size() != key_size || signature.size() != signature_size) return false;
  const OwnedKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(public_key), public_key.size()),
                     &EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return key != nullptr && context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
}

}  // namespace penstock::runtime
