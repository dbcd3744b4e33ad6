// HTTPS to a server with a certificate that nobody vouches for.
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "daemon/runtime/http_client.hpp"
#include "tests/catch.hpp"

using namespace penstock;

namespace {

template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

// A TLS context with a fresh key, and a certificate for 127.0.0.1 that the key itself signed.
Owned<SSL_CTX> self_signed() {
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const Owned<X509> certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  auto* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  const Owned<X509_EXTENSION> address(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1"),
                                      &X509_EXTENSION_free);
  X509_add_ext(certificate.get(), address.get(), -1);
  Owned<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  REQUIRE(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  REQUIRE(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
  return context;
}

}  // namespace

TEST_CASE("a certificate that no known authority signed is refused, and trying again is of no use") {
  const auto context = self_signed();
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  bool shaken_hands = true;
  std::jthread server([&] {
    const int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    const Owned<SSL> session(SSL_new(context.get()), &SSL_free);
    SSL_set_fd(session.get(), connection);
    // With TLS 1.3 the server is done before the client has looked at the certificate: what counts is whether it says
    // more.
    char request = 0;
    shaken_hands = SSL_accept(session.get()) == 1 && SSL_read(session.get(), &request, 1) == 1;
    ::close(connection);
  });
  sdk::HttpRequest request;
  request.url = "https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  request.allow_private = true;
  request.bearer_token = "not to be seen";
  const auto response = runtime::HttpClient().send(request);
  server.join();
  ::close(listener);
  REQUIRE(response.has_error());
  CHECK(response.error().code == "unreachable");
  CHECK(response.error().message.find("certificate") != std::string::npos);
  CHECK_FALSE(response.error().transient);
  CHECK_FALSE(shaken_hands);
}
