#include "daemon/runtime/http_exchange.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "daemon/runtime/http_client.hpp"
#include "daemon/runtime/tree.hpp"
#include "daemon/runtime/utf8.hpp"

namespace penstock::runtime {
namespace {

constexpr std::size_t most_header_bytes = 256 << 10;
// A host that is there accepts within this; waiting longer only keeps the next address from being tried.
constexpr std::chrono::milliseconds longest_connect = std::chrono::seconds(10);

long to_curl(core::Duration duration) { return static_cast<long>(duration.count()); }

// RFC 9110 §5.6.2: what methods and names of headers are made of.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char byte) {
    return std::isalnum(byte) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(byte)) != std::string_view::npos;
  });
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char byte) { return static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte); });
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string to_text(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = address->sa_family == AF_INET
                          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr)
                          : &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  ::inet_ntop(address->sa_family, bytes, text.data(), static_cast<socklen_t>(text.size()));
  return text.data();
}

}  // namespace

Exchange::~Exchange() {
  // Half an answer is none.
  if (file_ && !whole_) ::unlink(request_.body_to.c_str());
}

core::Result<sdk::HttpResponse> Exchange::perform(CURL* handle) {
  if (auto done = add_headers(); !done) return done.error();
  if (request_.timeout.count() <= 0) return problem_of(CURLE_OPERATION_TIMEDOUT);
  if (auto done = open_file(); !done) return done.error();
  set_bounds(handle);
  set_request(handle);
  const auto begin = std::chrono::steady_clock::now();
  const auto code = curl_easy_perform(handle);
  response_.took = std::chrono::duration_cast<core::Duration>(std::chrono::steady_clock::now() - begin);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (code != CURLE_OK) return problem_of(code);
  whole_ = true;
  response_.status = static_cast<int>(status);
  return std::move(response_);
}

core::Result<void> Exchange::add_headers() {
  const auto bad_request = [&](const std::string& what) {
    return core::Problem{"bad-request", what, origin_, "correct it where the request is configured"};
  };
  if (!is_token(request_.method)) return bad_request("the method \"" + printable(request_.method) + "\" is none");
  // Without these, libcurl waits a second before it sends a large body, and calls every body a form.
  std::vector<std::string> lines = {"Expect:"};
  bool has_type = false;
  for (const auto& [name, value] : request_.headers) {
    if (!is_token(name)) return bad_request("the header name \"" + printable(name) + "\" is none");
    // Not shown: it may be a token.
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return bad_request("the value of the header " + name + " holds a line break or a null byte");
    has_type = has_type || lower(name) == "content-type";
    lines.push_back(trimmed(value).empty() ? name + ";" : name + ": " + value);
  }
  if (!has_type) lines.emplace_back("Content-Type:");
  for (const auto& line : lines) {
    auto* longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  }
  return {};
}

core::Result<void> Exchange::open_file() {
  if (request_.body_to.empty()) return {};
  file_ = Descriptor(::open(request_.body_to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file_) return disk_problem(errno, "written", request_.body_to);
  return {};
}

void Exchange::set_bounds(CURL* handle) {
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  // A name server that does not answer is left behind at the time-out; libcurl would otherwise wait for its thread.
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, to_curl(request_.timeout));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, to_curl(std::min(request_.timeout, longest_connect)));
  // However busy a connection is, a name that moved to another address is looked up again within this time.
  curl_easy_setopt(handle, CURLOPT_MAXLIFETIME_CONN, 300L);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &Exchange::on_socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Exchange::on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &Exchange::on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error_text_.data());
}

void Exchange::set_request(CURL* handle) {
  curl_easy_setopt(handle, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "penstock/" PENSTOCK_VERSION);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
  const auto& method = request_.method;
  if (!request_.body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request_.body.data());
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
  } else if (method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (method != "GET") {
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
  }
  if (!request_.basic_auth.empty()) {
    curl_easy_setopt(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    curl_easy_setopt(handle, CURLOPT_USERPWD, request_.basic_auth.c_str());
  } else if (!request_.bearer_token.empty()) {
    curl_easy_setopt(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    curl_easy_setopt(handle, CURLOPT_XOAUTH2_BEARER, request_.bearer_token.c_str());
  }
}

// Called with the very address that is about to be connected to: a name that has another address by now than when
// somebody looked (DNS rebinding) is no way around.
curl_socket_t Exchange::on_socket(void* exchange, curlsocktype, curl_sockaddr* address) {
  auto& self = *static_cast<Exchange*>(exchange);
  if (!self.request_.allow_private && is_private_address(&address->addr)) {
    self.refused_address_ = to_text(&address->addr);
    return CURL_SOCKET_BAD;
  }
  self.address_tried_ = true;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Fewer bytes than were offered end the exchange.
std::size_t Exchange::on_body(char* data, std::size_t size, std::size_t count, void* exchange) {
  return static_cast<Exchange*>(exchange)->take_body({data, size * count}) ? size * count : 0;
}
std::size_t Exchange::on_header(char* data, std::size_t size, std::size_t count, void* exchange) {
  return static_cast<Exchange*>(exchange)->take_header({data, size * count}) ? size * count : 0;
}

bool Exchange::take_body(std::string_view piece) {
  body_bytes_ += piece.size();
  if (body_bytes_ > request_.max_body) return false;
  if (!file_) {
    response_.body += piece;
  } else if (!write_all(file_.get(), piece)) {
    file_error_ = errno;
    return false;
  }
  return true;
}

bool Exchange::take_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > most_header_bytes) return false;
  // A status line begins another head: the one before was an interim answer.
  if (line.starts_with("HTTP/")) response_.headers.clear();
  const auto colon = line.find(':');
  if (colon != std::string_view::npos && is_token(line.substr(0, colon)))
    response_.headers.emplace_back(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  return true;
}

core::Problem Exchange::problem_of(CURLcode code) const {
  if (file_error_ != 0) return disk_problem(file_error_, "written", request_.body_to);
  if (body_bytes_ > request_.max_body)
    return {"too-large",
            "the answer has more than the " + std::to_string(request_.max_body) + " bytes that are accepted", origin_,
            "check that the address is the right one, or raise the limit"};
  if (header_bytes_ > most_header_bytes)
    return {"too-large", "the headers of the answer have more than " + std::to_string(most_header_bytes) + " bytes",
            origin_, "check that the address is the right one"};
  if (!refused_address_.empty() && !address_tried_)
    return {"address-refused",
            "the host has the private or reserved address " + refused_address_ + ", which is not allowed here", origin_,
            "set allow_private where the address is configured, if it is meant"};
  if (code == CURLE_OPERATION_TIMEDOUT)
    return {"timeout",
            "there was no whole answer within " + core::to_text(request_.timeout) + " (" +
                std::to_string(header_bytes_ + body_bytes_) + " bytes had come)",
            origin_, "check that the other side is up, or allow more time", true};
  const auto reason = printable(error_text_[0] != '\0' ? error_text_.data() : curl_easy_strerror(code));
  const bool distrusted = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
  return {"unreachable", "there was no answer: " + reason, origin_,
          distrusted ? "check the certificate of the other side, and that its authority is trusted on this machine"
                     : "check that the other side is up and speaks HTTP at this address",
          !distrusted};
}

}  // namespace penstock::runtime
