#include "daemon/runtime/http_client.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace penstock::runtime {
namespace {

using core::Problem;

// The URL without credentials and query: either may hold a secret.
std::string shown(const std::string& url) {
  auto text = url.substr(0, url.find_first_of("?#"));
  const auto host = text.find("://");
  const auto at = text.rfind('@', text.find('/', host == std::string::npos ? 0 : host + 3));
  if (host != std::string::npos && at != std::string::npos && at > host) text.erase(host + 3, at - host - 2);
  return text.substr(0, 300);
}

// One exchange: what libcurl's callbacks write to.
struct Exchange {
  const sdk::HttpRequest& request;
  sdk::HttpResponse response;
  int file = -1;
  std::size_t received = 0;
  std::size_t header_bytes = 0;
  bool too_large = false;
  bool file_failed = false;
  bool address_refused = false;
};

constexpr std::size_t most_header_bytes = 64 << 10;

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const auto bytes = size * count;
  exchange.received += bytes;
  if (exchange.received > exchange.request.max_body) {
    exchange.too_large = true;
    return 0;
  }
  if (exchange.file < 0) {
    exchange.response.body.append(data, bytes);
    return bytes;
  }
  for (std::size_t done = 0; done < bytes;) {
    const auto written = ::write(exchange.file, data + done, bytes - done);
    if (written <= 0) {
      exchange.file_failed = true;
      return 0;
    }
    done += static_cast<std::size_t>(written);
  }
  return bytes;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const std::string_view line(data, size * count);
  exchange.header_bytes += line.size();
  if (exchange.header_bytes > most_header_bytes) {
    exchange.too_large = true;
    return 0;
  }
  if (line.rfind("HTTP/", 0) == 0) exchange.response.headers.clear();  // after a 100 Continue
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  auto name = trimmed(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  exchange.response.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  return line.size();
}

// Called with the address that is about to be connected to, so that a name that changes its address in between is no
// way around.
curl_socket_t on_open_socket(void* context, curlsocktype, curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(context);
  if (!exchange.request.allow_private && is_private_address(&address->addr)) {
    exchange.address_refused = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

Problem problem_of(CURLcode code, const Exchange& exchange, const char* detail) {
  const auto where = shown(exchange.request.url);
  if (exchange.address_refused)
    return {"address-refused", "the address is a private or local one, which is not allowed here", where,
            "set allow_private where this address is configured, if it is meant", false};
  if (exchange.too_large)
    return {"too-large",
            "the answer is larger than the " + std::to_string(exchange.request.max_body) + " bytes that are read",
            where, "", false};
  if (exchange.file_failed)
    return {"store-full", "the answer could not be written to disk", where, "make space, then retry", true};
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {"bad-url", "not an http or https URL", where, "correct it where it is configured", false};
    case CURLE_OPERATION_TIMEDOUT:
      return {"timeout", "no complete answer within " + core::to_text(exchange.request.timeout), where,
              "is the other side up?", true};
    default:
      return {"unreachable", *detail != '\0' ? detail : curl_easy_strerror(code), where, "is the other side up?", true};
  }
}

bool has_line_break(const std::string& text) {
  return text.find_first_of("\r\n") != std::string::npos || text.find('\0') != std::string::npos;
}

class HeaderList {
 public:
  ~HeaderList() { curl_slist_free_all(list_); }
  void add(const std::string& line) { list_ = curl_slist_append(list_, line.c_str()); }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

void set_up(CURL* handle, Exchange& exchange, const HeaderList& headers, char* error_text) {
  const auto& request = exchange.request;
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, std::max<long>(1, static_cast<long>(request.timeout.count())));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   std::max<long>(1, std::min<long>(10'000, static_cast<long>(request.timeout.count()))));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error_text);
  // A connection that was allowed for one request must not serve another one that allows less.
  curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, request.allow_private ? 0L : 1L);
  if (request.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
             request.method == "PATCH") {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else if (request.method != "GET") {
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  if (!request.basic_auth.empty()) {
    curl_easy_setopt(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    curl_easy_setopt(handle, CURLOPT_USERPWD, request.basic_auth.c_str());
  } else if (!request.bearer_token.empty()) {
    curl_easy_setopt(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    curl_easy_setopt(handle, CURLOPT_XOAUTH2_BEARER, request.bearer_token.c_str());
  }
}

}  // namespace

// Handles that are not in use, with their kept-alive connections.
class HttpClient::Handles {
 public:
  Handles() {
    static const auto initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    static_cast<void>(initialised);
  }
  ~Handles() {
    for (auto* handle : idle_) curl_easy_cleanup(handle);
  }
  CURL* take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return curl_easy_init();
    auto* handle = idle_.back();
    idle_.pop_back();
    return handle;
  }
  void give_back(CURL* handle) {
    // Options go, connections stay.
    curl_easy_reset(handle);
    const std::lock_guard lock(mutex_);
    if (idle_.size() < most_idle) {
      idle_.push_back(handle);
    } else {
      curl_easy_cleanup(handle);
    }
  }

 private:
  static constexpr std::size_t most_idle = 64;
  std::mutex mutex_;
  std::vector<CURL*> idle_;
};

HttpClient::HttpClient() : handles_(std::make_unique<Handles>()) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

core::Result<sdk::HttpResponse> HttpClient::send(const sdk::HttpRequest& request) {
  Exchange exchange{request, {}, -1, 0, 0, false, false, false};
  HeaderList headers;
  for (const auto& [name, value] : request.headers) {
    if (has_line_break(name) || has_line_break(value))
      return Problem{"bad-url", "a header holds a line break", shown(request.url), "", false};
    headers.add(value.empty() ? name + ";" : name + ": " + value);
  }
  headers.add("Expect:");
  if (!request.body_to.empty()) {
    exchange.file = ::open(request.body_to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (exchange.file < 0)
      return Problem{"unwritable", "the file for the answer cannot be made", request.body_to.string(), "", false};
  }
  auto* handle = handles_->take();
  char error_text[CURL_ERROR_SIZE] = {};
  set_up(handle, exchange, headers, error_text);
  const auto code = curl_easy_perform(handle);
  long status = 0;
  curl_off_t microseconds = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle, CURLINFO_TOTAL_TIME_T, &microseconds);
  handles_->give_back(handle);
  if (exchange.file >= 0) ::close(exchange.file);
  if (code != CURLE_OK) return problem_of(code, exchange, error_text);
  exchange.response.status = static_cast<int>(status);
  exchange.response.took = core::Duration(microseconds / 1000);
  return std::move(exchange.response);
}

}  // namespace penstock::runtime
