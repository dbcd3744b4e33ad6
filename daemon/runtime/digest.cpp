#include "daemon/runtime/digest.hpp"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "daemon/runtime/descriptor.hpp"

namespace penstock::runtime {
namespace {

using MdContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;

// OpenSSL without SHA-256 or memory is not something a caller could act on.
void require(bool held, const char* step) {
  if (!held) throw std::runtime_error(std::string("OpenSSL refused ") + step);
}

// Fetching an algorithm takes OpenSSL 3 longer than hashing a small message: it is done once, and kept for the process.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  require(algorithm != nullptr, "to provide SHA-256");
  return algorithm;
}

MdContext new_context() {
  MdContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  require(context != nullptr, "a digest context");
  return context;
}

void begin(EVP_MD_CTX* context) {
  require(EVP_DigestInit_ex2(context, sha256_algorithm(), nullptr) == 1, "to begin SHA-256");
}

core::Digest end(EVP_MD_CTX* context) {
  std::array<unsigned char, 32> bytes{};
  unsigned int size = 0;
  require(EVP_DigestFinal_ex(context, bytes.data(), &size) == 1 && size == bytes.size(), "to finish SHA-256");
  return core::Digest::from_hex(hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
}

// Its digest is chosen once: with that done, giving it another key fetches nothing.
MacContext new_hmac_context() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  require(algorithm != nullptr, "to provide HMAC");
  MacContext context(EVP_MAC_CTX_new(algorithm), &EVP_MAC_CTX_free);
  require(context != nullptr, "an HMAC context");
  char name[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                   OSSL_PARAM_construct_end()};
  require(EVP_MAC_CTX_set_params(context.get(), parameters) == 1, "HMAC with SHA-256");
  return context;
}

}  // namespace

core::Digest sha256(std::string_view bytes) {
  thread_local const MdContext context = new_context();
  begin(context.get());
  require(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1, "to hash");
  return end(context.get());
}

Hash sha256_raw(std::string_view first, std::string_view second) {
  thread_local const MdContext context = new_context();
  begin(context.get());
  Hash hash{};
  unsigned int size = 0;
  require(EVP_DigestUpdate(context.get(), first.data(), first.size()) == 1 &&
              EVP_DigestUpdate(context.get(), second.data(), second.size()) == 1 &&
              EVP_DigestFinal_ex(context.get(), hash.data(), &size) == 1 && size == hash.size(),
          "to hash");
  return hash;
}

core::Result<core::Digest> sha256_file(const std::filesystem::path& file) {
  const auto unreadable = [&](int error) {
    return core::Problem{"unreadable", std::string("the file cannot be read: ") + std::strerror(error), file.string(),
                         "check that it exists and that penstock may read it"};
  };
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened) return unreadable(errno);
  Sha256 hash;
  const auto read = read_pieces(opened.get(), [&](std::string_view piece) {
    hash.update(piece);
    return true;
  });
  if (!read) return unreadable(errno);
  return hash.finish();
}

struct Sha256::State {
  MdContext context = new_context();
};

Sha256::Sha256() : state_(std::make_unique<State>()) { begin(state_->context.get()); }
Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
  require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1, "to hash");
}

core::Digest Sha256::finish() { return end(state_->context.get()); }

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  thread_local const MacContext context = new_hmac_context();
  // A null key would mean "the key before this one".
  static constexpr unsigned char no_key[1] = {};
  const auto* key_bytes = key.empty() ? no_key : reinterpret_cast<const unsigned char*>(key.data());
  std::string result(32, '\0');
  std::size_t size = 0;
  require(EVP_MAC_init(context.get(), key_bytes, key.size(), nullptr) == 1, "an HMAC key");
  require(EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) == 1,
          "to compute an HMAC");
  require(EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(result.data()), &size, result.size()) == 1 &&
              size == result.size(),
          "to finish an HMAC");
  return result;
}

bool equal_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace penstock::runtime
