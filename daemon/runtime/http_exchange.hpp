// One HTTP exchange over a libcurl handle: what is set, what is received, and what its failure means.
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>

#include "daemon/runtime/descriptor.hpp"
#include "plugins/sdk/http.hpp"

namespace penstock::runtime {

// Scheme, host and port of an http or https URL without credentials; Problem "bad-url" for any other.
core::Result<std::string> origin_of(const std::string& url);

class Exchange {
 public:
  // `request` outlives the exchange.
  Exchange(const sdk::HttpRequest& request, std::string origin) : request_(request), origin_(std::move(origin)) {}
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Blocks, at most for the time-out of the request. The handle refers to this exchange until it is reset.
  core::Result<sdk::HttpResponse> perform(CURL* handle);

 private:
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* exchange);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* exchange);
  static curl_socket_t on_socket(void* exchange, curlsocktype purpose, curl_sockaddr* address);

  core::Result<void> add_headers();
  core::Result<void> open_file();
  void set_bounds(CURL* handle);
  void set_request(CURL* handle);
  bool take_body(std::string_view piece);
  bool take_header(std::string_view line);
  core::Problem problem_of(CURLcode code) const;

  const sdk::HttpRequest& request_;
  std::string origin_;
  sdk::HttpResponse response_;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_{nullptr, &curl_slist_free_all};
  Descriptor file_;
  bool whole_ = false;
  std::size_t body_bytes_ = 0;
  std::size_t header_bytes_ = 0;
  std::string refused_address_;
  bool address_tried_ = false;
  int file_error_ = 0;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
};

}  // namespace penstock::runtime
