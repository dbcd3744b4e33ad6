#include "daemon/runtime/http_client.hpp"

#include <curl/curl.h>

#include <array>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "daemon/runtime/http_exchange.hpp"

namespace penstock::runtime {
namespace {

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

void start_libcurl() {
  static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error("libcurl cannot be started");
}

}  // namespace

// Handles that are not in use, each with its kept-alive connections; apart for requests that may reach private
// addresses, because an address is checked when a connection is made and not when it is used again.
class HttpClient::Handles {
 public:
  Handles() { start_libcurl(); }

  Handle take(bool allow_private) {
    {
      const std::lock_guard lock(mutex_);
      auto& idle = idle_[allow_private ? 1 : 0];
      if (!idle.empty()) {
        auto handle = std::move(idle.back());
        idle.pop_back();
        return handle;
      }
    }
    Handle made(curl_easy_init(), &curl_easy_cleanup);
    if (!made) throw std::bad_alloc();
    return made;
  }

  void give_back(Handle handle, bool allow_private) {
    // Options go, connections stay.
    curl_easy_reset(handle.get());
    const std::lock_guard lock(mutex_);
    auto& idle = idle_[allow_private ? 1 : 0];
    if (idle.size() < most_idle) idle.push_back(std::move(handle));
  }

 private:
  // As many as there may be threads that send at once; each holds a few sockets at most.
  static constexpr std::size_t most_idle = 32;
  std::mutex mutex_;
  std::array<std::vector<Handle>, 2> idle_;
};

HttpClient::HttpClient() : handles_(std::make_unique<Handles>()) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

core::Result<sdk::HttpResponse> HttpClient::send(const sdk::HttpRequest& request) {
  auto origin = origin_of(request.url);
  if (!origin) return origin.error();
  auto handle = handles_->take(request.allow_private);
  Exchange exchange(request, std::move(*origin));
  auto response = exchange.perform(handle.get());
  handles_->give_back(std::move(handle), request.allow_private);
  return response;
}

}  // namespace penstock::runtime
